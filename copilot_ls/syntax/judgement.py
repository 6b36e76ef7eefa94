"""Whether inserting a text makes the code parse worse.

Definition. Take a *window*: the top-level definition around the cursor with its neighbours, or, where that is large,
its headers and the members next to the cursor, so that judging costs the same in any file. Its *score* is the number of
ERROR and MISSING nodes and of stray closing brackets and words. An insertion is no worse if the window's score with it
is at most the score before it. An unfinished line has errors before, so that a completion may leave as many.

A completion may also stop midway: at a brace or parenthesis it opens, after a comma, at the last line allowed. So it is
judged as well with what would complete it in the least way: its own open quotes and brackets closed, an operand after
an operator, a terminator, the name or clause that a keyword wants, a body, or a language's own repair (`end`,
`finally`). One that is no worse is enough.

Called by postprocess through a callable that features make, several times for one cursor: the window is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.syntax.access import CLOSER_OF, error_score
from copilot_ls.syntax.mask import lex, mask
from copilot_ls.text import Point, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls_grammars import LanguageSpec
    from tree_sitter import Node, Tree

    from copilot_ls.syntax.runtime import GrammarRuntime
    from copilot_ls.syntax.tree import SyntaxTree

# Bytes of code that are parsed to judge; fresh, 4 KB take about 0.3 ms.
_WINDOW_BYTES = 4_096
_NEIGHBOUR_BYTES = 1_024
_MAX_HEADER_BYTES = 2_048
_MAX_DEPTH = 12
_TIMEOUT_MS = 100

_WANTS_OPERAND = re.compile(r"[,.+\-*/%=<>&|^:?!]\s*$")
_BRACKET = re.compile(r"[()\[\]{}]")
_TOP_LEVEL = re.compile(rb"\n\r?\n([^\s)}\]])")
# Also elements of markup within code, which end with a tag of their own. `a<b>` and `(<T>x)` are none.
_BRACKET_OR_TAG = re.compile(r"[()\[\]{}]|(?<![\w)])<(?:([A-Za-z][\w.]*)\b[^<>]*?(/?)|(/)[\w.]*|)>")


@dataclass(frozen=True, slots=True)
class Window:
    """The code that is parsed to judge: up to the cursor, and after it."""

    head: bytes
    tail: bytes
    tree: Tree
    score: int


def parses_no_worse(tree: SyntaxTree, point: Point, insertion: str, replaced_end: Point | None = None) -> bool:
    """Whether the text with `insertion` in place of what lies from `point` to `replaced_end` parses no worse than now.

    True without a grammar, and where the window cannot be parsed in time: nothing is known against it then.
    """
    runtime, spec = tree.runtime, tree.spec
    if runtime is None or spec is None or not insertion:
        return True
    if tree.window is None or tree.window[0] != point:
        made = _window(tree, point)
        if made is None:
            return True
        tree.window = (point, made)
    window = tree.window[1]
    n_replaced = 0
    if replaced_end is not None and replaced_end > point:
        n_replaced = tree.snapshot.byte_offset(replaced_end) - tree.snapshot.byte_offset(point)
    line_before = tree.snapshot.line_text(point.line)[: point.column]
    for text in _readings(spec, line_before, insertion):
        score = _score_with(runtime, window, text, n_replaced)
        if score is None or score <= window.score:
            return True
    return False


def _score_with(runtime: GrammarRuntime, window: Window, text: str, n_replaced: int) -> int | None:
    inserted = text.encode("utf-8", "surrogatepass")
    start, new_end = len(window.head), len(window.head) + len(inserted)
    row, column = window.head.count(b"\n"), start - window.head.rfind(b"\n") - 1
    replaced = window.tail[:n_replaced]
    source = window.head + inserted + window.tail[n_replaced:]
    old = window.tree.copy()
    old.edit(
        start,
        start + len(replaced),
        new_end,
        (row, column),
        _after(row, column, replaced),
        _after(row, column, inserted),
    )
    tree = runtime.parse(source, old, timeout_ms=_TIMEOUT_MS)
    return None if tree is None else error_score(tree) + _stray_words(runtime.spec, tree, source)


def _stray_words(spec: LanguageSpec, tree: Tree, source: bytes) -> int:
    """Words at the start of a line that would close a block if there were one, but are taken as a name."""
    if spec.block_style != "keywords":
        return 0
    strays = 0
    for match in re.finditer(rb"(?m)^[ \t]*(\w+)", source):
        word = match[1].decode("utf-8", "replace")
        if word in spec.closers:
            leaf = tree.root_node.descendant_for_byte_range(match.start(1), match.end(1))
            strays += leaf is not None and leaf.type in ("identifier", "word")
    return strays


def _after(row: int, column: int, text: bytes) -> tuple[int, int]:
    n_rows = text.count(b"\n")
    return (row + n_rows, len(text) - text.rfind(b"\n") - 1) if n_rows else (row, column + len(text))


def _readings(spec: LanguageSpec, line_before: str, insertion: str) -> Iterator[str]:
    """The insertion as it is, then completed in the least ways that its end allows."""
    yield insertion
    quote, expected, last_line = _left_open(spec, line_before, insertion)
    closers = "".join(reversed(expected))
    body = insertion + quote
    if closers or quote:
        yield body + closers
    operand = "x" if not quote and _WANTS_OPERAND.search(insertion) else ""
    if operand:
        yield body + operand + closers
    if spec.terminator:
        end = spec.terminator
        closed = "".join(end + closer if closer == "}" else closer for closer in closers)
        yield body + operand + closed + ("" if closed.endswith("}") else end)
        yield body + closers + end
    for pattern, missing in () if quote else spec.unfinished:
        if pattern.search(last_line):
            yield body + closers + missing
    indent = last_line[: len(last_line) - len(last_line.lstrip())]
    for repair in spec.repairs:
        yield body + operand + closers + repair.replace("{indent}", indent)


def _left_open(spec: LanguageSpec, line_before: str, insertion: str) -> tuple[str, list[str], str]:
    """What would close the quote and the brackets that the insertion leaves open, outermost first; its last line."""
    lines = [line.rstrip("\r\n") for line in split_lines(line_before + insertion)]
    end = Point(len(lines) - 1, len(lines[-1]))
    stretches, quote = lex(spec, 0, lines, end)
    _, quote_before = lex(spec, 0, [line_before], Point(0, len(line_before)))
    masked = mask(0, lines, stretches).lines
    stack: list[str] = []
    sign = _BRACKET_OR_TAG if spec.markup else _BRACKET
    for number, text in enumerate(masked):
        for match in sign.finditer(text, len(line_before) if number == 0 else 0):
            closer = CLOSER_OF.get(match[0])
            if closer is None and match[0].startswith("<") and not match[3] and not match[2]:
                closer = f"</{match[1] or ''}>"
            if closer is not None:
                stack.append(closer)
            elif stack and (stack[-1] == match[0] or match[0].startswith("</")):
                stack.pop()
    last_line = next((line for line in reversed(lines) if line.strip()), "")
    return ("" if quote == quote_before else quote), stack, last_line


def _window(tree: SyntaxTree, point: Point) -> Window | None:
    """The code around a cursor that is worth parsing, pruned."""
    if tree.runtime is None or tree.spec is None:
        return None
    encoded = tree.snapshot.encoded
    byte = tree.snapshot.byte_offset(point)
    pruned = None if tree.tree is None else _pruned(tree.tree.root_node, tree.spec, encoded, byte)
    head, tail = pruned or _paragraphs_around(encoded, byte)
    prologue = tree.spec.prologue.encode()
    if prologue and not head.startswith(prologue.strip()):
        head = prologue + head
    parsed = tree.runtime.parse(head + tail, timeout_ms=_TIMEOUT_MS)
    if parsed is None:
        return None
    return Window(head, tail, parsed, error_score(parsed) + _stray_words(tree.spec, parsed, head + tail))


def _pruned(root: Node, spec: LanguageSpec, encoded: bytes, byte: int) -> tuple[bytes, bytes] | None:
    """Headers of what is around the cursor and large, and the children next to it; None where the tree is broken."""
    probe = max(0, len(encoded[max(0, byte - _WINDOW_BYTES) : byte].rstrip()) + max(0, byte - _WINDOW_BYTES) - 1)
    level, headers, tails = root, b"", b""
    for _ in range(_MAX_DEPTH):
        if level.is_error:
            return None
        child = _child_from(level, probe)
        if child is None:
            child = level.child(level.child_count - 1) if level.child_count else None
        if child is None:
            return None
        start, end = _with_neighbours(level, child, encoded, byte)
        if end - start <= _WINDOW_BYTES:
            return headers + encoded[start:byte], encoded[byte : max(byte, end)] + tails
        block = _block_within(child, spec, probe)
        if block is None or child.is_error:
            return None
        content_start, content_end = _content(block)
        header, rest = encoded[child.start_byte : content_start], encoded[content_end : child.end_byte]
        if len(header) > _MAX_HEADER_BYTES:
            return None
        headers += header
        tails = (rest if len(rest) <= _MAX_HEADER_BYTES else encoded[content_end : block.end_byte]) + b"\n" + tails
        level = block
    return None


def _with_neighbours(level: Node, child: Node, encoded: bytes, byte: int) -> tuple[int, int]:
    """The bytes of a child, with the one before and those after up to the cursor's next, as far as they are small."""
    start, end = min(child.start_byte, byte), max(child.end_byte, byte)
    before = len(encoded[max(0, start - _NEIGHBOUR_BYTES) : start].rstrip()) + max(0, start - _NEIGHBOUR_BYTES) - 1
    previous = _child_from(level, before) if before >= 0 else None
    if previous is not None and previous.start_byte < start and start - previous.start_byte <= _NEIGHBOUR_BYTES:
        start = previous.start_byte
    following = _child_from(level, end)
    if following is not None and end < following.end_byte <= end + _NEIGHBOUR_BYTES:
        end = following.end_byte
    return start, end


