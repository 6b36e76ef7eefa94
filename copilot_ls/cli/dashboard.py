"""Show the statistics as a page in your browser: served on this machine, to this machine, while the command runs.

The page's address holds a token that only you are shown. Nothing is loaded from anywhere else, and nothing is written.
Ends with Ctrl-C.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from copilot_ls.cli.databases import add_from, of_several

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

SUMMARY = "show the statistics as a page in your browser"

_LOOPBACK = "127.0.0.1"
_PERIODS_S = {"day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400, "all": None}
# No page of anybody else's may frame, read or feed this one, and it may load nothing but its own files.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the port and whether to open a browser."""
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="port on 127.0.0.1 (default: a free one)")
    add_from(parser)
    parser.add_argument("--no-open", action="store_true", help="print the address, open no browser")
    parser.add_argument(
        "--reached-as",
        metavar="HOST[:PORT]",
        help="answer under this name as well: what an editor's port forwarding makes of the address",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; returns the exit status."""
    from copilot_ls.cli.telemetry import database_path

    if arguments.sources:
        return of_several("dashboard", run, arguments)
    try:
        server = DashboardServer(
            arguments.database or database_path(), port=arguments.port, reached_as=arguments.reached_as
        )
    except OSError as error:
        print(
            f"copilot-ls dashboard: port {arguments.port} cannot be used ({error.strerror or error}); choose another "
            "with --port, or leave it out",
            file=sys.stderr,
        )
        return 1
    print(f"Statistics at {server.url}\nOnly this machine can read it. Ctrl-C ends it.", flush=True)
    if not arguments.no_open:
        import webbrowser

        webbrowser.open(server.url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


class DashboardServer(ThreadingHTTPServer):
    """Serves the page of one database at `url`, on loopback alone.

    `reached_as` is the host that a browser names when it comes through a port that somebody forwards.
    """

    daemon_threads = True

    def __init__(self, database: Path, *, port: int = 0, reached_as: str | None = None) -> None:
        self.database = database
        self.reached_as = reached_as
        self.token = secrets.token_urlsafe(24)
        super().__init__((_LOOPBACK, port), _Handler)

    @property
    def url(self) -> str:
        """The page's address, the token in its path so that it is in the address of all that belongs to the page."""
        return f"http://{_LOOPBACK}:{self.server_address[1]}/{self.token}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the midst is no fault."""


class _Handler(BaseHTTPRequestHandler):
    server: DashboardServer
    server_version = "copilot-ls"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Answer with a file of the page, or data."""
        port = self.server.server_address[1]
        # A page elsewhere whose name was made to mean this machine says its own name here.
        names = {f"{_LOOPBACK}:{port}", f"localhost:{port}", self.server.reached_as or f"{_LOOPBACK}:{port}"}
        if self.headers.get("Host") not in names:
            self._answer(421, "text/plain", b"this page is at 127.0.0.1\n")
            return
        parts = urlsplit(self.path)
        token, _, name = parts.path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()):
            self._answer(404, "text/plain", b"not found; `copilot-ls dashboard` prints the address\n")
            return
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if name == "data.json":
            self._data(query)
        elif name == "tail.json":
            self._tail(query)
        else:
            self._asset(name or "index.html")

    def _asset(self, name: str) -> None:
        from copilot_ls_telemetry.page import asset

        found = asset(name)
        if found is None:
            self._answer(404, "text/plain", b"not found\n")
        else:
            self._answer(200, *found)

    def _data(self, query: dict[str, str]) -> None:
        from copilot_ls_telemetry.page import page_data

        period = query.get("period", "all")
        if period not in _PERIODS_S:
            self._json(400, {"error": f"no period {period!r}; there are {', '.join(_PERIODS_S)}"})
            return
        seconds = _PERIODS_S[period]
        self._from_store(lambda: page_data(self.server.database, since=time.time() - seconds if seconds else None))

    def _tail(self, query: dict[str, str]) -> None:
        from copilot_ls_telemetry.page import tail

        after = query.get("after", "0")
        if not after.isdigit() or len(after) > 18:  # noqa: PLR2004 - what SQLite's integers hold
            self._json(400, {"error": f"'after' is the id of an event, not {after[:40]!r}"})
            return
        self._from_store(lambda: {"events": tail(self.server.database, after=int(after))})

    def _from_store(self, work: Any) -> None:  # noqa: ANN401 - a function that reads
        from copilot_ls_telemetry.store import NothingRecordedError, StoreError

        try:
            self._json(200, work())
        except NothingRecordedError:
            self._json(200, {"empty": True, "events": []})
        except (StoreError, OSError) as error:
            self._json(500, {"error": str(error)})

    def _json(self, status: int, value: object) -> None:
        self._answer(status, "application/json", json.dumps(value).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing: the address holds the token."""


def _port(word: str) -> int:
    import argparse

    if not word.isdigit() or not int(word) < 65536:  # noqa: PLR2004 - there are no more ports
        raise argparse.ArgumentTypeError(f"{word!r} is no port; give a number from 0 (a free one) to 65535")
    return int(word)
