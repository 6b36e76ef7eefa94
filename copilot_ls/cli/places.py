"""Places in files as the command line names them: FILE:LINE:COL, FILE:LINE-LINE, and batches of JSON lines.

Reads files and requests; leaves what to do at a place to the commands. Called by several of them.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from copilot_ls.features.workbench import Workbench

_LINES = re.compile(r"(?P<name>.+?):(?P<first>\d+)(?:-(?P<last>\d+))?")
# What marks the top of a project, looked for upwards from a file.
_ROOT_MARKERS = (".git", ".hg", ".copilot-ls.toml", "pyproject.toml", "package.json", "go.mod", "Cargo.toml")


@dataclass(frozen=True, slots=True)
class Place:
    """A character offset in a file's text, and the workspace folder that the file belongs to."""

    path: Path
    text: str
    offset: int
    workspace: Path


@dataclass(frozen=True, slots=True)
class Lines:
    """Zero-based lines `first` to `last` of a file's text. `is_whole`: no lines were named."""

    path: Path
    text: str
    first: int
    last: int
    workspace: Path
    is_whole: bool


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """One line of a batch, or what is wrong with it."""

    id: Any
    path: str = ""
    prefix: str = ""
    suffix: str = ""
    error: str | None = None


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `place_of` and `batch_requests` read."""
    parser.add_argument("place", nargs="?", metavar="FILE:LINE:COL", help="line and column count from 1")
    parser.add_argument(
        "--batch", metavar="FILE", help="read requests as JSON lines from a file, or - for standard input"
    )
    parser.add_argument("--workspace", metavar="DIR", help="workspace folder (default: the project around the file)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def place_of(words: str, workspace: str | None) -> Place | str:
    """The place that FILE:LINE:COL names, or a sentence that says why there is none."""
    name, line, column = [*words.rsplit(":", 2), "", ""][:3]
    if not (line.isdigit() and column.isdigit()):
        return f"{words!r} is not FILE:LINE:COL; for example src/app.py:12:5"
    read = read_text(name)
    if isinstance(read, str):
        return read
    path, text = read
    from copilot_ls.text import Point, TextSnapshot

    snapshot = TextSnapshot.of(text)
    wanted = Point(int(line) - 1, int(column) - 1)
    point = snapshot.clip(wanted)
    if point != wanted:
        n_columns = len(snapshot.line_text(point.line)) + 1
        return f"{words!r} is outside: the file has {snapshot.n_lines} lines, line {point.line + 1} {n_columns} columns"
    return Place(path, text, snapshot.offset_at(point), folder_of(path, workspace))


def lines_of(words: str, workspace: str | None) -> Lines | str:
    """The lines that FILE, FILE:LINE or FILE:LINE-LINE names, or a sentence that says why there are none."""
    found = _LINES.fullmatch(words)
    name = words if found is None else found["name"]
    read = read_text(name)
    if isinstance(read, str):
        example = "" if found is not None else "; expected FILE:LINE or FILE:LINE-LINE, such as src/app.py:12-20"
        return read + example
    path, text = read
    n_lines = text.count("\n") + 1
    first, last = (1, n_lines) if found is None else (int(found["first"]), int(found["last"] or found["first"]))
    if not 1 <= first <= last <= n_lines:
        return f"{words!r} is outside: the file has {n_lines} lines; expected FILE:LINE or FILE:LINE-LINE within them"
    return Lines(path, text, first - 1, last - 1, folder_of(path, workspace), is_whole=found is None)


def read_text(name: str) -> tuple[Path, str] | str:
    """The absolute path and the text of a file, or a sentence that says why it cannot be read."""
    path = Path(name).resolve()
    try:
        # A named pipe is waited for without end, and a device read without end.
        if path.exists() and not path.is_file() and not path.is_dir():
            return f"{name} cannot be read: it is not a regular file"
        return path, path.read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        return f"{name} cannot be read: {error.strerror or error}"


def folder_of(path: Path, workspace: str | None) -> Path:
    """The workspace folder: the one that was named, else the project around the file."""
    return Path(workspace).resolve() if workspace else _project_around(path)


def workspace_of(arguments: argparse.Namespace) -> Path:
    """The workspace folder of a batch: what --workspace says, else the current folder."""
    return Path(arguments.workspace or ".").resolve()


def _project_around(path: Path) -> Path:
    for folder in path.parents:
        if any((folder / marker).exists() for marker in _ROOT_MARKERS):
            return folder
    return path.parent


def batch_requests(source: str) -> Iterator[BatchRequest]:
    """The requests of a batch; a line that is none yields what is wrong with it."""
    if source == "-":
        yield from _requests_in(sys.stdin)
    else:
        with Path(source).open(encoding="utf-8") as stream:
            yield from _requests_in(stream)


def _requests_in(lines: Iterable[str]) -> Iterator[BatchRequest]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _request_of(line, number)


def _request_of(line: str, number: int) -> BatchRequest:
    try:
        raw = json.loads(line)
    except ValueError:
        return BatchRequest(None, error=f"line {number} is not JSON")
    if not isinstance(raw, dict):
        return BatchRequest(None, error=f'line {number} is not an object {{"id", "path", "prefix", "suffix"}}')
    for key in ("path", "prefix", "suffix"):
        if not isinstance(raw.get(key), str):
            return BatchRequest(raw.get("id"), error=f"line {number}: {key!r} must be text")
    path = Path(raw["path"])
    if path.is_absolute() or ".." in path.parts:
        return BatchRequest(raw.get("id"), error=f"line {number}: 'path' must lie inside the workspace")
    return BatchRequest(raw.get("id"), raw["path"], raw["prefix"], raw["suffix"])


def open_workbench(workspace: Path, *, backend: str | None = None) -> Workbench:
    """A workbench for a command: settings in force, index up to date, no telemetry, no cache. Problems go to stderr."""
    from copilot_ls.features.workbench import Workbench

    workbench = Workbench(record_telemetry=False, use_disk_cache=False, only_backend=backend)
    workbench.folders = [str(workspace)]
    for problem in workbench.load_settings():
        print(f"copilot-ls: {problem}", file=sys.stderr)
    settings = workbench.settings().index
    if settings.enable:
        workbench.workspaces().use([workspace], settings, build=False)
        workbench.workspaces().bring_up_to_date(settings)
    return workbench
