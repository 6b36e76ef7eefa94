"""ruff: through standard input, with the file's real path, so that its settings are those of the file.

Columns count code points from one, ends are exclusive.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from copilot_ls.checking.reading import span_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site


def _command(site: Site) -> Sequence[str]:
    return (
        site.executable, "check", "--output-format=json", "--no-cache", "--no-fix", "--exit-zero", "--quiet",
        "--stdin-filename", str(site.path), "-",
    )  # fmt: skip


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    return [
        Diagnostic(
            span_of(
                site.text,
                (each["location"]["row"] - 1, each["location"]["column"] - 1),
                (each["end_location"]["row"] - 1, each["end_location"]["column"] - 1),
            ),
            str(each["message"]),
            "Ruff",
            # Older ones have no code for a syntax error.
            str(each["code"] or "invalid-syntax"),
            "error" if each["code"] in (None, "invalid-syntax", "F821") else "warning",
        )
        for each in json.loads(ran.stdout)
    ]


TOOL = Tool(
    name="ruff",
    executables=("ruff",),
    languages=frozenset({"python"}),
    configured_by=("ruff.toml", ".ruff.toml", "pyproject.toml:[tool.ruff"),
    delivery="stdin",
    command=_command,
    read=_read,
    project_folders=(".venv/bin", "venv/bin"),
)
