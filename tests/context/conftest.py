"""A workspace on disk, its index, and requests at a marked cursor."""

import pytest

from copilot_ls.context.request import ContextRequest
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.worker import build
from copilot_ls.text import DocumentSnapshot, TextSnapshot

LANGUAGES = {"py": "python", "ts": "typescript", "go": "go", "java": "java", "rs": "rust"}


def document_of(root, path, text):
    """A document as an editor has it open."""
    place = root / path
    return DocumentSnapshot(
        place.as_uri(), str(place), LANGUAGES.get(path.rpartition(".")[2], "plaintext"), 1, TextSnapshot.of(text)
    )


@pytest.fixture
def request_at(tmp_path):
    """A request at █ in `path`, with `files` on disk and indexed, `opened` open and unsaved."""
    indexes = []

    def request_at(path, marked, files=None, opened=None, recent_edits=(), with_index=True):
        root = tmp_path / "workspace"
        text = marked.replace("█", "")
        for name, content in {**(files or {}), path: text}.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        index = None
        if with_index:
            build(root, tmp_path / "index.db", tell=lambda _: None)
            index = WorkspaceIndex(tmp_path / "index.db", query_ms=5_000)
            indexes.append(index)
        document = document_of(root, path, text)
        return ContextRequest(
            document=document,
            cursor=document.text.point_at(marked.index("█")),
            root=root,
            open_documents=[document, *(document_of(root, name, content) for name, content in (opened or {}).items())],
            index=index,
            recent_edits=recent_edits,
        )

    yield request_at
    for index in indexes:
        index.close()
