"""pyright, or basedpyright: in a shadow, because it has no other way to see a draft.

Columns count utf-16 units from zero, ends are exclusive.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.checking.reading import UTF16, severity_of, span_of
from copilot_ls.checking.shadow import root_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site


def _command(site: Site) -> Sequence[str]:
    command = [site.executable, "--outputjson"]
    # The environment of the workspace, which an editor would have told it about.
    for name in (".venv", "venv"):
        python = root_of(site.draft) / name / "bin" / "python"
        if python.exists():
            command += ["--pythonpath", str(python)]
            break
    return [*command, str(site.path)]


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    draft = Path(os.path.realpath(site.path))
    return [
        Diagnostic(
            span_of(site.text, _place(each["range"]["start"]), _place(each["range"]["end"]), unit=UTF16),
            str(each["message"]),
            "Pyright",
            str(each.get("rule", "")),
            severity_of(str(each["severity"])),
        )
        for each in json.loads(ran.stdout)["generalDiagnostics"]
        if "range" in each and Path(os.path.realpath(each["file"])) == draft
    ]


def _place(position: dict[str, int]) -> tuple[int, int]:
    return position["line"], position["character"]


TOOL = Tool(
    name="pyright",
    executables=("pyright", "basedpyright"),
    languages=frozenset({"python"}),
    configured_by=("pyrightconfig.json", "pyproject.toml:[tool.pyright", "pyproject.toml:[tool.basedpyright"),
    delivery="shadow",
    command=_command,
    read=_read,
    project_folders=(".venv/bin", "venv/bin", "node_modules/.bin"),
)
