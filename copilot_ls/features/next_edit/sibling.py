"""What was put beside its like, put beside it elsewhere too: a parameter and its attribute, a field and its column.

A line `timeout: float` below `retries: int`, or `, timeout` behind `retries`, says that timeout goes with retries; so
`self.timeout = timeout` may go below `self.retries = retries`. Called by `proposing`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import shapes
from copilot_ls.features.next_edit.candidate import Candidate
from copilot_ls.features.next_edit.line_ops import is_name, ops_between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.features.next_edit.scene import Page
    from copilot_ls.features.next_edit.trail import MadeEdit

_MOST_PLACES = 30
_NEAR = 3
# Lines that open a block, and those that end one, have no like below them.
_ALONE = re.compile(r".*[:{(\[]\s*$|\s*(?:return|raise|throw|break|continue)\b")
# Names of fewer letters, and those that stand everywhere, say nothing of where their like belongs.
_LEAST_CHARS = 2


def candidates(made: MadeEdit, page: Page) -> Iterator[Candidate]:
    """The places of a page where the old sibling stands without the new one."""
    for renaming, old, new, is_behind in _siblings(made):
        n = 0
        for number in page.lines_with(old):
            reach = 0 if made.old else 1  # the neighbours of a line that was put in are where it was learnt
            if page.uri == made.uri and made.line - reach <= number < made.end + reach:
                continue
            places = [_line_beside(made, page, number, renaming, new, below=is_behind)]
            if is_behind:
                places.append(_behind(made, page, number, old, new))
            for candidate in places:
                if candidate is not None:
                    yield candidate
                    n += 1
            if n >= _MOST_PLACES:
                break


def _siblings(made: MadeEdit) -> Iterator[tuple[dict[str, str], str, str, bool]]:
    """The renaming that makes what was put in of its neighbour, the two names that matter, whether it came behind."""
    if not made.old and len(made.new) == 1:
        for neighbour, is_behind in ((made.above, True), (made.below, False)):
            theirs, ours = shapes.pieces(neighbour.strip()), shapes.pieces(made.new[0].strip())
            if not theirs or [piece.kind for piece in theirs] != [piece.kind for piece in ours]:
                continue
            renaming = shapes.names_between(theirs, ours)
            pair = next(((a, b) for a, b in (renaming or {}).items() if a != b and is_name(a) and is_name(b)), None)
            if renaming and pair is not None and len(pair[0]) >= _LEAST_CHARS:
                yield renaming, *pair, is_behind
    elif len(made.old) == len(made.new) == 1:
        for op in ops_between(made.old[0], made.new[0]):
            names = [token for token in op.new if is_name(token)]
            if not op.is_put_in or not names or "," not in op.new:
                continue
            before, behind = [
                next((token for token in side[:4] if is_name(token)), "") for side in (op.left, op.right)
            ]  # fmt: skip
            old = before if op.new[0] == "," or op.left[:1] == (",",) else behind
            if len(old) >= _LEAST_CHARS and old != names[0]:
                yield {old: names[0]}, old, names[0], old == before


def _stands_near(made: MadeEdit, page: Page, number: int, name: str) -> bool:
    """Whether the new name is there already, apart from where it was put in."""
    own = range(made.line, made.end) if page.uri == made.uri else ()
    return any(abs(number - at) <= _NEAR and at not in own for at in page.lines_with(name))


def _line_beside(
    made: MadeEdit, page: Page, number: int, renaming: dict[str, str], new: str, *, below: bool
) -> Candidate | None:
    """A line like that of the old sibling, on the side of it that the new one was put."""
    line = page.lines[number]
    if _ALONE.match(line) or _stands_near(made, page, number, new):
        return None
    text, n_renamed = shapes.renamed(line, renaming)
    if not n_renamed or new not in text:
        return None
    shape = shapes.shape(line.strip())
    around = [page.line(at).strip() for at in (number - 1, number + 1)]
    agreement = {
        "n_renamed": n_renamed, "n_lines": 1, "above": float(below), "puts_in": 1.0,
        "both_shapes": float(sum(shapes.shape(each) == shape for each in around)),
    }  # fmt: skip
    at = number + below
    return Candidate(page, at, at, (text,), "sibling", made, agreement)


def _behind(made: MadeEdit, page: Page, number: int, old: str, new: str) -> Candidate | None:
    """The new sibling in a list on the same line, behind the old one."""
    line = page.lines[number]
    word = re.escape(old)
    element = re.search(rf"(?<![\w.]){word}(?:\s*[=:]\s*(?:[\w.]+\.)?{word})?(?=\s*[,)\]}}])", line)
    if element is None or re.search(rf"(?<!\w){re.escape(new)}(?!\w)", line):
        return None
    added = re.sub(rf"(?<!\w){word}(?!\w)", new, element[0])
    text = f"{line[: element.end()]}, {added}{line[element.end() :]}"
    at_end = line[element.end() :].lstrip()[:1]
    agreement = {"n_renamed": 1, "n_lines": 0, "above": 0.0, "puts_in": 1.0, "both": float(at_end == ",")}
    return Candidate(page, number, number + 1, (text,), "sibling", made, agreement)
