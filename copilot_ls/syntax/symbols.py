"""What one file defines, refers to and imports, by the queries of its language.

For indexing: a whole text in, rows out, no tree is kept. Parsing holds the interpreter's lock at some 8 MB/s, so many
files belong into a process of their own. Called by `copilot_ls.index`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.syntax.runtime import runtime_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls_grammars import LanguageSpec
    from tree_sitter import Node

    _Captures = dict[str, list[Node]]

_TIMEOUT_MS = 2_000
_MAX_SIGNATURE_CHARS = 400
_MAX_SIGNATURE_LINES = 10
# What has members. Functions of a module are nobody's.
_HOLDERS = frozenset({"class", "type"})


class Definition(NamedTuple):
    """A definition. Lines are zero-based, as LF counts them; `end_line` is the last one.

    `kind` is the capture's (`function`, `method`, `class`, `type`, `constant`, `variable`, `attribute`, `module`),
    `container` the name of the definition around it, `member_of` that of the type it is a member of. `signature` is the
    code before the body on one line, or the first line; `signature_end` the line after the last of its lines.
    """

    kind: str
    name: str
    container: str
    start_line: int
    end_line: int
    signature: str
    member_of: str
    signature_end: int


class Inheritance(NamedTuple):
    """A type and one that it is derived from, implements or includes, by their last names."""

    name: str
    base: str
    line: int


class Reference(NamedTuple):
    """A name in use: `kind` is `call`, `type` or `member`."""

    kind: str
    name: str
    line: int


class Import(NamedTuple):
    """One imported name, empty where a whole module is meant; `source` as it is written."""

    source: str
    name: str
    alias: str
    line: int


class FileSymbols(NamedTuple):
    """All of a file's symbols, in the order of the text."""

    definitions: tuple[Definition, ...]
    references: tuple[Reference, ...]
    imports: tuple[Import, ...]
    inherits: tuple[Inheritance, ...]


def file_symbols(spec: LanguageSpec, source: bytes) -> FileSymbols | None:
    """The symbols of a text in utf-8; None without a grammar, and where parsing takes too long."""
    runtime = runtime_for(spec)
    tree = None if runtime is None or b"\0" in source else runtime.parse(source, timeout_ms=_TIMEOUT_MS)
    if runtime is None or tree is None:
        return None
    root = tree.root_node
    by_query = _sorted(runtime.matches("definitions+imports+references", root))
    definitions, defined = _definitions(by_query.definitions, source)
    return FileSymbols(
        definitions,
        _references(by_query.references, defined),
        _imports(by_query.imports),
        _inheritance(by_query.inherits),
    )


class _Sorted(NamedTuple):
    """Captures of matches, by what they find."""

    definitions: list[tuple[str, _Captures]]
    inherits: list[_Captures]
    imports: list[_Captures]
    references: list[tuple[str, _Captures]]


def _sorted(matches: Sequence[tuple[int, _Captures]]) -> _Sorted:
    """One walk of the tree for three queries, which takes half of the time of three walks."""
    found = _Sorted([], [], [], [])
    for _, captures in matches:
        for name in captures:
            if name.startswith("reference."):
                found.references.append((name, captures))
            elif name.startswith("definition."):
                found.definitions.append((name, captures))
            elif name == "import":
                found.imports.append(captures)
            elif name == "inherits.base":
                found.inherits.append(captures)
            else:
                continue
            break
    return found


def _definitions(
    matches: Sequence[tuple[str, _Captures]], source: bytes
) -> tuple[tuple[Definition, ...], frozenset[int]]:
    """The definitions, and the bytes at which their names start."""
    found = _found(matches)
    rows: list[Definition] = []
    around: list[_Around] = []
    members: set[tuple[str, str]] = set()
    for node, kind, captures in sorted(found.values(), key=lambda row: (row[0].start_byte, -row[0].end_byte)):
        while around and around[-1].end <= node.start_byte:
            around.pop()
        name = _text(captures["name"][0]).removeprefix(":")
        container, member_of = _placed(kind, captures, around)
        # A field counts where the type itself declares it, else where a method first sets it.
        if kind == "attribute" and (not member_of or (member_of, name) in members):
            continue
        members.add((member_of, name))
        body = captures["body"][0] if "body" in captures else None
        first, last = node.start_point.row, node.end_point
        end_line = last.row - (last.column == 0 and last.row > first)
        signature, n_lines = _signature(source, node, body)
        rows.append(Definition(kind, name, container, first, end_line, signature, member_of, first + n_lines))
        if body is not None:
            around.append(_Around(node.end_byte, name, kind))
    return tuple(rows), frozenset(found)


