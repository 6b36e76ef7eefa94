"""The exception tree of copilot-ls.

    CopilotLsError
    ├── SettingsError          a setting that cannot be used at all
    ├── IndexUnavailableError  the workspace index cannot be opened or read
    └── BackendError           a backend could not answer; `fault` says which way
        ├── BackendRefusedError    it answered no: status, authentication, unknown model
        ├── BackendUnreachableError  no connection: refused, DNS, TLS, proxy
        ├── BackendTimeoutError    a deadline passed
        └── BackendProtocolError   it answered something that the protocol does not allow

Each message names the thing, the value, what was expected and what mends it. Messages never carry keys or source text.
Called by every layer; it imports none of them.
"""

from __future__ import annotations


def place_of(error: BaseException) -> str:
    """Type and innermost place of an unexpected error, for a log: its message might quote source text."""
    frame, line = None, 0
    trace = error.__traceback__
    while trace is not None:
        frame, line, trace = trace.tb_frame, trace.tb_lineno, trace.tb_next
    if frame is None:
        return type(error).__name__
    return f"{type(error).__name__} in {frame.f_globals.get('__name__', '?')}:{line}"


class CopilotLsError(Exception):
    """Base of everything that copilot-ls raises on purpose."""


class SettingsError(CopilotLsError):
    """A setting that cannot be used at all."""


class IndexUnavailableError(CopilotLsError):
    """The workspace index cannot be opened or read."""


class BackendError(CopilotLsError):
    """A backend could not answer.

    `fault` is a short stable name (`refused`, `http_401`, `timeout_first_byte`, `bad_json`, …): telemetry counts by it.
    `retry_after_s` is the pause that the backend asked for, None where it asked for none.
    """

    def __init__(self, message: str, *, backend: str, fault: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.backend = backend
        self.fault = fault
        self.retry_after_s = retry_after_s


class BackendRefusedError(BackendError):
    """The backend answered no: a status, a missing key, an unknown model."""


class BackendUnreachableError(BackendError):
    """No connection could be made: refused, DNS, TLS, proxy."""


class BackendTimeoutError(BackendError):
    """A deadline passed: connecting, first byte, between bytes, or in all."""


class BackendProtocolError(BackendError):
    """The backend answered something that its protocol does not allow."""
