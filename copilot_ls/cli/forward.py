"""Forwards statistics to the user's own OpenTelemetry collector: `copilot-ls telemetry forward`.

The server starts it where `telemetry.otlp_endpoint` is set, holds its standard input, and so ends it with itself; one
runs on a machine at a time (a file lock), others wait for it to end. Of low priority, and in no hurry: what cannot be
sent is tried again, later each time. What it does stands in `otlp-status.json`, which `telemetry status` reads.
Leaves reading and sending to `copilot_ls_telemetry.otlp`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from copilot_ls.config.stores_settings import TelemetrySettings

_NICENESS = 10
_LONGEST_PAUSE_S = 900.0
_LOCK_LOOKS_S = 5.0
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")


def forward(arguments: argparse.Namespace) -> int:
    """Forward until interrupted, or until standard input ends with `--with-server`; with `--once`, what there is."""
    settings = _settings()
    problem = _problem(settings)
    if problem:
        _note(problem=problem)
        print(f"copilot-ls telemetry forward: {problem}", file=sys.stderr)
        return 2
    over = threading.Event()
    if arguments.with_server:
        threading.Thread(target=_wait_for_server, args=(over,), daemon=True).start()
        if hasattr(os, "nice"):
            os.nice(_NICENESS)
    lock = _Lock(_folder() / "otlp.lock")
    while not lock.take():
        if arguments.once:
            print("copilot-ls telemetry forward: a server's is at work already; nothing is left to do", file=sys.stderr)
            return 1
        if over.wait(_LOCK_LOOKS_S):
            return 0
    try:
        return _forward(over, settings, once=arguments.once)
    except KeyboardInterrupt:
        return 0
    finally:
        lock.release()


def status() -> dict[str, Any] | None:
    """What forwarding did last: `endpoint`, `sent_at`, `problem`; None where it never ran."""
    try:
        told = json.loads((_folder() / "otlp-status.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _forward(over: threading.Event, settings: TelemetrySettings, *, once: bool) -> int:
    from copilot_ls_telemetry.otlp.forwarding import Forwarder, SendError
    from copilot_ls_telemetry.otlp.sending import Sender
    from copilot_ls_telemetry.store import StoreError

    from copilot_ls import __version__
    from copilot_ls.cli.telemetry import database_path

    endpoint = settings.otlp_endpoint or ""
    sender = Sender(endpoint, version=__version__, spans=settings.otlp_spans, now_ns=time.time_ns)
    forwarder = Forwarder(database_path(), _folder() / "otlp.json", sender.send)
    pause_s, n_failed = float(settings.otlp_interval_s), 0
    try:
        while True:
            try:
                n_read = forwarder.forward()
                n_failed = 0
                _note(endpoint=endpoint, sent_at=time.time(), problem=None)
            except (SendError, StoreError, OSError) as error:
                n_failed += 1
                _note(endpoint=endpoint, problem=str(error))
                if once:
                    print(f"copilot-ls telemetry forward: {error}", file=sys.stderr)
                    return 1
            if once:
                print(f"{n_read} events forwarded to {endpoint}")
                return 0
            if over.wait(min(pause_s * 2**n_failed, max(_LONGEST_PAUSE_S, pause_s))):
                return 0
            if _settings() != settings:
                return 0  # the server, or the user, starts another if it is still wanted
    finally:
        sender.close()


def _problem(settings: TelemetrySettings) -> str | None:
    """What stands in the way, and what mends it."""
    endpoint = settings.otlp_endpoint
    if endpoint is None:
        return (
            f"there is nowhere to forward to; set `otlp_endpoint` below [telemetry] in {_config_file()} to the address "
            'of your collector, for example "http://127.0.0.1:4318"'
        )
    if not settings.enable:
        return "nothing is recorded, so that nothing is forwarded (telemetry.enable = false)"
    host = endpoint.partition("://")[2].partition("/")[0]
    is_loopback = any(host == name or host.startswith(f"{name}:") for name in _LOOPBACK)
    if endpoint.startswith("http://") and not is_loopback and any(os.environ.get(name) for name in _HEADERS):
        return f"{endpoint} would get the headers of {_HEADERS[0]} in clear; use https, or a collector on this machine"
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.sdk  # noqa: F401 - whether they are there
    except ImportError:
        return "OpenTelemetry's SDK is not installed: pip install 'copilot-ls[otlp]'"
    return None


def _settings() -> TelemetrySettings:
    from copilot_ls.config.load import load

    return load(user_file=_config_file(), workspace_roots=[], editor=None).settings.telemetry


def _config_file() -> Path:
    from copilot_ls.config.paths import config_dir

    return config_dir() / "config.toml"


def _folder() -> Path:
    from copilot_ls.config.paths import state_dir

    return state_dir()


def _note(**news: Any) -> None:  # noqa: ANN401 - JSON
    """Keep what is new for `telemetry status`; what cannot be kept costs a line there."""
    from contextlib import suppress

    from copilot_ls_telemetry.otlp.forwarding import replace_private

    with suppress(OSError):
        replace_private(_folder() / "otlp-status.json", json.dumps({**(status() or {}), **news}))


def _wait_for_server(over: threading.Event) -> None:
    """Standard input is the server's: it ends with it, however that ends."""
    while sys.stdin.buffer.read(4096):
        pass
    over.set()


class _Lock:
    """A lock that goes with its process, whatever ends it."""

    def __init__(self, file: Path) -> None:
        from copilot_ls.config.paths import private_dir

        private_dir(file.parent)
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> bool:
        """Whether it is ours now."""
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Let the next have it."""
        os.close(self._descriptor)
