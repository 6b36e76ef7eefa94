"""Lines that were put beside others, put beside others like these, with the names that are used there.

Called by `proposing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import shapes
from copilot_ls.features.next_edit.candidate import Candidate
from copilot_ls.features.next_edit.scene import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.features.next_edit.scene import Page
    from copilot_ls.features.next_edit.trail import MadeEdit

_MOST_LINES = 12
_MOST_PLACES = 40
# A line without a word of so many letters has others like it everywhere.
_TELLING = 3


def candidates(made: MadeEdit, page: Page) -> Iterator[Candidate]:
    """The places of a page whose neighbours are like those of the lines that were put in."""
    if made.old or not made.new or len(made.new) > _MOST_LINES or not any(line.strip() for line in made.new):
        return
    for number in _beside(made.above, page):
        if not _is_own(made, page, number + 1):
            yield from _candidate(made, page, number + 1, made.above, page.lines[number], above=True)
    for number in _beside(made.below, page):
        if not _is_own(made, page, number):
            yield from _candidate(made, page, number, made.below, page.lines[number], above=False)


def _is_own(made: MadeEdit, page: Page, at: int) -> bool:
    return page.uri == made.uri and made.line <= at <= made.end


def _beside(neighbour: str, page: Page) -> list[int]:
    """The lines like a neighbour: those that read so, and those with its first words in the same shape."""
    stripped = neighbour.strip()
    if not any(len(word) >= _TELLING for word in words_of(stripped)):
        return []
    found = list(page.stripped.get(stripped, ()))
    shape = shapes.shape(stripped)
    telling = [word for word in words_of(stripped) if word in shapes.KEYWORDS or _is_called(stripped, word)]
    for number in page.lines_with_all(telling[:3]):
        if number not in found and shapes.shape(page.lines[number].strip()) == shape:
            found.append(number)
    return found[:_MOST_PLACES]


def _is_called(line: str, word: str) -> bool:
    at = line.find(word)
    return line[at + len(word) : at + len(word) + 1] == "("


def _candidate(made: MadeEdit, page: Page, at: int, theirs: str, ours: str, *, above: bool) -> Iterator[Candidate]:
    renaming = shapes.names_between(shapes.pieces(theirs.strip()), shapes.pieces(ours.strip()))
    if renaming is None:
        return
    n_renamed = sum(1 for one, other in renaming.items() if one != other)
    their_indent, our_indent = _indent(theirs), _indent(ours)
    new = []
    for line in made.new:
        text = shapes.renamed(line.strip(), renaming)[0]
        depth = _indent(line)
        if not text:
            new.append("")
        elif depth.startswith(their_indent):
            new.append(our_indent + depth[len(their_indent) :] + text)
        elif their_indent.startswith(depth) and our_indent.endswith(their_indent[len(depth) :]):
            new.append(our_indent[: len(our_indent) - len(their_indent) + len(depth)] + text)
        else:
            return
    if page.lines[at : at + len(new)] == new or page.lines[max(0, at - len(new)) : at] == new:
        return  # it stands there
    other = page.line(at) if above else page.line(at - 1)
    other_made = made.below if above else made.above
    agreement = {
        "n_renamed": n_renamed, "n_lines": len(new), "above": float(above),
        "both": float(other.strip() == other_made.strip()),
        "both_shapes": float(shapes.shape(other.strip()) == shapes.shape(other_made.strip())),
        "exact": float(not n_renamed),
    }  # fmt: skip
    yield Candidate(page, at, at, tuple(new), "inserted", made, agreement)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
