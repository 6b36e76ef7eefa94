"""eslint: through standard input, with the file's real path, so that its settings are those of the file.

Lines and columns count from one, columns in utf-16 units; ends are exclusive, and not always there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from copilot_ls.checking.reading import UTF16, UnreadableOutputError, span_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site
    from copilot_ls.diagnostic import Severity

_ERROR = 2


def _command(site: Site) -> Sequence[str]:
    return site.executable, "--format", "json", "--stdin", "--stdin-filename", str(site.path)


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    files = json.loads(ran.stdout)
    if not files:
        raise UnreadableOutputError("does not check this file: its settings leave it out")
    found = []
    for each in files[0]["messages"]:
        if "line" not in each or each["line"] is None:
            # "File ignored", as a warning of no place.
            raise UnreadableOutputError("does not check this file: its settings leave it out")
        at = (each["line"] - 1, each["column"] - 1)
        ends = each.get("endLine") is not None and each.get("endColumn") is not None
        end = (each["endLine"] - 1, each["endColumn"] - 1) if ends else None
        severity: Severity = "error" if each["severity"] == _ERROR else "warning"
        span = span_of(site.text, at, end, unit=UTF16)
        found.append(Diagnostic(span, str(each["message"]), "eslint", str(each["ruleId"] or ""), severity))
    return found


TOOL = Tool(
    name="eslint",
    executables=("eslint",),
    languages=frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact", "vue", "svelte"}),
    configured_by=(
        *(f"eslint.config.{ending}" for ending in ("js", "mjs", "cjs", "ts", "mts", "cts")),
        *(f".eslintrc{ending}" for ending in ("", ".json", ".js", ".cjs", ".yml", ".yaml")),
        'package.json:"eslintConfig"',
    ),
    delivery="stdin",
    command=_command,
    read=_read,
    project_folders=("node_modules/.bin",),
)
