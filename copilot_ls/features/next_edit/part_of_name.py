"""A part of a name that was replaced, within other names and in prose.

What made `team` of `user_group` makes `Teams` of `UserGroups`: by the ways that names are written.
Called by `proposing`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.features.next_edit.candidate import Candidate
from copilot_ls.features.next_edit.line_ops import is_name, ops_between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.features.next_edit.scene import Page
    from copilot_ls.features.next_edit.trail import MadeEdit

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_MOST_PLACES = 60
_MOST_PARTS = 4
# Shorter parts, such as `to` or `is`, stand in names of all kinds.
_LEAST_CHARS = 3


def candidates(made: MadeEdit, page: Page) -> Iterator[Candidate]:
    """The lines of a page that hold the part in another name, with every such name changed."""
    if not len(made.old) == len(made.new) == 1:
        return
    for op in ops_between(made.old[0], made.new[0]):
        if not op.renames:
            continue
        change = _change(op.old[0], op.new[0])
        if change is None:
            continue
        exact = re.compile(rf"(?<!\w){re.escape(op.old[0])}(?!\w)")
        n = 0
        for number in _near(page, made, change[0][0]):
            line = page.lines[number]
            new, n_changed = _changed(line, *change)
            n_exact = len(exact.findall(line))
            if new == line or n_exact >= n_changed or (page.uri == made.uri and number == made.line):
                continue
            agreement = {"n_places": n_changed, "exact": float(n_exact > 0), "n_ops": len(change[0])}
            yield Candidate(page, number, number + 1, (new,), "part_of_name", made, agreement)
            n += 1
            if n >= _MOST_PLACES:
                return


def _near(page: Page, made: MadeEdit, part: str) -> list[int]:
    """The lines of a page that hold a part of a name, those behind the edit first."""
    start = made.line if page.uri == made.uri else 0
    found = page.lines_holding(part)
    return [*(number for number in found if number >= start), *(number for number in found if number < start)]


@lru_cache(256)
def _change(old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The parts that went and those that came, in lower case; None where there is nothing in it for other names."""
    before, behind = [[part.lower() for part in _PART.findall(name)] for name in (old, new)]
    while before and behind and before[0] == behind[0]:
        before, behind = before[1:], behind[1:]
    while before and behind and before[-1] == behind[-1]:
        before, behind = before[:-1], behind[:-1]
    enough = sum(map(len, before)) >= _LEAST_CHARS and is_name("".join(behind) or "_")
    if not before or not behind or not enough or max(len(before), len(behind)) > _MOST_PARTS:
        return None
    return tuple(before), tuple(behind)


def _changed(line: str, old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, int]:
    """The line with the parts replaced in whatever way they are written, and how often that was."""
    return _pattern(old).subn(lambda match: _written(match, new), line)


@lru_cache(256)
def _pattern(parts: tuple[str, ...]) -> re.Pattern[str]:
    snake, title = [r"[_\- ]?".join(each) for each in (parts, tuple(part.title() for part in parts))]
    camel = parts[0] + "".join(part.title() for part in parts[1:])
    upper = r"[_\- ]?".join(part.upper() for part in parts)
    return re.compile(
        rf"(?P<upper>(?<![A-Za-z0-9]){upper}(?![A-Za-z0-9]))"
        rf"|(?P<title>(?<![A-Z]){title}(?![a-rt-z]|s[a-z]))"
        rf"|(?P<camel>(?<![A-Za-z0-9]){camel}(?![a-rt-z]|s[a-z]))"
        rf"|(?P<snake>(?<![A-Za-z0-9]){snake}(?![a-rt-z0-9]|s[a-z]))"
    )


def _written(match: re.Match[str], new: tuple[str, ...]) -> str:
    """The new parts, written as the old ones are."""
    sign = next((sign for sign in "_- " if sign in match[0]), "")
    if match.lastgroup == "upper":
        return (sign or "_").join(part.upper() for part in new)
    if match.lastgroup == "title":
        return sign.join(part.title() for part in new)
    if match.lastgroup == "camel" and not sign and any(letter.isupper() for letter in match[0]):
        return new[0] + "".join(part.title() for part in new[1:])
    behind = match.string[match.end() : match.end() + 1]
    before = match.string[match.start() - 1 : match.start()]
    joint = sign or ("_" if "_" in (before, behind) else "")
    if len(new) > 1 and not joint:
        # Written as one word: as in camel case where a capital follows, else as in snake case.
        return new[0] + "".join(part.title() for part in new[1:]) if behind.isupper() else "_".join(new)
    return joint.join(new)
