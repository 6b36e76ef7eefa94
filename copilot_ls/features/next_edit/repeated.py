"""What was done to a line, done to others.

Names are replaced, the same tokens changed between the same neighbours; lines that read the same, or differ by names
alone, become what those became; and pieces around other code are replaced as they were around this.

Of several ways that lead to the same text the strictest is kept. Called by `proposing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import shapes
from copilot_ls.features.next_edit.candidate import Candidate
from copilot_ls.features.next_edit.line_ops import LINE_END, Op, done, fits, is_name, ops_between, tokens_of
from copilot_ls.features.next_edit.scene import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.features.next_edit.candidate import Kind
    from copilot_ls.features.next_edit.line_ops import Fit
    from copilot_ls.features.next_edit.scene import Page
    from copilot_ls.features.next_edit.trail import MadeEdit

_MOST_PLACES = 60
# A line with more operations than this was written anew.
_MOST_OPS = 8
# A template with less of its own than this would fit anywhere.
_LEAST_TEMPLATE_CHARS = 4
_LONGEST_HOLE = 120
_PAIRS = {")": "(", "]": "[", "}": "{"}


def candidates(made: MadeEdit, page: Page) -> Iterator[Candidate]:
    """All places of a page where the edit fits."""
    if not made.old:
        return
    yield from _blocks(made, page)
    if len(made.old) == len(made.new) == 1:
        yield from _tokens(made, page)
        yield from _templates(made, page)


def _is_where_it_was_made(made: MadeEdit, page: Page, first: int, end: int) -> bool:
    return page.uri == made.uri and first < max(made.end, made.line + 1) and end > made.line and bool(made.new)


# Lines as they are, or of the same shape


def _blocks(made: MadeEdit, page: Page) -> Iterator[Candidate]:
    old = [line.strip() for line in made.old]
    if not any(old):
        return
    anchor = max(range(len(old)), key=lambda at: len(old[at]))
    exact = [number - anchor for number in page.stripped.get(old[anchor], ())]
    yield from _blocks_at(made, page, exact)
    gone, first_with = _words_gone(made)
    if gone:
        near = sorted(page.lines_with_all(gone[:6]), key=lambda number: abs(number - made.line))[:_MOST_PLACES]
        yield from _blocks_at(made, page, [place for number in near if (place := number - first_with) not in exact])


def _words_gone(made: MadeEdit) -> tuple[list[str], int]:
    """The words that the first line to lose any does not have any more, and which line that is."""
    kept = set(words_of("\n".join(made.new)))
    for at, line in enumerate(made.old):
        gone = [word for word in words_of(line) if word not in kept]
        if gone:
            return gone, at
    return [], 0


def _blocks_at(made: MadeEdit, page: Page, places: Sequence[int]) -> Iterator[Candidate]:
    kept_in_new = {piece.text for line in made.new for piece in shapes.pieces(line)}
    for first in places[:_MOST_PLACES]:
        end = first + len(made.old)
        if first < 0 or end > len(page.lines) or _is_where_it_was_made(made, page, first, end):
            continue
        lines = page.lines[first:end]
        renaming = _renaming(made.old, lines)
        if renaming is None:
            continue
        changed = {one: other for one, other in renaming.items() if one != other}
        # What the edit took away must be there as it was: else it is another edit.
        if any(one not in kept_in_new for one in changed):
            continue
        new = _rebuilt(made, lines, renaming)
        if new is None or new == tuple(lines):
            continue
        kind: Kind = "same_shape" if changed else "same_line"
        yield Candidate(page, first, end, new, kind, made, {"n_renamed": len(changed), "n_lines": len(lines)})


def _renaming(old: Sequence[str], lines: Sequence[str]) -> dict[str, str] | None:
    """The names, numbers and literals that stand for one another, when the lines are of one shape."""
    renaming: dict[str, str] = {}
    for one, other in zip(old, lines, strict=True):
        if one.strip() == other.strip():
            renaming.update({piece.text: piece.text for piece in shapes.pieces(one) if piece.kind in {"a", '"', "0"}})
            continue
        if shapes.shape(one.strip()) != shapes.shape(other.strip()):
            return None
        found = shapes.names_between(shapes.pieces(one.strip()), shapes.pieces(other.strip()))
        if found is None or any(renaming.setdefault(a, b) != b for a, b in found.items()):
            return None
    return renaming


def _rebuilt(made: MadeEdit, lines: Sequence[str], renaming: dict[str, str]) -> tuple[str, ...] | None:
    """The new lines, renamed and indented as the old ones are there."""
    theirs, ours = _indent(made.old), _indent(lines)
    found = []
    for line in made.new:
        text = shapes.renamed(line, renaming)[0]
        if not text.strip():
            found.append(text.strip())
        elif text.startswith(theirs):
            found.append(ours + text[len(theirs) :])
        else:
            return None
    return tuple(found)


def _indent(lines: Sequence[str]) -> str:
    first = next((line for line in lines if line.strip()), "")
    return first[: len(first) - len(first.lstrip())]


# Tokens between neighbours


def _tokens(made: MadeEdit, page: Page) -> Iterator[Candidate]:
    ops = ops_between(made.old[0], made.new[0])
    if not ops or len(ops) > _MOST_OPS:
        return
    found: dict[int, list[tuple[Op, Fit]]] = {}
    for op in ops:
        if op.renames or _tells_something(op):
            for number in _lines_for(op, made, page):
                if not _is_where_it_was_made(made, page, number, number + 1):
                    found.setdefault(number, []).extend((op, fit) for fit in fits(op, page.lines[number]))
    for number, fitting in found.items():
        if fitting:
            yield from _with_fits(made, page, number, fitting, len(ops))


def _tells_something(op: Op) -> bool:
    return any(is_name(token) or len(token) > 1 for token in (*op.old, *op.left[:2], *op.right[:2]))


def _lines_for(op: Op, made: MadeEdit, page: Page) -> list[int]:
    """The lines that are worth a look: those with the words that went, or with the neighbours."""
    words = [token for token in op.old if is_name(token)]
    if not words:
        near = [token for token in (*op.left[:1], *op.right[:1], *op.left[1:2], *op.right[1:2]) if is_name(token)]
        words = near[:2] if op.is_put_in else near[:1]
    if not words:
        return []
    lines = page.lines_with_all(words)
    return sorted(lines, key=lambda number: abs(number - made.line) if page.uri == made.uri else number)[:_MOST_PLACES]


def _with_fits(
    made: MadeEdit, page: Page, number: int, fitting: Sequence[tuple[Op, Fit]], n_ops: int
) -> Iterator[Candidate]:
    line = page.lines[number]
    taken: list[tuple[int, Op]] = []
    covered: set[int] = set()
    best_left = best_right = 0
    for op, fit in sorted(fitting, key=lambda each: (-each[1].n_left - each[1].n_right, each[1].start)):
        places = set(range(fit.start, fit.start + max(len(op.old), 1)))
        if places & covered:
            continue
        covered |= places
        taken.append((fit.start, op))
        best_left, best_right = max(best_left, fit.n_left), max(best_right, fit.n_right)
    new = done(line, taken)
    if new == line:
        return
    used = {op for _, op in taken}
    kind: Kind = "renamed" if all(op.renames for op in used) else "same_tokens"
    agreement = {
        "n_left": best_left, "n_right": best_right, "n_ops": n_ops, "share_of_ops": len(used) / n_ops,
        "n_places": len(taken), "puts_in": float(any(op.is_put_in for op in used)),
        "takes_out": float(any(not op.new for op in used)),
    }  # fmt: skip
    yield Candidate(page, number, number + 1, (new,), kind, made, agreement)


# Pieces around other code


def _templates(made: MadeEdit, page: Page) -> Iterator[Candidate]:
    ops = ops_between(made.old[0], made.new[0])
    literals = ["".join(op.old) for op in ops]
    words = [token for op in ops for token in op.old if is_name(token)]
    # Of one piece there is nothing around; pieces that took nothing away, or next to nothing, would fit anywhere.
    if len(ops) < 2 or not all(literals) or not words or sum(map(len, literals)) < _LEAST_TEMPLATE_CHARS:  # noqa: PLR2004
        return
    at_end = ops[-1].right[0] == LINE_END
    for number in page.lines_with_all(words)[:_MOST_PLACES]:
        line = page.lines[number]
        if _is_where_it_was_made(made, page, number, number + 1):
            continue
        found = _holes(literals, line, at_end=at_end)
        if found is not None:
            head, holes, tail = found
            pieces = [head, "".join(ops[0].new)]
            for hole, op in zip(holes, ops[1:], strict=True):
                pieces += [hole, "".join(op.new)]
            new = "".join([*pieces, tail])
            if new != line:
                yield Candidate(page, number, number + 1, (new,), "template", made, {"n_ops": len(ops)})


def _holes(literals: Sequence[str], line: str, *, at_end: bool) -> tuple[str, list[str], str] | None:
    """What stands before, between and after the literals, in order, no bracket left open between two of them."""
    first = literals[0]
    start = line.find(first)
    while start >= 0:
        if not (is_name(first) and start and is_name(line[start - 1])):
            holes = _holes_behind(literals[1:], line, start + len(first), at_end=at_end)
            if holes is not None:
                end = start + len(first) + sum(map(len, holes)) + sum(map(len, literals[1:]))
                return line[:start], holes, line[end:]
        start = line.find(first, start + 1)
    return None


def _holes_behind(literals: Sequence[str], line: str, at: int, *, at_end: bool) -> list[str] | None:
    if not literals:
        return [] if not at_end or not line[at:].strip() else None
    end = line.find(literals[0], at + 1)
    while 0 <= end <= at + _LONGEST_HOLE:
        if _is_balanced(line[at:end]):
            rest = _holes_behind(literals[1:], line, end + len(literals[0]), at_end=at_end)
            if rest is not None:
                return [line[at:end], *rest]
        end = line.find(literals[0], end + 1)
    return None


def _is_balanced(code: str) -> bool:
    stack: list[str] = []
    for token in tokens_of(code):
        if token in ("(", "[", "{"):
            stack.append(token)
        elif token in _PAIRS and (not stack or stack.pop() != _PAIRS[token]):
            return False
    return not stack
