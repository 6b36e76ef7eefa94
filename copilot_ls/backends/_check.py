"""What every backend over HTTP does for `doctor`: is it there, has it the model, does filling in the middle work.

Called by the backends' `check`.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from copilot_ls.backends.base import BackendCheck, CompletionRequest
from copilot_ls.errors import BackendError, BackendUnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from copilot_ls.backends.base import Backend

_PREFIX = "def add(a, b):\n    return "
_SUFFIX = "\n\nprint(add(1, 2))\n"
_EXPECTED = "a+b"
# Long enough for a model that begins with a blank or two, short enough for a CPU.
_MAX_TOKENS = 24


async def check(
    backend: Backend,
    list_models: Callable[[], Awaitable[Sequence[str]]],
    *,
    host: str,
    how: Callable[[], str],
    clock: Callable[[], float] = time.perf_counter,
) -> BackendCheck:
    """Ask for the models and for one tiny middle. `how` says afterwards in what way the server was asked."""
    details = {"server": host, "model": backend.model or "(the server's own)"}
    models: Sequence[str] = ()
    try:
        models = await list_models()
        details["models"] = ", ".join(models[:8]) + (" …" if len(models) > 8 else "")  # noqa: PLR2004 - a line's worth
        details["model_listed"] = "yes" if _has(models, backend.model) else "no"
    except BackendUnreachableError as error:
        return BackendCheck(False, None, None, str(error), details | {"fault": error.fault})
    except BackendError as error:  # not every server lists its models
        details["models"] = f"not listed ({error.fault})"

    request = CompletionRequest("add.py", "python", _PREFIX, _SUFFIX, max_tokens=_MAX_TOKENS)
    started = clock()
    first_ms: float | None = None
    text = ""
    try:
        async with aclosing(backend.complete(request)) as chunks:
            async for chunk in chunks:
                if chunk.text and first_ms is None:
                    first_ms = (clock() - started) * 1000
                text += chunk.text
    except BackendError as error:
        message = str(error)
        if models and not _has(models, backend.model):
            message += f" It lists: {details['models']}."
        return BackendCheck(
            not isinstance(error, BackendUnreachableError), False, None, message, details | {"fault": error.fault}
        )
    total_ms = (clock() - started) * 1000
    details |= {"asked_by": how(), "total_ms": f"{total_ms:.0f}"}
    if first_ms is not None:
        details["first_token_ms"] = f"{first_ms:.0f}"
    works = "".join(text.split()).startswith((_EXPECTED, "b+a", "(" + _EXPECTED))
    if works:
        message = "fills in the middle"
    elif text.strip():
        message = "answers, but not with the middle of a simple function; is the model made for completing code?"
    else:
        message = "answers with nothing; is the model made for completing code?"
    return BackendCheck(True, works, total_ms, message, details)


def _has(models: Sequence[str], model: str) -> bool:
    return not model or any(model in {name, name.removesuffix(":latest")} for name in models)
