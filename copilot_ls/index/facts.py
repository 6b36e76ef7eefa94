"""What the store keeps of a file's syntax: declarations, names in use, imports and inheritance, by its grammar.

`file_facts` turns the symbols that `copilot_ls.syntax` finds into rows; it is slower than `digest` and needs a
grammar, so that the worker does it after everything else. Names in use are packed into one text per file, which is a
tenth of what a row each would take: `pack_references` and `unpack_references`. Pure, apart from the grammars' being
loaded; called by `parsing` and `store`.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_ls.index.definitions import find_definitions
from copilot_ls.index.module_names import module_tail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copilot_ls.syntax.symbols import FileSymbols, Reference

_LONGEST_SIGNATURE = 400
_LONGEST_NAME = 200
MOST_DEFINITIONS = 20_000
_MOST_IMPORTS = 2_000
# As the index speaks of them: a method is a function with a container, a constant a variable that nobody changes.
_KINDS = {
    "method": "function",
    "type": "class",
    "constant": "variable",
    "attribute": "variable",
}
_LETTERS = {"call": "c", "type": "t", "member": "m"}
REFERENCE_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_PIECE = 3
_WORD = re.compile(r"[A-Za-z0-9_\x80-\ud7ff\ue000-\U0010ffff]+")


class Declaration(NamedTuple):
    """A `definitions.Definition`, and the line after the last of its body."""

    name: str
    kind: str
    line: int
    end: int
    container: str
    signature: str
    body_end: int


class ImportRow(NamedTuple):
    """An imported name (empty for a whole module) as it is written; `tail` is what its file may be called."""

    line: int
    module: str
    name: str
    alias: str
    tail: str


class BaseRow(NamedTuple):
    """The type `name` is derived from `base`."""

    line: int
    name: str
    base: str


class Facts(NamedTuple):
    """One file's syntax, as rows of the tables; `references` and `names` are packed."""

    definitions: list[Declaration]
    references: bytes
    names: str
    imports: list[ImportRow]
    bases: list[BaseRow]


# `Facts` as tuples without names of columns: what may go from process to process, and what is written.
PlainFacts = tuple[list[tuple[Any, ...]], bytes, str, list[tuple[Any, ...]], list[tuple[Any, ...]]]


def file_facts(text: str, language: str, family: str, path: str) -> Facts:
    """The facts of a text. Without a grammar, or when parsing takes too long, patterns find its declarations."""
    definitions, references, names, imports, bases = plain_facts(text, language, family, path)
    return Facts(
        list(map(Declaration._make, definitions)),
        references,
        names,
        list(map(ImportRow._make, imports)),
        list(map(BaseRow._make, bases)),
    )


def plain_facts(text: str, language: str, family: str, path: str) -> PlainFacts:
    """As `file_facts`, without names of columns."""
    from copilot_ls.syntax.languages import language_for
    from copilot_ls.syntax.symbols import file_symbols

    spec = language_for(language, path)
    source = text.encode("utf-8", "replace")
    symbols = None if spec is None else file_symbols(spec, source)
    if symbols is None:
        return [(*each, each.end) for each in find_definitions(text, family)], b"", "", [], []
    packed = pack_references(symbols.references)
    return (
        _declarations(symbols, source),
        compressed(packed),
        used_names(packed),
        [
            (each.line, each.source, each.name, each.alias, module_tail(each.source))
            for each in symbols.imports[:_MOST_IMPORTS]
        ],
        [(each.line, each.name, each.base) for each in symbols.inherits],
    )


def _declarations(symbols: FileSymbols, source: bytes) -> list[tuple[Any, ...]]:
    """The rows of `Declaration`."""
    starts = symbols.line_starts
    rows = []
    for kind, name, _, start, last, member_of, signature_end in symbols.definitions[:MOST_DEFINITIONS]:
        if kind == "module" and last == start:
            continue  # says which package the file is of, not that it is declared here
        end = max(signature_end, start + 1)
        lines = source[starts[start - 1] if start else 0 : starts[min(end, len(starts)) - 1] - 1]
        signature = lines.decode("utf-8", "replace")[:_LONGEST_SIGNATURE]
        row = name[:_LONGEST_NAME], _KINDS.get(kind, kind), start, end, member_of, signature, max(last + 1, end)
        rows.append(row)
    return rows


def pack_references(references: Iterable[Reference]) -> str:
    """One line per name: the name, then each use as the first letter of its kind and its line."""
    uses: dict[str, list[str]] = {}
    for kind, name, line in references:
        place = f"{_LETTERS[kind]}{line}"
        if name in uses:
            uses[name].append(place)
        else:
            uses[name] = [place]
    return "\n".join(
        [
            f"{name}\t{' '.join(dict.fromkeys(places)) if len(places) > 1 else places[0]}"
            for name, places in uses.items()
            if len(name) <= _LONGEST_NAME and "\n" not in name and "\t" not in name
        ]
    )


def pack_uses(names: dict[str, list[tuple[str, int]]]) -> str:
    """As `pack_references`, of names with their uses (see `uses`)."""
    lines = (
        f"{name}\t{' '.join([f'{_LETTERS[kind]}{line}' for kind, line in places])}" for name, places in names.items()
    )
    return "\n".join(lines)


def compressed(packed: str) -> bytes:
    """What is stored of packed references."""
    return zlib.compress(packed.encode("utf-8", "replace"), 1)


def uncompressed(data: bytes) -> str:
    """What `compressed` was given."""
    return zlib.decompress(data).decode("utf-8")


def packed_uses(packed: str, name: str) -> str:
    """The packed uses of one name (see `uses`); empty when there are none."""
    start = 0 if packed.startswith(f"{name}\t") else packed.find(f"\n{name}\t") + 1
    if not start and not packed.startswith(f"{name}\t"):
        return ""
    end = packed.find("\n", start)
    return packed[start + len(name) + 1 : end if end >= 0 else len(packed)]


def unpack_references(data: bytes) -> dict[str, str]:
    """Names in use to their packed uses (see `uses`)."""
    packed = uncompressed(data)
    return dict([line.split("\t", 1) for line in packed.split("\n")]) if packed else {}


def uses(packed: str) -> list[tuple[str, int]]:
    """Kind and line of each use of one name."""
    return [(REFERENCE_KINDS[each[0]], int(each[1:])) for each in packed.split(" ")]


def used_names(packed: str) -> str:
    """The words to look names in use up by, from what `pack_references` made."""
    return " ".join([line.partition("\t")[0] for line in packed.split("\n")])


def name_pieces(name: str) -> list[str]:
    """The runs of three letters, digits or signs in a name, in lower case; each once, and only those that are words."""
    low = name.lower()
    pieces = dict.fromkeys([low[at : at + _PIECE] for at in range(len(low) - _PIECE + 1)])
    # A name that is a word has no other pieces: most are.
    return list(pieces) if _WORD.fullmatch(low) else [piece for piece in pieces if _WORD.fullmatch(piece)]


def name_words(name: str) -> list[str]:
    """The words under which the full-text table has a name: one, but for names with signs in them."""
    return _WORD.findall(name)
