"""The `copilot-ls` command: one module per subcommand, imported only when it is called.

A subcommand's module has `SUMMARY` (one line), `add_arguments(parser)` and `run(arguments) -> exit status`. Adding one
means adding the module and its name to `COMMANDS`. Editors start the server as `copilot-ls --stdio` or `copilot-ls
serve`; these spellings skip argparse, because start-up is what an editor's user waits for.
"""

from __future__ import annotations

import contextlib
import errno
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

COMMANDS: dict[str, str] = {
    "serve": "copilot_ls.cli.serve",
    "complete": "copilot_ls.cli.complete",
    "explain": "copilot_ls.cli.explain",
    "fix": "copilot_ls.cli.fix",
    "next-edit": "copilot_ls.cli.next_edit",
    "context": "copilot_ls.cli.context",
    "stats": "copilot_ls.cli.stats",
    "dashboard": "copilot_ls.cli.dashboard",
    "eval": "copilot_ls.cli.evaluate",
    "index": "copilot_ls.cli.index",
    "symbols": "copilot_ls.cli.symbols",
    "doctor": "copilot_ls.cli.doctor",
    "settings": "copilot_ls.cli.settings",
    "trust": "copilot_ls.cli.trust",
    "editor": "copilot_ls.cli.editor",
    "telemetry": "copilot_ls.cli.telemetry",
    "export": "copilot_ls.cli.export",
    "demo": "copilot_ls.cli.demo",
}

# What writing, and nothing else that names no file, fails with when there is no room.
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)})
_SERVE_AT_ONCE: tuple[list[str], ...] = ([], ["--stdio"], ["serve"], ["serve", "--stdio"])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status (2 for a command line that makes no sense)."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[-1:] == ["--stdio"] and any(word.endswith((".js", ".cjs")) for word in words):
        # A client of GitHub's server that lets its user change only what it takes for node.
        words = ["--stdio"]
    if words in _SERVE_AT_ONCE and (words or not sys.stdin.isatty()):
        from copilot_ls.cli import serve

        return serve.over_stdio()
    if words[:1] == ["--stdio"] or (words and words[0].startswith("--clientProcessId")):
        words.insert(0, "serve")
    arguments = _parser(words).parse_args(words)
    run = import_module(COMMANDS[arguments.command]).run
    try:
        status = int(run(arguments))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output, `head` for one, has gone
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            raise
        print(
            f"copilot-ls {arguments.command}: the answer could not be written to standard output ({error.strerror}); "
            "make room there, or send it elsewhere",
            file=sys.stderr,
        )
        _leave_unwritten()
        return 1
    return status


def _leave_unwritten() -> None:
    """What waits for standard output is not tried again, and complained of again, when the interpreter ends."""
    import os

    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    import argparse

    from copilot_ls import __version__

    parser = argparse.ArgumentParser(
        prog="copilot-ls", description="A local-first coding assistant that speaks plain LSP."
    )
    parser.add_argument("--version", action="version", version=f"copilot-ls {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((word for word in words if word in COMMANDS), None)
    for name, module_name in COMMANDS.items():
        if chosen is None or name == chosen:
            module = import_module(module_name)
            module.add_arguments(commands.add_parser(name, help=module.SUMMARY, description=module.__doc__))
        else:
            commands.add_parser(name)
    return parser
