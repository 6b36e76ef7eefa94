"""Run the language server, as editors do: over standard input and output, or on a loopback port."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

SUMMARY = "run the language server"

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--stdio`, `--tcp`, and what clients add on their own."""
    parser.add_argument("--stdio", action="store_true", help="serve standard input and output (the default)")
    parser.add_argument("--tcp", metavar="HOST:PORT", help="serve clients on a loopback address instead")
    parser.add_argument("--clientProcessId", type=int, metavar="PID", help="accepted and ignored: initialize says it")


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client is gone."""
    if arguments.tcp is None:
        return over_stdio()
    host, _, port = arguments.tcp.rpartition(":")
    host = host.strip("[]")
    if host not in _LOOPBACK or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - the largest port
        print(
            f"copilot-ls serve: --tcp {arguments.tcp!r} is not a loopback address and a port; "
            "use for example --tcp 127.0.0.1:9257",
            file=sys.stderr,
        )
        return 2
    from copilot_ls.lsp import server

    return server.serve_tcp(host, int(port))


def over_stdio() -> int:
    """Serve standard input and output."""
    import gc

    gc.disable()  # a third of the time of importing is collecting what cannot be garbage; `server` turns it on again
    from copilot_ls.lsp import server

    return server.serve_stdio()
