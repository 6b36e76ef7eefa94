"""A workspace on disk with its index, and the problem that a marked text and a report make."""

import contextlib

import pytest

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.fixers.base import Problem
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.worker import build
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import DocumentSnapshot, Span, TextSnapshot

LANGUAGES = {"py": "python", "ts": "typescript", "js": "javascript", "go": "go", "rs": "rust", "c": "c", "java": "java"}
MARK = "█"


def pytest_addoption(parser):
    # Another folder's conftest may have been first.
    with contextlib.suppress(ValueError):
        parser.addoption("--update-goldens", action="store_true", help="rewrite the expected sections of case files")


def problem_of(path, marked, report="", others=(), root=None, index=None):
    """The problem of a text in which two marks are around what is reported; `report` is `Source code: message`."""
    before, *rest = marked.split(MARK)
    text = TextSnapshot.of(marked.replace(MARK, ""))
    span = Span(text.point_at(len(before)), text.point_at(len(before) + len(rest[0] if len(rest) > 1 else "")))
    language = LANGUAGES.get(path.rpartition(".")[2], "plaintext")
    place = path if root is None else str(root / path)
    document = DocumentSnapshot(f"file:///{path}", place, language, 1, text)
    return Problem(
        document,
        SyntaxDocument(language, path).tree_at(text),
        diagnostic_of(report, span) if report else None,
        [diagnostic_of(each, span) for each in others],
        index,
        root,
    )


def diagnostic_of(report, span):
    head, _, message = report.partition(": ")
    source, _, code = head.partition(" ")
    return Diagnostic(span, message, source, code)


@pytest.fixture
def indexed(tmp_path):
    """Files on disk and their index: `root, index = indexed(files)`."""
    indexes = []

    def indexed(files):
        root = tmp_path / "workspace"
        for name, content in files.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        build(root, tmp_path / "index.db", tell=lambda _: None)
        index = WorkspaceIndex(tmp_path / "index.db", query_ms=5_000)
        indexes.append(index)
        return root, index

    yield indexed
    for index in indexes:
        index.close()
