"""What a model server's refusal means, in one sentence that says what to do about it.

A server may echo the request in its error, so that what it said is quoted only as far as it holds neither the key nor
source text. Leaves connections and deadlines to `_http`. Called by `_http` and the backends over HTTP.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from copilot_ls.errors import BackendProtocolError, BackendRefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_QUOTED = 160
# What the server says is not quoted when this many letters and digits in a row, whatever stands between them (an echo
# may be escaped, indented or joined), stand in the request too.
_ECHO = 12
_BETWEEN = re.compile(r"(?:\\[nrt]|[\W_])+")

_MODEL_UNKNOWN = re.compile(
    r"models?\b.{0,120}?\b(?:not found|does not exist|not exist|no such|not available|unknown|invalid)"
    r"|(?:unknown|invalid|no such) model|^model: \S+$",
    re.IGNORECASE | re.DOTALL,
)
_TOO_LONG = re.compile(r"context (?:length|window|size)|maximum context|too long|exceeds? the available", re.IGNORECASE)

# Longer pauses are as good as none at all: who asks for one is asked again next day.
_LONGEST_PAUSE_S = 86_400.0

_BAD_REQUEST, _NOT_FOUND, _TOO_MANY = 400, 404, 429
KEY_REFUSED = frozenset({401, 403})


class StatusError(BackendRefusedError):
    """A status that is not success. `said` is the server's own message: for decisions, never for logs."""

    def __init__(
        self, message: str, *, backend: str, fault: str, status: int, said: str, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, backend=backend, fault=fault, retry_after_s=retry_after_s)
        self.status = status
        self.said = said


def said_by(body: bytes) -> str:
    """The message in an error body, of whichever shape; empty when it has none."""
    text = body.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return "" if text.startswith("<") else text
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return message_in(parsed)


def message_in(parsed: object) -> str:
    """The message of a parsed error body: `error.message`, `error`, `message` or `detail`."""
    for key in ("error", "message", "detail"):
        if isinstance(parsed, dict) and parsed.get(key):
            value = parsed[key]
            if isinstance(value, list):
                return "; ".join(filter(None, map(_validation, value[:4])))
            return value if isinstance(value, str) else message_in(value)
    return ""


def _validation(entry: object) -> str:
    """An entry of a list of validation errors, `{"loc": […], "msg": …, "input": …}`, without the input."""
    if not isinstance(entry, dict):
        return ""
    place = entry.get("loc")
    field = str(place[-1]) if isinstance(place, list) and place else ""
    return f"{field}: {entry.get('msg')}"


def quote(said: str, *, key: str | None, sent: Sequence[str]) -> str:
    """What the server said, as ` The server said: "…"`, or nothing where that would carry the key or source text."""
    line = " ".join(said.split())[:_MAX_QUOTED]
    if not line or (key and (key in said or key[:8] in line)):
        return ""
    bare = _BETWEEN.sub("", line)
    bare_sent = [_BETWEEN.sub("", text) for text in sent]
    if any(bare[at : at + _ECHO] in text for text in bare_sent for at in range(len(bare) - _ECHO + 1)):
        return ""
    return f' The server said: "{line}"'


def refused(
    *,
    backend: str,
    host: str,
    model: str,
    status: int,
    body: bytes,
    location_host: str,
    retry_after: str,
    key_where: str,
    key: str | None,
    sent: Sequence[str],
) -> StatusError:
    """The error for a status that is not success."""
    said = said_by(body)
    pause_s = pause_in(retry_after)
    fault = f"http_{status}"
    who = f"backend {backend}: {host} answered {status}"
    setting = f"backend.{backend}"
    if 300 <= status < 400:  # noqa: PLR2004 - the class of redirections
        what = f" and redirects to {location_host or 'elsewhere'}; redirects are not followed: set {setting}.url to it"
    elif status in KEY_REFUSED:
        what = f": {_about_key(setting, key_where, key)}"
    elif _MODEL_UNKNOWN.search(said) and status in {_BAD_REQUEST, _NOT_FOUND}:
        fault = "model_not_found"
        what = f": it has no model {model!r}; set {setting}.model to one that it lists, or load that model there"
    elif _TOO_LONG.search(said) and 400 <= status < 500:  # noqa: PLR2004 - the class of client errors
        fault = "context_length"
        what = ": the prompt is longer than the model's window; lower context.budget_tokens"
    elif status == _NOT_FOUND:
        what = f": there is no such address; check {setting}.url (its path) and {setting}.kind"
    elif status == _TOO_MANY:
        wait = f" for {pause_s:.0f} s" if pause_s is not None else ""
        what = f": too many requests; it is asking for a pause{wait}"
    elif status >= 500:  # noqa: PLR2004 - the class of server errors
        what = ": the server failed or is still loading the model; its own log says more"
    else:
        what = f": it does not accept the request; check {setting}.kind and {setting}.options"
    message = f"{who}{what}.{quote(said, key=key, sent=sent)}"
    return StatusError(message, backend=backend, fault=fault, status=status, said=said, retry_after_s=pause_s)


def pause_in(retry_after: str) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date; None for anything else."""
    from email.utils import parsedate_to_datetime

    text = retry_after.strip()
    with suppress(ValueError):
        seconds = float(text)
        return min(seconds, _LONGEST_PAUSE_S) if seconds >= 0 else None
    with suppress(ValueError, TypeError, OverflowError):
        seconds = parsedate_to_datetime(text).timestamp() - time.time()
        return min(max(seconds, 0.0), _LONGEST_PAUSE_S)
    return None


def _about_key(setting: str, key_where: str, key: str | None) -> str:
    if not key_where:
        return f"it wants a key; name the environment variable that holds it in {setting}.api_key_env"
    if not key:
        return f"{key_where} holds no key"
    return f"it does not accept the key in {key_where}"


def said_within_stream(
    backend: str, host: str, said: str, *, key: str | None, sent: Sequence[str]
) -> BackendProtocolError:
    """The error for one that the server reports in the midst of its answer."""
    quoted = quote(said, key=key, sent=sent)
    return BackendProtocolError(
        f"backend {backend}: {host} broke off its answer with an error.{quoted}", backend=backend, fault="stream_error"
    )