def _found(matches: Sequence[tuple[str, _Captures]]) -> dict[int, tuple[Node, str, _Captures]]:
    """What the matches define, by the byte where the name starts: its node, kind and captures."""
    found: dict[int, tuple[Node, str, _Captures]] = {}
    for kind, captures in matches:
        if "name" not in captures:
            continue
        start, node = captures["name"][0].start_byte, captures[kind][0]
        # Several patterns may find one name: the one that knows its container, else the later one, is more special.
        if start not in found or "container" not in found[start][2]:
            found[start] = (node, kind.removeprefix("definition."), captures)
    return found


class _Around(NamedTuple):
    """A definition that those after it may stand in: the byte where it ends, its name and kind."""

    end: int
    name: str
    kind: str


def _placed(kind: str, captures: _Captures, around: list[_Around]) -> tuple[str, str]:
    """The names of the definition around one, and of the type that it belongs to; empty where there is none."""
    if "container" in captures:
        named = _text(captures["container"][0])
        return named, named
    container = around[-1] if around else None
    if kind == "attribute":
        container = next((each for each in reversed(around) if each.kind in _HOLDERS), None)
    if container is None:
        return "", ""
    holds = container.kind in _HOLDERS or (container.kind == "module" and kind == "method")  # Ruby's modules
    return container.name, container.name if holds else ""


def _signature(source: bytes, node: Node, body: Node | None) -> tuple[str, int]:
    """The code before the body, and how many lines it has; the first line alone where there would be many."""
    end = node.end_byte if body is None else max(body.start_byte, node.start_byte)
    whole = source[node.start_byte : min(end, node.start_byte + 4 * _MAX_SIGNATURE_CHARS)].rstrip()
    first, line_end, _ = whole.partition(b"\n")
    n_lines = 1
    if line_end and end - node.start_byte <= 4 * _MAX_SIGNATURE_CHARS:
        n_lines += whole.count(b"\n")
    if n_lines > _MAX_SIGNATURE_LINES:
        n_lines = 1
    text = (first if body is None else whole).decode("utf-8", "replace")
    return " ".join(text.split())[:_MAX_SIGNATURE_CHARS].rstrip(" {:"), n_lines


def _inheritance(matches: Sequence[_Captures]) -> tuple[Inheritance, ...]:
    found: dict[tuple[int, int], Inheritance] = {}
    for captures in matches:
        name, base = captures["inherits.type"][0], captures["inherits.base"][0]
        place = (name.start_byte, base.start_byte)
        found.setdefault(place, Inheritance(_text(name), _text(base), base.start_point.row))
    return tuple(row for _, row in sorted(found.items()))


def _references(matches: Sequence[tuple[str, _Captures]], defined: frozenset[int]) -> tuple[Reference, ...]:
    found: dict[int, Reference] = {}
    for kind, captures in matches:
        for node in captures[kind]:
            start = node.start_byte
            known = found.get(start)
            # A call is no mere member: of several kinds the first in the alphabet counts.
            if start not in defined and (known is None or kind < f"reference.{known.kind}"):
                found[start] = Reference(kind.removeprefix("reference."), _text(node), node.start_point.row)
    return tuple(row for _, row in sorted(found.items()))


def _imports(matches: Sequence[_Captures]) -> tuple[Import, ...]:
    found: dict[tuple[int, str, str, str], Import] = {}
    for captures in matches:
        source, name, alias = (
            _text(captures[capture][0]).strip("\"':") if capture in captures else ""
            for capture in ("import.source", "import.name", "import.alias")
        )
        node = captures["import"][0]
        found.setdefault((node.start_byte, source, name, alias), Import(source, name, alias, node.start_point.row))
    # A pattern for the bare module matches also where names are imported from it.
    named = {(start, row.source) for (start, *_), row in found.items() if row.name}
    return tuple(
        row for (start, *_), row in sorted(found.items()) if row.name or row.alias or (start, row.source) not in named
    )


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
