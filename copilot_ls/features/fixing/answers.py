"""What a model may answer, and how its pieces of text become replacements in the document, or a refusal in words.

A piece names the text that it replaces, because models count lines badly and copy well. Trailing white space, line ends
and the depth of the indentation need not agree. Pure. Leaves whether an edit is wanted there to `region`, and whether
it helps to `judging`. Called by `conversation`.
"""

from __future__ import annotations

import os
import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from copilot_ls.edits import Replacement, applied, between
from copilot_ls.text import Point, Span, split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.text import TextSnapshot

MAX_EDIT_CHARS = 60_000
"""The most text that an edit may bring: what a reader could still judge."""

_MAX_PIECES = 40
_MAX_EXPLANATION = 4_000


class TextEdit(BaseModel):
    """One place that changes."""

    model_config = ConfigDict(extra="ignore")

    path: str = Field(default="", description="The file that was shown; no other can be changed.")
    old_text: str = Field(
        description="The text to replace, copied exactly from the file, whole lines; it must be there."
    )
    new_text: str = Field(description="What takes its place, in the same indentation; empty to remove it.")
    line: int | None = Field(
        default=None,
        description="The line number where old_text begins, from 1; only where it stands there more than once.",
    )


class ProposedEdit(BaseModel):
    """All places that change, and why."""

    model_config = ConfigDict(extra="ignore")

    edits: list[TextEdit] = Field(max_length=_MAX_PIECES, description="Empty if nothing should change.")
    explanation: str = Field(default="", description="What was wrong and what the edit does, in one or two sentences.")
    version: int | None = Field(default=None, description="The version of the file as it was shown.")


class Refused(NamedTuple):
    """An answer that is not tried. `kind` is a stable name, `words` are for the model."""

    kind: str
    words: str


class Resolved(NamedTuple):
    """An answer as replacements of the document, as small as they can be, and the text after them."""

    replacements: tuple[Replacement, ...]
    text: TextSnapshot
    explanation: str


def resolve(
    answer: ProposedEdit, text: TextSnapshot, *, path: str, version: int, wanted: frozenset[int]
) -> Resolved | Refused:
    """The replacements that an answer means in `text`, the file at the workspace-relative `path` in this `version`.

    Text that stands there several times is taken where `line` says, or else where it stands in the lines `wanted`.
    """
    if answer.version is not None and answer.version != version:
        return Refused("stale_version", f"You were shown version {version}; your edit is for {answer.version}.")
    if other := next((each.path for each in answer.edits if not _is_same_file(each.path, path)), None):
        return Refused("other_file", f"Only {path} may be changed, not {other[:200]!r}.")
    if sum(len(each.new_text) for each in answer.edits) > MAX_EDIT_CHARS:
        return Refused("too_large", f"The edit is too large; it may bring {MAX_EDIT_CHARS} characters at most.")
    found: list[Replacement] = []
    for number, piece in enumerate(answer.edits, 1):
        place = _placed(piece, text, wanted)
        if isinstance(place, str):
            return Refused("not_found", f"Edit {number}: {place}")
        found.append(place)
    try:
        new = applied(text, found)
    except ValueError:
        return Refused("overlap", "Two of your edits overlap. Give each place once.")
    return Resolved(between(text, new), new, answer.explanation.strip()[:_MAX_EXPLANATION])


def _is_same_file(named: str, path: str) -> bool:
    """Whether a model means the file; it may leave the name out, or write it as from the workspace's root."""
    plain = named.strip().replace("\\", "/").removeprefix("./")
    return not plain or os.path.normpath(plain) == path or (bool(path) and plain == path.rpartition("/")[2])


def _placed(piece: TextEdit, text: TextSnapshot, wanted: frozenset[int]) -> Replacement | str:
    end_of_line = "\r\n" if text.line(0).endswith("\r\n") else "\n"
    new_text = re.sub(r"\r\n?|\n", lambda _: end_of_line, piece.new_text)
    if not piece.old_text.strip():
        return _inserted(piece, text, new_text)
    old = _without_blank_ends([line.rstrip() for line in split_lines(piece.old_text)])
    lines = [text.line_text(line).rstrip() for line in range(text.n_lines)]
    places = [(at, 0) for at in range(len(lines) - len(old) + 1) if lines[at : at + len(old)] == old]
    if not places and len(old) == 1:
        within = _within_a_line(piece, text, old[0].strip(), new_text, wanted)
        if within is not None:
            return within
    places = places or _with_other_indentation(old, lines)
    if not places:
        return "old_text does not stand in the file as you wrote it. Copy it exactly, whole lines."
    first = _chosen([at for at, _ in places], len(old), piece.line, wanted)
    if first is None:
        numbers = ", ".join(str(at + 1) for at, _ in places[:8])
        return (
            f"old_text stands in the file {len(places)} times, at lines {numbers}. Say which by `line`, or copy more."
        )
    return _whole_lines(text, first, len(old), _shifted(new_text, dict(places)[first], end_of_line), wanted)


