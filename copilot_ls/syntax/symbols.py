"""What one file defines, refers to and imports, by the queries of its language.

For indexing: a whole text in, rows out, no tree is kept. Parsing holds the interpreter's lock at some 8 MB/s, so many
files belong into a process of their own. Called by `copilot_ls.index`.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache, partial
from itertools import accumulate, chain
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.syntax.runtime import runtime_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from copilot_ls_grammars import LanguageSpec
    from tree_sitter import Node

    from copilot_ls.syntax.runtime import GrammarRuntime

    _Captures = dict[str, list[Node]]

_QUERIES = "definitions+imports+references"
_TIMEOUT_MS = 2_000
_MAX_SIGNATURE_BYTES = 1_600
_MAX_SIGNATURE_LINES = 10
# What has members. Functions of a module are nobody's.
_HOLDERS = frozenset({"class", "type"})
# The role of a pattern that finds references of several kinds.
_MIXED = "reference"
_START, _END = attrgetter("start_byte"), attrgetter("end_byte")


class Definition(NamedTuple):
    """A definition. Lines are zero-based, as LF counts them; `end_line` is the last one.

    `kind` is the capture's (`function`, `method`, `class`, `type`, `constant`, `variable`, `attribute`, `module`),
    `container` the name of the definition around it, `member_of` that of the type it is a member of. `signature_end` is
    the line after the last one of the code before its body; the one after the first where these would be many.
    """

    kind: str
    name: str
    container: str
    start_line: int
    end_line: int
    member_of: str
    signature_end: int


# A name in use: its kind (`call`, `type` or `member`), the name and its line. A plain tuple, since there are very many.
Reference = tuple[str, str, int]


class Inheritance(NamedTuple):
    """A type and one that it is derived from, implements or includes, by their last names."""

    name: str
    base: str
    line: int


class Import(NamedTuple):
    """One imported name, empty where a whole module is meant; `source` as it is written."""

    source: str
    name: str
    alias: str
    line: int


class FileSymbols(NamedTuple):
    """All of a file's symbols, in the order of the text.

    `line_starts` has for each line the byte after its end: where the next one starts, past the text for the last one.
    """

    definitions: tuple[Definition, ...]
    references: list[Reference]
    imports: tuple[Import, ...]
    inherits: tuple[Inheritance, ...]
    line_starts: list[int]


def file_symbols(spec: LanguageSpec, source: bytes) -> FileSymbols | None:
    """The symbols of a text in utf-8; None without a grammar, and where parsing takes too long."""
    runtime = runtime_for(spec)
    tree = None if runtime is None or b"\0" in source else runtime.parse(source, timeout_ms=_TIMEOUT_MS)
    if runtime is None or tree is None:
        return None
    text = _Text(source)
    by_role = _sorted(runtime, runtime.matches(_QUERIES, tree.root_node))
    definitions, defined = _definitions(by_role.get("definition", ()), text)
    return FileSymbols(
        definitions,
        _references(by_role, defined, text),
        _imports(by_role.get("import", ()), text),
        _inheritance(by_role.get("inherits", ()), text),
        text.line_starts,
    )


class _Text:
    """A text by its bytes. To ask nodes for their texts and lines would take several times as long."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        # A character for each byte; a piece that is no ASCII is put right when it is taken.
        self._characters = source.decode("latin-1")
        self._is_ascii = source.isascii()
        self.line_starts = list(accumulate([len(line) + 1 for line in source.split(b"\n")]))
        self.line: Callable[[int], int] = partial(bisect_right, self.line_starts)
        """The number of line ends before a byte."""

    def between(self, start: int, end: int) -> str:
        """What stands from one byte up to another."""
        return self._right(self._characters[start:end])

    def pieces(self, extents: Iterable[tuple[int, int]]) -> list[str]:
        """What stands from some bytes up to others."""
        characters = self._characters
        found = [characters[start:end] for start, end in extents]
        return found if self._is_ascii else list(map(self._right, found))

    def of(self, node: Node) -> str:
        """What a node stands for."""
        return self.between(node.start_byte, node.end_byte)

    def _right(self, text: str) -> str:
        return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def _sorted(runtime: GrammarRuntime, matches: Iterable[tuple[int, _Captures]]) -> dict[str, list[_Captures]]:
    """The captures of matches, by what they find: `definition`, `inherits`, `import`, or `reference` and its kind.

    One walk of the tree for three queries takes half of the time of three walks.
    """
    roles = _roles(runtime)
    found: dict[str, list[_Captures]] = {role: [] for role in roles}
    put = [found[role].append for role in roles]
    for pattern, captures in matches:
        put[pattern](captures)
    for captures in found.pop(_MIXED, ()):
        kind = next(name for name in captures if name.startswith("reference."))
        found.setdefault(kind, []).append(captures)
    return found


@cache
def _roles(runtime: GrammarRuntime) -> tuple[str, ...]:
    """What each pattern finds, as its captures tell: a table, as there are hundreds of thousands of matches."""
    return tuple(map(_role, runtime.capture_names(_QUERIES)))


def _role(captures: frozenset[str]) -> str:
    kinds = {name for name in captures if name.startswith("reference.")}
    if kinds:
        return kinds.pop() if len(kinds) == 1 else _MIXED
    if any(name.startswith("definition.") for name in captures):
        return "definition"
    return "import" if "import" in captures else "inherits" if "inherits.base" in captures else ""


