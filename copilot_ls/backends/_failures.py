"""What can go wrong on the way to a model server, in words that name the backend, the host and the setting to look at.

Leaves refusals, which a server words itself, to `_faults`, and the HTTP library's exceptions to `_http`.
Called by `_http` and `_stream`.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from copilot_ls.errors import BackendProtocolError, BackendTimeoutError, BackendUnreachableError

if TYPE_CHECKING:
    from copilot_ls.config.settings import BackendSettings

_SECTIONS = {
    "connect": ("connect_timeout_ms", "no connection"),
    "first_byte": ("first_byte_timeout_ms", "no answer"),
    "idle": ("idle_timeout_ms", "no more of its answer"),
    "total": ("total_timeout_ms", "no complete answer"),
}


class Failures:
    """The failures of one backend on the way to one host."""

    def __init__(self, name: str, host: str, settings: BackendSettings) -> None:
        self.name = name
        self._host = host
        self._settings = settings

    def deadline_s(self, section: str) -> float:
        """The setting for a section of an exchange, in seconds."""
        return int(getattr(self._settings, _SECTIONS[section][0])) / 1000

    def timed_out(self, section: str) -> BackendTimeoutError:
        """The error for a deadline that passed."""
        setting, what = _SECTIONS[section]
        limit = getattr(self._settings, setting)
        return BackendTimeoutError(
            f"backend {self.name}: {what} from {self._host} within {limit} ms (backend.{self.name}.{setting})",
            backend=self.name,
            fault=f"timeout_{section}",
        )

    def unreachable(self, fault: str, what: str) -> BackendUnreachableError:
        """The error for a server that cannot be reached."""
        return BackendUnreachableError(f"backend {self.name}: {what}", backend=self.name, fault=fault)

    def not_connected(self, error: BaseException, *, unknown_name: type[OSError]) -> BackendUnreachableError:
        """The error for a connection that was not made, from what lies beneath it.

        `unknown_name` is the exception for a host name that nobody knows: sockets are the business of `_http` alone.
        """
        host = self._host
        causes = causes_of(error)
        for cause in causes:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return self.unreachable(
                    "tls",
                    f"the certificate of {host} is not trusted ({cause.verify_message}); "
                    f"name its authority in backend.{self.name}.ca_file or SSL_CERT_FILE",
                )
            if isinstance(cause, ssl.SSLError):
                return self.unreachable(
                    "tls", f"{host} does not speak TLS as expected; is backend.{self.name}.url https by mistake?"
                )
            if isinstance(cause, unknown_name):
                return self.unreachable("dns", f"the name {host} is unknown; check backend.{self.name}.url")
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return self.unreachable(
                "refused", f"nothing listens at {host}; start the model server, or check backend.{self.name}.url"
            )
        return self.unreachable("unreachable", f"{host} cannot be reached from this machine")

    def broken(self, fault: str, what: str) -> BackendProtocolError:
        """The error for an answer that is not one."""
        return BackendProtocolError(f"backend {self.name}: {self._host}: {what}", backend=self.name, fault=fault)

    def truncated(self) -> BackendProtocolError:
        """The error for an answer that ended before its end."""
        return self.broken("truncated", "the answer ended without saying that it is complete")


def causes_of(error: BaseException) -> list[BaseException]:
    """An exception, those that it comes from and those that it groups."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or cause in found:
            continue
        found.append(cause)
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
        waiting += [cause.__cause__, cause.__context__]
    return found