def _without_blank_ends(lines: list[str]) -> list[str]:
    first = next(at for at, line in enumerate(lines) if line)
    return lines[first : max(at for at, line in enumerate(lines) if line) + 1]


def _whole_lines(text: TextSnapshot, first: int, n_lines: int, new_text: str, wanted: frozenset[int]) -> Replacement:
    """Lines replaced by other lines; nothing takes their line ends along."""
    last = first + n_lines - 1
    new_text = new_text.strip("\r\n") if new_text.strip() else ""
    if not new_text and last + 1 < text.n_lines:
        return Replacement(Span(Point(first, 0), Point(last + 1, 0)), "")
    span = Span(Point(first, 0), Point(last, len(text.line_text(last))))
    return Replacement(span, _with_own_trailing_space(text, first, n_lines, new_text, wanted))


def _with_own_trailing_space(
    text: TextSnapshot, first: int, n_lines: int, new_text: str, wanted: frozenset[int]
) -> str:
    """The new text, in which lines that stay have the white space behind them that they had, unless it is the task."""
    old = [text.line_text(line) for line in range(first, first + n_lines)]
    new = split_lines(new_text)
    if all(line == line.rstrip() for line in old):
        return new_text
    bare_old, bare_new = ([line.rstrip() for line in lines] for lines in (old, new))
    for block in SequenceMatcher(None, bare_old, bare_new, autojunk=False).get_matching_blocks():
        for at in range(block.size):
            if first + block.a + at not in wanted:
                line = new[block.b + at]
                new[block.b + at] = old[block.a + at] + line[len(line.rstrip("\r\n")) :]
    return "".join(new)


def _inserted(piece: TextEdit, text: TextSnapshot, new_text: str) -> Replacement | str:
    """New lines before a line, where nothing is replaced; all of an empty file."""
    if not text.text.strip():
        last = text.n_lines - 1
        return Replacement(Span(Point(0, 0), Point(last, len(text.line_text(last)))), new_text)
    if piece.line is None or not 1 <= piece.line <= text.n_lines:
        return "old_text is empty. Copy the lines that change, or say by `line` before which line new_text goes."
    at = Point(piece.line - 1, 0)
    end_of_line = "\r\n" if text.line(0).endswith("\r\n") else "\n"
    return Replacement(Span(at, at), new_text if new_text.endswith(("\n", "\r")) else new_text + end_of_line)


def _within_a_line(
    piece: TextEdit, text: TextSnapshot, old: str, new_text: str, wanted: frozenset[int]
) -> Replacement | None:
    """A part of one line, where it stands once there and in one line alone of those wanted."""
    lines = [line for line in range(text.n_lines) if text.line(line).count(old) == 1]
    chosen = _chosen(lines, 1, piece.line, wanted)
    if chosen is None or any(text.line(line).count(old) > 1 for line in wanted):
        return None
    start = text.line(chosen).index(old)
    span = Span(Point(chosen, start), Point(chosen, start + len(old)))
    if _indent(text.line(chosen)) == start and text.line_text(chosen).rstrip().endswith(old):
        return None  # a whole line in another indentation
    return Replacement(span, new_text.strip())


def _chosen(places: Sequence[int], n_lines: int, line: int | None, wanted: frozenset[int]) -> int | None:
    if len(places) == 1:
        return places[0]
    if line is not None and line - 1 in places:
        return line - 1
    inside = [at for at in places if wanted & set(range(at, at + n_lines))]
    return inside[0] if len(inside) == 1 else None


def _with_other_indentation(old: Sequence[str], lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where lines stand that are all deeper or all shallower by as much, and by how many characters they are."""
    bare = [line.strip() for line in old]
    found = []
    for at in range(len(lines) - len(old) + 1):
        here = lines[at : at + len(old)]
        if [line.strip() for line in here] == bare:
            shifts = {_indent(one) - _indent(two) for one, two in zip(here, old, strict=True) if two}
            if len(shifts) == 1:
                found.append((at, shifts.pop()))
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _shifted(text: str, by: int, end_of_line: str) -> str:
    if not by:
        return text
    lines = text.split(end_of_line)
    if by > 0:
        sign = "\t" if any(line.startswith("\t") for line in lines) else " "
        return end_of_line.join(sign * by + line if line.strip() else line for line in lines)
    return end_of_line.join(line[min(-by, _indent(line)) :] for line in lines)