def _definitions(matches: Iterable[_Captures], text: _Text) -> tuple[tuple[Definition, ...], Iterable[int]]:
    """The definitions, and the bytes at which their names start."""
    found = _found(matches, text)
    rows: list[Definition] = []
    around: list[_Around] = []
    members: set[tuple[str, str]] = set()
    for start, minus_end, kind, name, captures in sorted(found.values(), key=itemgetter(0, 1)):
        end = -minus_end
        while around and around[-1].end <= start:
            around.pop()
        container, member_of = _placed(kind, captures, around, text)
        # A field counts where the type itself declares it, else where a method first sets it.
        if kind == "attribute" and (not member_of or (member_of, name) in members):
            continue
        members.add((member_of, name))
        body = captures.get("body")
        head_end = end if body is None else max(body[0].start_byte, start)
        first = text.line(start)
        last = max(text.line(end - 1), first)  # an end at the start of a line belongs to the one above
        n_lines = _n_head_lines(text.source, start, head_end)
        rows.append(Definition(kind, name, container, first, last, member_of, first + n_lines))
        if body is not None:
            around.append(_Around(end, name, kind))
    return tuple(rows), found


def _found(matches: Iterable[_Captures], text: _Text) -> dict[int, tuple[int, int, str, str, _Captures]]:
    """What the matches define, by the byte where the name starts: start, negated end, kind, name and captures."""
    found: dict[int, tuple[int, int, str, str, _Captures]] = {}
    for captures in matches:
        if "name" not in captures:
            continue
        named = captures["name"][0]
        at = named.start_byte
        # Several patterns may find one name: the one that knows its container, else the later one, is more special.
        if at in found and "container" in found[at][-1]:
            continue
        for capture in captures:
            if capture.startswith("definition."):
                node = captures[capture][0]
                name = text.between(at, named.end_byte).removeprefix(":")
                found[at] = (node.start_byte, -node.end_byte, capture[len("definition.") :], name, captures)
                break
    return found


class _Around(NamedTuple):
    """A definition that those after it may stand in: the byte where it ends, its name and kind."""

    end: int
    name: str
    kind: str


def _placed(kind: str, captures: _Captures, around: list[_Around], text: _Text) -> tuple[str, str]:
    """The names of the definition around one, and of the type that it belongs to; empty where there is none."""
    if "container" in captures:
        named = text.of(captures["container"][0])
        return named, named
    container = around[-1] if around else None
    if kind == "attribute":
        container = next((each for each in reversed(around) if each.kind in _HOLDERS), None)
    if container is None:
        return "", ""
    holds = container.kind in _HOLDERS or (container.kind == "module" and kind == "method")  # Ruby's modules
    return container.name, container.name if holds else ""


def _n_head_lines(source: bytes, start: int, end: int) -> int:
    """How many lines the code before a body has; one where there would be many."""
    if end - start > _MAX_SIGNATURE_BYTES:
        return 1
    n_lines = source[start:end].rstrip().count(b"\n") + 1
    return n_lines if n_lines <= _MAX_SIGNATURE_LINES else 1


def _inheritance(matches: Iterable[_Captures], text: _Text) -> tuple[Inheritance, ...]:
    found: dict[tuple[int, int], Inheritance] = {}
    for captures in matches:
        name, base = captures["inherits.type"][0], captures["inherits.base"][0]
        place = (name.start_byte, base.start_byte)
        found.setdefault(place, Inheritance(text.of(name), text.of(base), text.line(place[1])))
    return tuple(row for _, row in sorted(found.items()))


def _references(by_role: Mapping[str, Iterable[_Captures]], defined: Iterable[int], text: _Text) -> list[Reference]:
    ends: dict[int, int] = {}
    kinds: dict[int, str] = {}
    # A call is no mere member: of several kinds the first in the alphabet counts, so it comes last.
    for capture in sorted(by_role, reverse=True):
        kind = capture.removeprefix("reference.")
        if kind == capture:
            continue
        nodes = list(chain.from_iterable(map(itemgetter(capture), by_role[capture])))
        nodes.reverse()
        starts = list(map(_START, nodes))
        ends.update(zip(starts, map(_END, nodes), strict=True))
        kinds.update(dict.fromkeys(starts, kind))
    for start in defined:
        ends.pop(start, None)
    starts = sorted(ends)
    names = text.pieces(zip(starts, map(ends.__getitem__, starts), strict=True))
    return list(zip(map(kinds.__getitem__, starts), names, map(text.line, starts), strict=True))


def _imports(matches: Iterable[_Captures], text: _Text) -> tuple[Import, ...]:
    found: dict[tuple[int, str, str, str], Import] = {}
    for captures in matches:
        source, name, alias = (
            text.of(captures[capture][0]).strip("\"':") if capture in captures else ""
            for capture in ("import.source", "import.name", "import.alias")
        )
        start = captures["import"][0].start_byte
        found.setdefault((start, source, name, alias), Import(source, name, alias, text.line(start)))
    # A pattern for the bare module matches also where names are imported from it.
    named = {(start, row.source) for (start, *_), row in found.items() if row.name}
    return tuple(
        row for (start, *_), row in sorted(found.items()) if row.name or row.alias or (start, row.source) not in named
    )
