"""Where a text does not parse, and how it would parse after some replacements.

A fault is what the parser could make nothing of, what it missed, or, where indentation shows blocks, a line that is
indented as none may be: grammars accept these silently. Trying replacements parses again what they touch, a millisecond
for most files. Leaves what to try to `copilot_ls.fixers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.syntax.access import error_score
from copilot_ls.syntax.tokens import landmarks
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.syntax.node import CodeNode
    from copilot_ls.syntax.tree import SyntaxTree
    from copilot_ls.text import TextSnapshot

FaultKind = Literal["error", "missing", "indent", "unindent", "empty_block"]

_TIMEOUT_MS = 300
_MOST_FAULTS = 50


class Fault(NamedTuple):
    """A place that does not parse. `expected` is what was missed, in the grammar's words.

    `indent`: a line is indented more than the one before it, which opens no block. `unindent`: it is indented like no
    block around it. `empty_block`: it should be indented more than the line before it, which opens a block.
    """

    kind: FaultKind
    span: Span
    expected: str = ""


def syntax_faults(tree: SyntaxTree) -> tuple[Fault, ...]:
    """The faults of a whole text, in order, the innermost ones alone; none without a grammar."""
    root = tree.root
    if root is None:
        return ()
    found = [] if not root.has_error else list(_of_tree(root))
    found += layout_faults(tree)
    return tuple(sorted(found)[:_MOST_FAULTS])


def _of_tree(node: CodeNode) -> list[Fault]:
    if node.is_missing:
        return [Fault("missing", node.span, node.kind)]
    within = [fault for child in node.children if child.has_error or child.is_missing for fault in _of_tree(child)]
    if node.is_error:
        # An error around others says nothing more, unless it holds words of its own.
        return within or [Fault("error", node.span)]
    return within


def nearest_fault(tree: SyntaxTree, line: int, *, within: int) -> Span | None:
    """The nearest place that does not parse, at most `within` lines from a line; without a look at the rest.

    For editors that ask at every cursor: where the text around parses, it costs a few nodes. Layout is not looked at.
    """
    root = tree.root
    if root is None or not root.has_error:
        return None
    found: list[Span] = []
    waiting = [root]
    while waiting and len(found) < _MOST_FAULTS:
        node = waiting.pop()
        if node.start.line > line + within or node.end.line < line - within:
            continue
        inner = [child for child in node.children if child.has_error or child.is_missing]
        if node.is_missing or (node.is_error and not inner):
            found.append(node.span)
        waiting += inner
    return min(found, key=lambda span: abs(span.start.line - line), default=None)


def layout_faults(tree: SyntaxTree) -> list[Fault]:
    """Lines whose indentation cannot be, in languages where it shows the blocks."""
    if tree.spec is None or tree.spec.block_style != "indent":
        return []
    return _layout_faults(tree, tree.snapshot)


def _layout_faults(tree: SyntaxTree, snapshot: TextSnapshot) -> list[Fault]:
    found: list[Fault] = []
    open_blocks = [0]
    opens = False
    for line, column, opens_block in _logical_lines(tree, snapshot):
        text = snapshot.line_text(line)
        width = len(text[:column].expandtabs(8))
        span = Span(Point(line, 0), Point(line, column))
        if opens:
            if width <= open_blocks[-1]:
                found.append(Fault("empty_block", span))
            else:
                open_blocks.append(width)
        elif width > open_blocks[-1]:
            found.append(Fault("indent", span))
            opens = opens_block
            continue
        if width < open_blocks[-1]:
            while open_blocks[-1] > width:
                open_blocks.pop()
            if open_blocks[-1] != width:
                found.append(Fault("unindent", span))
        opens = opens_block
    if opens:
        last = snapshot.n_lines - 1
        found.append(Fault("empty_block", Span(Point(last, 0), Point(last, 0))))
    return found


def _logical_lines(tree: SyntaxTree, snapshot: TextSnapshot) -> list[tuple[int, int, bool]]:
    """Line and column where each statement begins, and whether it ends with a colon: it opens a block then."""
    if tree.spec is None:
        return []
    text = snapshot.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines: list[tuple[int, int, bool]] = []
    # The statement begins at `start` of line `line`; of it, all up to `code_end` is neither comment nor white space.
    line, line_start, start, depth, code_end, seen = 0, 0, 0, 0, 0, 0
    begun = 0
    for match in landmarks(tree.spec).finditer(f"{text}\n"):
        kind, at = match.lastgroup, match.start()
        if text[seen:at].strip():
            code_end = at
        seen = match.end()
        if kind == "newline":
            code = text[start:code_end].rstrip()
            is_over = depth <= 0 and not code.endswith("\\")
            line += 1
            if not code:
                start = code_end = line_start = at + 1
                begun = line
            elif is_over:
                column = len(text[start:code_end]) - len(text[start:code_end].lstrip())
                lines.append((begun, start + column - line_start, code.endswith(":")))
                depth, begun = 0, line
                start = code_end = line_start = at + 1
        elif kind != "comment":
            code_end = match.end()
            line += text.count("\n", at, match.end())
            depth += (kind == "opener") - (kind == "closer")
    return lines


class Trials:
    """How one text would parse after replacements. Each trial starts from the text as it is."""

    def __init__(self, tree: SyntaxTree) -> None:
        self._tree = tree
        self.n_tried = 0
        self.score = 0 if tree.tree is None else error_score(tree.tree) + len(layout_faults(tree))
        """Faults of the text as it is: ERROR and MISSING nodes, stray closers, lines of impossible indentation."""

    def score_after(self, replacements: Sequence[Replacement], *, enough: int | None = None) -> int | None:
        """Faults after all of some replacements; None where nobody can tell: no grammar, or parsing takes too long.

        Where there are more than `enough` (as many as now, if not given), it need not be counted how many.
        """
        tree = self._tree
        if tree.tree is None or tree.runtime is None:
            return None
        self.n_tried += 1
        old, snapshot = tree.tree.copy(), tree.snapshot
        for each in sorted(replacements, key=lambda each: each.span.start, reverse=True):
            snapshot, edit = snapshot.edited(each.span, each.text)
            old.edit(
                edit.start_byte,
                edit.old_end_byte,
                edit.new_end_byte,
                (edit.start.line, edit.start_byte_column),
                (edit.old_end.line, edit.old_end_byte_column),
                (edit.new_end.line, edit.new_end_byte_column),
            )
        rows_agree = "\r" not in "".join(each.text for each in replacements)
        parsed = tree.runtime.parse(snapshot.encoded, old if rows_agree else None, timeout_ms=_TIMEOUT_MS)
        if parsed is None:
            return None
        score = error_score(parsed)
        if score > (self.score if enough is None else enough):
            return score
        if tree.spec is not None and tree.spec.block_style == "indent":
            score += len(_layout_faults(tree, snapshot))
        return score
