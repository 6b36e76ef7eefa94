"""Keep a suggestion within the block that the cursor is in, and finish that block before another one is begun."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.postprocess.brackets import scan_at, surroundings_of
from copilot_ls.postprocess.lines import (
    PROSE,
    indent_width,
    indentation,
    is_closer,
    is_only_closers,
    opens_block,
    split,
)

if TYPE_CHECKING:
    from copilot_ls.postprocess.brackets import Scan
    from copilot_ls.postprocess.situation import Situation

_COMMENT_LEADER = re.compile(r"^\s*(///?!?|#+|--|;+|\*(?!/)|/\*\*?)")
_PREPROCESSED = frozenset({"c", "cpp", "objective-c", "objective-cpp", "csharp", "cuda-cpp"})


def limit_to_scope(text: str, situation: Situation) -> str | None:
    """Cut before the first line that lies outside of the cursor's block.

    A block that the cursor's line opens: what is deeper than that line. Otherwise: what is at least as deep, and no
    second paragraph once a block has been finished. The line that closes the block belongs to it, unless it is below
    already. Lines inside brackets or strings that the text itself opened are not judged. In a comment: the comment.
    """
    if "\n" not in text or situation.language_id in PROSE:
        return text
    if situation.in_comment:
        return _limit_to_comment(text, situation)
    lines = text.split("\n")
    scan = scan_at(text, situation)
    line_prefix = situation.current_line_prefix
    base = indent_width(line_prefix + lines[0], situation.tab_width)
    first_opens = opens_block(line_prefix + lines[0], situation.language_id)
    only_deeper = first_opens and bool(line_prefix.strip())
    offset = len(lines[0]) + 1
    for number, line in enumerate(lines[1:], 1):
        keep = _judge(line, offset, base, situation, scan, only_deeper=only_deeper)
        paragraph = first_opens and _starts_paragraph(lines, number, base, situation) and not _inside(offset, scan)
        if keep is False or paragraph:
            return "\n".join(lines[:number])
        if keep is None:
            return "\n".join(lines[: number + 1])
        offset += len(line) + 1
    return text


def _judge(  # noqa: PLR0911 - one return for each kind of line
    line: str, offset: int, base: int, situation: Situation, scan: Scan, *, only_deeper: bool
) -> bool | None:
    """True: the line stays. None: it stays and is the last. False: it goes, with all that follows."""
    language_id = situation.language_id
    if not line.strip() or _inside(offset, scan):
        return True
    if line.startswith("#") and language_id in _PREPROCESSED:
        return True
    closer = is_closer(line, language_id)
    if closer and _is_below(line, offset, situation, scan):
        return False
    columns = indent_width(line, situation.tab_width)
    if columns > base or (columns == base and not only_deeper):
        return True
    if not closer:
        return False
    goes_on = opens_block(line, language_id)
    if only_deeper and columns == base:
        return True if goes_on else None
    return False if goes_on else None


def _inside(offset: int, scan: Scan) -> bool:
    """Whether the line that starts at `offset` starts inside something that the text opened."""
    if offset - 1 in scan.in_string or any(bracket.offset < offset for bracket in scan.opened):
        return True
    return any(opener < offset <= closer for closer, opener in scan.opener_of.items())


def _is_below(line: str, offset: int, situation: Situation, scan: Scan) -> bool:
    """Whether what `line` closes is closed by a line after the cursor's line already."""
    start = offset + len(indentation(line))
    index = next((i for i, bracket in enumerate(scan.closed) if bracket.offset == start), None)
    if index is not None:
        on_this_line = len(scan_at(situation.current_line_suffix, situation).closed)
        return index >= on_this_line and surroundings_of(situation).is_closed_below(index)
    if not is_only_closers(line, situation.language_id) or not line.strip()[0].isalpha():
        return False
    below = next((each for each in split(situation.suffix)[1:] if each.strip()), "")
    width = situation.tab_width
    return below.strip() == line.strip() and indent_width(below, width) == indent_width(line, width)


def _starts_paragraph(lines: list[str], number: int, base: int, situation: Situation) -> bool:
    line = lines[number]
    return bool(
        line.strip()
        and not lines[number - 1].strip()
        and any(each.strip() for each in lines[1:number])
        and indent_width(line, situation.tab_width) <= base
        and not is_closer(line, situation.language_id)
    )


def comment_leader(situation: Situation) -> str | None:
    """Return what the cursor's line begins with if it is a comment: `#`, `//`, `*`."""
    leader = _COMMENT_LEADER.match(situation.current_line_prefix)
    return None if leader is None else leader.group(1)


def _limit_to_comment(text: str, situation: Situation) -> str:
    lines = text.split("\n")
    if situation.prefix.rfind("/*") > situation.prefix.rfind("*/"):
        ends = next((number for number, line in enumerate(lines) if "*/" in line), None)
        return text if ends is None else "\n".join(lines[: ends + 1])
    leader = comment_leader(situation)
    if leader is None:  # a comment behind code ends with its line
        return lines[0]
    for number, line in enumerate(lines[1:], 1):
        if not line.lstrip().startswith(leader):
            return "\n".join(lines[:number])
    return text
