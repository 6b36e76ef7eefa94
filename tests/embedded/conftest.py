"""Case files of the embedded completer, and what turns text with a cursor into documents.

A case is a text file. Its first paragraph says what the case is about; then come files, each after a line `--- path`; the one with the
cursor `█` is the open document, those whose line ends with ` (open)` are open, too, the rest is the workspace. Options
stand on lines `! key: value` in the first paragraph (`n`, `multiline`, `threshold`). After `=== suggestion` or `=== nothing` stands what
is expected, one answer after another, separated by a line `---`; `=== starts with` and `=== not` expect less than that;
`=== never` lists what no answer, once it is taken, may add to the document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from copilot_ls.backends.embedded.propose import Candidate, propose
from copilot_ls.index.definitions import find_definitions
from copilot_ls.index.hits import DefinitionHit, IndexedFile
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot
from tests.bench.memory_index import LANGUAGES, MemoryIndex

CURSOR = "█"


class SymbolIndex(MemoryIndex):
    """What the workspace index answers of symbols, too."""

    def _defined(self) -> list[DefinitionHit]:
        return [
            DefinitionHit(one.name, one.kind, path, one.line, one.end, one.container, one.signature, one.end)
            for path, lines in self.files.items()
            for one in find_definitions("\n".join(lines), "python")
        ]

    def definitions(self, names, *, limit_each=20):
        found = {name: [one for one in self._defined() if one.name == name][:limit_each] for name in names}
        return {name: hits for name, hits in found.items() if hits}

    def members(self, container, path):
        return [one for one in self._defined() if one.container == container and one.path == path]

    def file_definitions(self, path):
        return [one for one in self._defined() if one.path == path]

    def files_named(self, name):
        return [IndexedFile(path, "python", "python", 1) for path in self.files if Path(path).stem == name]


@dataclass
class Scene:
    """An open document with a cursor, other open documents, and a workspace."""

    document: DocumentSnapshot
    cursor: Point
    others: list[DocumentSnapshot] = field(default_factory=list)
    index: SymbolIndex | None = None

    def propose(self, **options) -> list[Candidate]:
        return propose(self.document, self.cursor, self.others, self.index, index_path=self.document.path, **options)


def snapshot_of(path: str, text: str) -> DocumentSnapshot:
    return DocumentSnapshot(f"file:///{path}", path, LANGUAGES.get(Path(path).suffix, ""), 1, TextSnapshot.of(text))


def scene(
    text: str, path: str = "main.py", others: dict[str, str] | None = None, workspace: dict[str, str] | None = None
) -> Scene:
    at = text.index(CURSOR)
    document = snapshot_of(path, text.replace(CURSOR, ""))
    files = {name: content.split("\n") for name, content in (workspace or {}).items()}
    return Scene(
        document,
        document.text.point_at(at),
        [snapshot_of(name, content) for name, content in (others or {}).items()],
        SymbolIndex(files, path) if files else None,
    )


@pytest.fixture
def make_scene():
    return scene
