"""A command that the user gives, such as `--check "make lint"`: in a shadow, split into words, without a shell.

It is satisfied when it ends with 0. Otherwise its lines `file:line:column: message` about the draft are diagnostics, or
else its last words are one. `{file}` in a word stands for the draft. Called by `registry`.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from copilot_ls.checking.listing import entries
from copilot_ls.checking.reading import CODE_POINTS, span_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic
from copilot_ls.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site

_MAX_STATUS = 256
_N_LAST_LINES = 5
# What a shell says where a command is not there or cannot be run.
_NOT_RUN = (126, 127)


def tool_of(command: str) -> Tool:
    """The checker that a command line is. Raises SettingsError where it is none."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise SettingsError(f"{command!r} is not a command line: {error}") from error
    if not words:
        raise SettingsError("the command line of a check is empty; for example 'ruff check {file}'")

    def line(site: Site) -> Sequence[str]:
        return site.executable, *(word.replace("{file}", str(site.path)) for word in words[1:])

    return Tool(
        name=" ".join(words),
        executables=(words[0],),
        languages=frozenset(),
        configured_by=(),
        delivery="shadow",
        command=line,
        read=_read,
        statuses=frozenset(range(_MAX_STATUS)).difference(_NOT_RUN),
    )


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    if ran.status == 0:
        return []
    said = "\n".join(stream.decode("utf-8", "replace") for stream in (ran.stdout, ran.stderr))
    found = [
        Diagnostic(
            span_of(site.text, (each.line, each.column or 0), unit=CODE_POINTS),
            each.message,
            "check",
            "",
            each.severity,
        )
        for each in entries(said, (site.path,), site.folder)
    ]
    if found:
        return found
    words = [line.strip() for line in said.splitlines() if line.strip()][-_N_LAST_LINES:]
    message = "\n".join([f"the check ended with status {ran.status}", *words])
    return [Diagnostic(span_of(site.text, (0, 0)), message, "check", str(ran.status))]
