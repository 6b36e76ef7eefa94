"""pytest on one file of tests: the draft's own, or the one that is named after it. In a shadow, cut short at a failure.

Asked only where the settings name it: it runs the workspace's code. What fails is reported at the line of the draft
that the failure's traceback passes last, or at its first line.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from copilot_ls.checking.reading import UnreadableOutputError
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site

_FAILED = re.compile(r"^(?:FAILED|ERROR) (?P<test>\S+)(?: - (?P<why>.*))?$", re.MULTILINE)
_FRAME = re.compile(r"^(?P<path>[^\s:][^:\n]*\.py):(?P<line>\d+): (?P<why>.+)$", re.MULTILINE)
_FOLDERS = ("tests", "test", "")
_NO_TESTS = 5


def _command(site: Site) -> Sequence[str]:
    return (
        site.executable, "-x", "-q", "--tb=short", "--no-header", "-rfE", "-p", "no:cacheprovider", "--color=no",
        f"--rootdir={site.root}", str(_tests(site)),
    )  # fmt: skip


def _tests(site: Site) -> Path:
    """The file of tests: raises FileNotFoundError, which is an OSError, where there is none."""
    name = site.path.name
    if name.startswith("test_") or name.endswith("_test.py"):
        return site.path
    wanted = (f"test_{name}", f"{site.path.stem}_test.py")
    for parent in site.path.parents:
        beside = [parent / folder / each for folder in _FOLDERS for each in wanted]
        if found := next((path for path in beside if path.is_file()), None):
            return found
        if parent == site.root:
            break
    for folder in _FOLDERS[:2]:
        for each in wanted:
            if deeper := sorted((site.root / folder).rglob(each)):
                return deeper[0]
    raise FileNotFoundError(2, f"there is no {wanted[0]}")


def _environment(site: Site) -> Mapping[str, str]:
    return {"PYTEST_ADDOPTS": "", "PYTHONPATH": os.pathsep.join([str(site.root), str(site.root / "src")])}


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    if ran.status == _NO_TESTS:
        raise UnreadableOutputError("found no test to run")
    said = ran.stdout.decode("utf-8", "replace")
    path = os.path.realpath(site.path)
    lines = [
        int(each["line"]) - 1 for each in _FRAME.finditer(said) if os.path.realpath(site.folder / each["path"]) == path
    ]
    line = min(lines[-1], site.text.n_lines - 1) if lines else 0
    span = Span(Point(line, 0), Point(line, len(site.text.line_text(line))))
    found = [
        Diagnostic(span, f"{each['test']} failed" + (f": {each['why']}" if each["why"] else ""), "pytest", "failed")
        for each in _FAILED.finditer(said)
    ]
    if ran.status and not found:
        raise UnreadableOutputError("did not say which test failed")
    return found


TOOL = Tool(
    name="pytest",
    executables=("pytest", "py.test"),
    languages=frozenset({"python"}),
    configured_by=(),
    delivery="shadow",
    command=_command,
    read=_read,
    statuses=frozenset({0, 1, 2, _NO_TESTS}),
    project_folders=(".venv/bin", "venv/bin"),
    environment=_environment,
)