def _child_from(node: Node, byte: int) -> Node | None:
    """The first child that ends after a byte; `Node.first_child_for_byte` can crash the process."""
    cursor = node.walk()
    return None if cursor.goto_first_child_for_byte(byte) is None else cursor.node


def _block_within(child: Node, spec: LanguageSpec, probe: int) -> Node | None:
    """The outermost block of a node that holds the cursor."""
    cursor = child.walk()
    node: Node | None = child
    while node is not None:
        if node.type in spec.block_kinds and node.start_byte <= probe:
            return node
        if cursor.goto_first_child_for_byte(probe) is None:
            return None
        node = cursor.node
    return None


def _content(block: Node) -> tuple[int, int]:
    first, last = block.child(0), block.child(block.child_count - 1) if block.child_count else None
    if first is not None and last is not None and first.type == "{":
        return first.end_byte, last.start_byte if last.type == "}" else block.end_byte
    return block.start_byte, block.end_byte


def _paragraphs_around(encoded: bytes, byte: int) -> tuple[bytes, bytes]:
    """Lines around the cursor up to where, by blank lines and indentation, something at the top starts.

    For where the tree is of no help. What is cut off midway would cost both errors and the time to recover from them.
    """
    start, end = max(0, byte - _WINDOW_BYTES // 2), min(len(encoded), byte + _WINDOW_BYTES // 4)
    head = encoded[start:byte]
    starts = [match.start(1) for match in _TOP_LEVEL.finditer(head)]
    if starts:
        start += starts[-1]
    elif start:
        start += head.find(b"\n") + 1
    following = _TOP_LEVEL.search(encoded, byte, end)
    if following is not None:
        end = following.start(1)
    elif end < len(encoded):
        end = max(byte, encoded.rfind(b"\n", byte, end))
    return encoded[start:byte], encoded[byte:end]
