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

_FILTERED = re.compile(r"content.?(?:filter|management policy)", re.IGNORECASE)

_BAD_REQUEST, _NOT_FOUND, _TIMED_OUT, _TOO_LARGE, _TOO_MANY = 400, 404, 408, 413, 429
KEY_REFUSED = frozenset({401, 403})
# Services that begin an answer with success, and then say this within it, mean the status all the same.
_STATUS_OF = {
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
    "overloaded": 503,
    "overloaded_error": 529,
    429: 429,
    503: 503,
    529: 529,
}


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
    if not text.startswith(("{", "[")):
        return "" if text.startswith("<") else text
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return message_in(parsed)


def message_in(parsed: object) -> str:
    """The message of a parsed error body: `error.message`, `error`, `message` or `detail`, in a list or not."""
    if isinstance(parsed, list):
        return message_in(parsed[0]) if parsed else ""
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
    setting = f"backend.{backend}"
    if 300 <= status < 400:  # noqa: PLR2004 - the class of redirections
        where = location_host or "elsewhere"
        what = f" and redirects to {where}; redirects are not followed: set {setting}.url to it"
        fault = f"http_{status}"
    elif status in KEY_REFUSED:
        fault, what = f"http_{status}", f": {_about_key(setting, key_where, key)}"
    else:
        fault, what = _by_words(setting, model, status, said) or (
            f"http_{status}",
            _by_status(setting, status, pause_s),
        )
    message = f"backend {backend}: {host} answered {status}{what}.{quote(said, key=key, sent=sent)}"
    return StatusError(message, backend=backend, fault=fault, status=status, said=said, retry_after_s=pause_s)


def _by_words(setting: str, model: str, status: int, said: str) -> tuple[str, str] | None:
    """The fault that the server's own words are about, and what to do; None where only the status tells."""
    if status in {_BAD_REQUEST, _NOT_FOUND} and _MODEL_UNKNOWN.search(said):
        what = f": it has no model {model!r}; set {setting}.model to one that it lists, or load that model there"
        return "model_not_found", what
    if status >= 500:  # noqa: PLR2004 - the class of server errors
        return None
    if _TOO_LONG.search(said):
        return "context_length", ": the prompt is longer than the model's window; lower context.budget_tokens"
    if _FILTERED.search(said):
        return "content_filter", ": its filter of contents does not let this prompt through"
    return None


def _by_status(setting: str, status: int, pause_s: float | None) -> str:
    """What a status means that says no more."""
    if status == _NOT_FOUND:
        return f": there is no such address; check {setting}.url (its path) and {setting}.kind"
    if status == _TIMED_OUT:
        return ": it waited too long for the request, or for the model"
    if status == _TOO_LARGE:
        return ": the request is larger than it takes; lower context.budget_tokens"
    if status == _TOO_MANY:
        wait = f" for {pause_s:.0f} s" if pause_s is not None else ""
        return f": too many requests; it is asking for a pause{wait}"
    if status >= 500:  # noqa: PLR2004 - the class of server errors
        return ": the server failed or is still loading the model; its own log says more"
    return f": it does not accept the request; check {setting}.kind and {setting}.options"


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
    backend: str, host: str, parsed: object, *, key: str | None, sent: Sequence[str]
) -> BackendProtocolError | BackendRefusedError:
    """The error for one that the server reports in the midst of its answer, in a message or a bare text."""
    said = parsed if isinstance(parsed, str) else message_in(parsed)
    quoted = quote(said, key=key, sent=sent)
    status = _status_in(parsed)
    if status is not None:
        return BackendRefusedError(
            f"backend {backend}: {host} broke off its answer, as with status {status}: it asks for a pause.{quoted}",
            backend=backend,
            fault=f"http_{status}",
        )
    return BackendProtocolError(
        f"backend {backend}: {host} broke off its answer with an error.{quoted}", backend=backend, fault="stream_error"
    )


def _status_in(parsed: object) -> int | None:
    """The status that a reported error stands for, where it is one that asks for a pause."""
    if not isinstance(parsed, dict):
        return None
    error = parsed.get("error")
    facts = [parsed.get("error_type")]
    if isinstance(error, dict):
        facts += [error.get("type"), error.get("status"), error.get("code")]
    return next((_STATUS_OF[fact] for fact in facts if isinstance(fact, str | int) and fact in _STATUS_OF), None)
