"""A page as markdown, with tables that can be read as they are. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.evaluation.report.page import Bars, Command, Table

if TYPE_CHECKING:
    from copilot_ls.evaluation.report.page import Page

# What would be markup: names of repositories, backends and models are anybody's.
_MARKUP = re.compile(r"([\\`*_\[\]<>|#!])")


def markdown(page: Page) -> str:
    """The page as one text."""
    blocks = [f"# {_plain(page.title)}", _plain(page.lead)]
    for section in page.sections:
        blocks.append(f"## {_plain(section.heading)}")
        for part in section.parts:
            if isinstance(part, Table):
                blocks.append(_table(part))
            elif isinstance(part, Command):
                blocks.append("    " + " ".join(part.line.split()))
            elif isinstance(part, tuple):
                blocks.append("\n".join(f"- {_plain(each)}" for each in part))
            elif not isinstance(part, Bars):
                blocks.append(_plain(part))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _table(table: Table) -> str:
    rows = [tuple(map(_plain, row)) for row in (table.header, *table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.header))]
    lines = [
        "| "
        + " | ".join(
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 1) + ("-" if not at else ":") for at, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
