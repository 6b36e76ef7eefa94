"""mypy: in the workspace itself, with the draft in the place of the file (`--shadow-file`) and a cache of our own.

Lines count from one, columns from zero; see `_span` for their unit. Needs `--output json`, which mypy has since 1.11.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from copilot_ls.checking.reading import BYTES, CODE_POINTS, severity_of, span_of
from copilot_ls.checking.shadow import root_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site
    from copilot_ls.text import Span

_QUOTED = re.compile(r'"([^"]+)"')


def _command(site: Site) -> Sequence[str]:
    real = str(site.draft.path)
    command = [
        site.executable, "--output", "json", "--show-error-end", "--no-error-summary", "--no-color-output",
        "--cache-dir", str(site.scratch / "mypy"), "--shadow-file", real, str(site.path),
    ]  # fmt: skip
    for name in (".venv", "venv"):
        python = root_of(site.draft) / name / "bin" / "python"
        if python.exists():
            command += ["--python-executable", str(python)]
            break
    return [*command, real]


def _environment(_: Site) -> Mapping[str, str]:
    return {"MYPY_FORCE_COLOR": ""}


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    real = os.path.realpath(site.draft.path)
    found: list[Diagnostic] = []
    for line in ran.stdout.decode("utf-8", "replace").splitlines():
        each = json.loads(line)
        if os.path.realpath(site.folder / each["file"]) != real:
            continue
        if each["severity"] == "note" and found and found[-1].span.start.line == each["line"] - 1:
            # What it adds to the one before.
            last = found.pop()
            found.append(Diagnostic(last.span, f"{last.message}\n{each['message']}", "mypy", last.code, last.severity))
            continue
        message = str(each["message"]) + (f"\n{each['hint']}" if each.get("hint") else "")
        span = _span(site, each)
        found.append(Diagnostic(span, message, "mypy", str(each["code"] or ""), severity_of(str(each["severity"]))))
    return found


def _span(site: Site, entry: dict[str, Any]) -> Span:
    """Where an entry is.

    Versions disagree in what their columns count once a line is not ascii: bytes, code points, and in 2.x code points
    less what their bytes have more. That reading is taken whose text is what the message quotes, or else a whole token.
    """
    spans = list(_readings(site, entry))
    line = site.text.line_text(spans[0].start.line)
    if line.isascii():
        return spans[0]
    quoted = set(_QUOTED.findall(str(entry["message"])))
    by_quote = [span for span in spans if site.text.slice(span) in quoted]
    whole = [span for span in spans if _is_whole(line, span) and site.text.slice(span)[:1].strip()]
    return [*by_quote, *whole, *spans][0]


def _readings(site: Site, entry: dict[str, Any]) -> Iterator[Span]:
    line, column = int(entry["line"]) - 1, max(int(entry["column"]), 0)
    end_line, end_column = entry.get("end_line"), entry.get("end_column")
    n_more = 0
    text = site.text.line(min(max(line, 0), site.text.n_lines - 1))
    for unit in (CODE_POINTS, BYTES, None):
        if unit is None:
            # Undone from the left: every character before the place had taken away its further bytes.
            n_more = _taken_away(text, column)
        start = (line, column + n_more)
        end = None if end_line is None or end_column is None else (int(end_line) - 1, int(end_column) + n_more)
        yield span_of(site.text, start, end, unit=unit or CODE_POINTS)


def _taken_away(text: str, column: int) -> int:
    n_more = 0
    for at, sign in enumerate(text):
        if at >= column + n_more:
            break
        n_more += len(sign.encode("utf-8", "replace")) - 1
    return n_more


def _is_whole(line: str, span: Span) -> bool:
    """Whether no word is cut by either end."""
    return all(
        not (0 < at < len(line) and line[at - 1].isalnum() and line[at].isalnum())
        for at in (span.start.column, span.end.column if span.end.line == span.start.line else 0)
    )


TOOL = Tool(
    name="mypy",
    executables=("mypy",),
    languages=frozenset({"python"}),
    configured_by=("mypy.ini", ".mypy.ini", "pyproject.toml:[tool.mypy", "setup.cfg:[mypy"),
    delivery="beside",
    command=_command,
    read=_read,
    project_folders=(".venv/bin", "venv/bin"),
    environment=_environment,
)
