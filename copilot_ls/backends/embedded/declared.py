"""What is declared where: in the open documents as they stand, and in the index behind them.

The documents are searched by the patterns of `copilot_ls.index.definitions`, the open one once for all keys of a line.
What both know is told once, the open documents' word first. Called by `signatures`, `members` and `imports`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.imports import Import, find_imports
from copilot_ls.index.definitions import find_definitions
from copilot_ls.index.filetypes import families

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.workspace import DefinitionHit, PatientIndex
    from copilot_ls.text import DocumentSnapshot

# A text is looked through this far, some milliseconds' worth.
_LONGEST = 200_000
_MOST_OTHERS = 4
_MOST_EACH = 6
_REMEMBERED = 16


class Declared(NamedTuple):
    """A declaration: its name, kind (class, function, variable), type that it belongs to, signature, and its place."""

    name: str
    kind: str
    container: str
    signature: str
    path: str
    line: int


class Declarations:
    """The declarations in reach of one cursor; everything is looked up when it is asked for."""

    __slots__ = ("_index", "_others", "_situation", "family")

    def __init__(self, situation: Situation, others: Sequence[DocumentSnapshot], index: PatientIndex) -> None:
        self._situation = situation
        self._index = index
        self.family = families().get(situation.language_id, "")
        self._others = [one for one in others if families().get(one.language_id, "") == self.family][:_MOST_OTHERS]

    def own(self) -> tuple[Declared, ...]:
        """What the document declares, the cursor's line left out."""
        return _in_text(self._text(), self.family, self._situation.path)

    def named(self, name: str) -> list[Declared]:
        """Declarations of a name, the nearest document's first."""
        found = [one for one in self._in_documents(name) if one.name == name]
        return (found + self._from_index(self._index.definitions(name, limit=_MOST_EACH)))[: 2 * _MOST_EACH]

    def members(self, container: str) -> list[Declared]:
        """What a type called `container` has as members, each name once."""
        found = [one for one in self._in_documents(container) if one.container == container]
        if not found:
            for hit in self._index.definitions(container, limit=_MOST_EACH):
                if hit.kind == "class" and hit.path != self._situation.index_path:
                    found += self._from_index(self._index.members(container, hit.path))
        return list({one.name: one for one in reversed(found)}.values())[::-1]

    def imports(self) -> list[Import]:
        """What the document imports."""
        return list(_imports_in(self._text(), self.family))

    def of_module(self, module: str) -> list[Declared]:
        """What a module declares, as an import in this document names it: a path without ending."""
        return self._from_index(self._index.module_definitions(module, self._situation.index_path))

    def _text(self) -> str:
        """The beginning of the document, as far as it is looked through, without the cursor's line."""
        here = self._situation
        return here.text[: min(here.offset, _LONGEST)] + here.text[here.end : max(here.end, _LONGEST)]

    def _in_documents(self, name: str) -> Iterable[Declared]:
        """What is declared in the documents that `name` stands in: the others are not looked through for it."""
        text = self._text()
        if name in text:
            yield from _in_text(text, self.family, self._situation.path)
        for other in self._others:
            text = other.text.text[:_LONGEST]
            if name in text:
                yield from _in_text(text, self.family, other.path)

    def _from_index(self, hits: Iterable[DefinitionHit]) -> list[Declared]:
        known = {self._situation.index_path}
        return [
            Declared(hit.name, hit.kind, hit.container, hit.signature, hit.path, hit.line)
            for hit in hits
            if hit.path not in known
        ]


@lru_cache(_REMEMBERED)
def _in_text(text: str, family: str, path: str) -> tuple[Declared, ...]:
    return tuple(
        Declared(one.name, one.kind, one.container, one.signature, path, one.line)
        for one in find_definitions(text, family)
    )


@lru_cache(_REMEMBERED)
def _imports_in(text: str, family: str) -> tuple[Import, ...]:
    return find_imports(text, family)
