"""Say what a change asks for next: other uses of a name, the same change elsewhere.

The change is a unified diff of files as they are in the workspace, from standard input or a file, its last hunk the
latest edit: `git diff | copilot-ls next-edit`. Each edit that is proposed is taken as made, and the next one asked for.
Nothing is written. Lines count from 1. Exit status 1 when nothing is likely enough.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from copilot_ls.features.next_edit.proposing import NextEdit
    from copilot_ls.features.next_edit.rehearsal import Rehearsal

SUMMARY = "say what a change asks for next"

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class _Hunk(NamedTuple):
    """Lines that stand at `line` (from 0) of the file as it is, and what they were."""

    path: str
    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]


class _MisfitError(Exception):
    """The diff is not of these files; the message says how to mend it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the diff and how much to say."""
    parser.add_argument("diff", nargs="?", default="-", metavar="FILE", help="a unified diff (default: standard input)")
    parser.add_argument(
        "--workspace", default=".", metavar="DIR", help="what its paths start at (default: this folder)"
    )
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="most edits (default: 10)")
    parser.add_argument(
        "--least", type=float, metavar="CHANCE", help="propose what is as likely (default: as in editors)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Rehearse the diff and print what follows; returns the exit status."""
    try:
        text = sys.stdin.read() if arguments.diff == "-" else Path(arguments.diff).read_text("utf-8")
        rehearsal = _rehearsed(list(_hunks(text)), Path(arguments.workspace).resolve())
    except (OSError, UnicodeError, _MisfitError) as error:
        print(f"copilot-ls next-edit: {error}", file=sys.stderr)
        return 2
    root = Path(arguments.workspace).resolve()
    found: list[dict[str, Any]] = []
    while len(found) < arguments.limit and (edit := rehearsal.next_edit(least=arguments.least)) is not None:
        found.append(_plain(edit, root))
        rehearsal.make(edit.document.uri, [edit.replacement])
    if arguments.json:
        print(json.dumps({"edits": found}))
    else:
        for each in found:
            print(f"{each['path']}:{each['line']}  {each['kind']}, chance {each['chance']:.2f}")
            print("\n".join([*(f"- {line}" for line in each["old"]), *(f"+ {line}" for line in each["new"])]))
        if not found:
            print("nothing is likely enough")
    return 0 if found else 1


def _plain(edit: NextEdit, root: Path) -> dict[str, Any]:
    candidate = edit.candidate
    path = Path(edit.document.path)
    return {
        "path": path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path),
        "line": candidate.first + 1,
        "old": candidate.page.lines[candidate.first : candidate.end],
        "new": list(candidate.new),
        "kind": edit.model,
        "chance": round(edit.chance or 0.0, 3),
    }


def _rehearsed(hunks: list[_Hunk], root: Path) -> Rehearsal:
    """The files as they were before the diff, with its hunks made one after the other."""
    from copilot_ls.features.next_edit.rehearsal import Rehearsal
    from copilot_ls.syntax import language_for

    if not hunks:
        raise _MisfitError("there is no hunk in the diff; pipe in what `git diff` prints")
    rehearsal = Rehearsal()
    for path in dict.fromkeys(hunk.path for hunk in hunks):
        place = (root / path).resolve()
        if not place.is_relative_to(root):
            raise _MisfitError(f"{path} lies outside of {root}; pass its project as --workspace")
        lines = place.read_bytes().decode().split("\n")
        for hunk in reversed([each for each in hunks if each.path == path]):
            if tuple(lines[hunk.line : hunk.line + len(hunk.new)]) != hunk.new:
                raise _MisfitError(
                    f"line {hunk.line + 1} of {path} is not what the diff made of it; give a diff of the files as they "
                    "are, or pass their folder as --workspace"
                )
            lines[hunk.line : hunk.line + len(hunk.new)] = hunk.old
        language = language_for("", str(place))
        name = language.language_ids[0] if language else "plaintext"
        rehearsal.open(place.as_uri(), str(place), name, "\n".join(lines))
    for hunk in hunks:
        uri = (root / hunk.path).resolve().as_uri()
        rehearsal.replace_lines(uri, hunk.line, hunk.line + len(hunk.old), hunk.new)
    return rehearsal


def _hunks(diff: str) -> Iterator[_Hunk]:
    """The changed stretches of a unified diff, without their context; files that came or went are left out."""
    path: str | None = None
    line = 0
    old: list[str] = []
    new: list[str] = []
    for text in [*diff.split("\n"), ""]:
        sign = text[:1]
        if path is not None and sign in ("-", "+") and not text.startswith(("--- ", "+++ ")):
            (old if sign == "-" else new).append(text[1:])
            continue
        if path is not None and (old or new):
            yield _Hunk(path, line, tuple(old), tuple(new))
            line += len(new)
        old, new = [], []
        if text.startswith("--- "):
            path = None if text[4:].strip() == "/dev/null" else ""
        elif text.startswith("+++ "):
            name = text[4:].split("\t")[0].strip()
            path = None if path is None or name == "/dev/null" else name.removeprefix("b/")
        elif (match := _HUNK.match(text)) is not None:
            # A hunk that only takes away is placed behind the line that it names.
            line = int(match[3]) - (match[4] != "0")
        elif sign in (" ", ""):
            line += 1
