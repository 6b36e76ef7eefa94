"""The diagnostics that the editor shows for its open documents, as far as it tells of them.

LSP servers are not told of what other servers report. Two ways lead here: an editor plugin that passes on what it shows
(`published`, which is all of a document), and the context of code action requests (`seen`, which is that of a range).
Spans follow the edits since: an edit is remembered at O(edit) by `document_history`, and told to the spans when they
are asked for. Bounded in documents and in diagnostics. Fed by `lsp`; asked by `lsp`, `fixing`, `explaining` and
`fix_lifecycle`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.edits import Shift
    from copilot_ls.features.document_history import DocumentHistory
    from copilot_ls.features.documents import OpenDocument, OpenDocuments
    from copilot_ls.text import Point, Span

_MAX_PER_DOCUMENT = 500
_MAX_DOCUMENTS = 200
_WORST_FIRST = {"error": 0, "warning": 1, "information": 2, "hint": 3}


@dataclass(slots=True)
class _Board:
    """One document's diagnostics as of a version, in the order of their places."""

    version: int
    diagnostics: tuple[Diagnostic, ...]


class DiagnosticBoard:
    """What is reported of each open document."""

    def __init__(self, documents: OpenDocuments, history: DocumentHistory) -> None:
        self.on_published: list[Callable[[str], None]] = []
        self._documents = documents
        self._history = history
        self._boards: dict[str, _Board] = {}
        self._told_of: set[str] = set()
        documents.on_close.append(self._closed)

    def published(self, uri: str, version: int | None, diagnostics: Sequence[Diagnostic]) -> None:
        """Take over all diagnostics of a document; their spans are those of `version`, of the latest where it is None.

        Beyond 500 of a document the least severe are left out. Of documents that are not open nothing is kept.
        """
        document = self._documents.get(uri)
        if document is None or document.is_secret:
            return
        self._told_of.add(uri)
        self._put(document, version, diagnostics)
        for listener in self.on_published:
            listener(uri)

    def seen(self, uri: str, diagnostics: Sequence[Diagnostic]) -> None:
        """Take notice of diagnostics of the latest version that a request came with; they are some of the document's.

        Where the editor tells of all, they are added to those. Where it does not, they stand for themselves: of what a
        former request came with, nobody would say that it is gone.
        """
        document = self._documents.get(uri)
        if document is None or document.is_secret:
            return
        if uri not in self._told_of:
            self._put(document, None, diagnostics)
            return
        new = {(each.identity, each.span.start.line) for each in diagnostics}
        if new:
            kept = [each for each in self.of(uri) if (each.identity, each.span.start.line) not in new]
            self._put(document, None, [*kept, *diagnostics])

    def of(self, uri: str) -> tuple[Diagnostic, ...]:
        """The diagnostics of a document where they lie now, in the order of their places."""
        board, document = self._boards.get(uri), self._documents.get(uri)
        if board is None or document is None:
            return ()
        if board.version < document.version:  # it is ahead when an editor gathers its edits before it sends them
            shifts = self._history.since(uri, board.version)
            board.diagnostics = () if shifts is None else carried(board.diagnostics, shifts)
            board.version = document.version
        return board.diagnostics

    def near(self, uri: str, point: Point, n_lines: int) -> tuple[Diagnostic, ...]:
        """Those at most `n_lines` lines above or below a place, the nearest first, of these the most severe first."""
        found = [(_distance(each.span, point.line), _WORST_FIRST[each.severity], each) for each in self.of(uri)]
        ordered = sorted((each for each in found if each[0] <= n_lines), key=lambda each: each[:2])
        return tuple(each for _, _, each in ordered)

    def touching(self, uri: str, span: Span) -> tuple[Diagnostic, ...]:
        """Those that a span meets."""
        return tuple(each for each in self.of(uri) if _meet(each.span, span))

    def _put(self, document: OpenDocument, version: int | None, diagnostics: Sequence[Diagnostic]) -> None:
        if len(diagnostics) > _MAX_PER_DOCUMENT:
            diagnostics = sorted(diagnostics, key=lambda each: _WORST_FIRST[each.severity])[:_MAX_PER_DOCUMENT]
        ordered = tuple(sorted(diagnostics, key=lambda each: each.span))
        self._boards.pop(document.uri, None)
        self._boards[document.uri] = _Board(document.version if version is None else version, ordered)
        if len(self._boards) > _MAX_DOCUMENTS:
            self._boards.pop(next(iter(self._boards)))

    def _closed(self, document: OpenDocument) -> None:
        self._boards.pop(document.uri, None)
        self._told_of.discard(document.uri)


def carried(diagnostics: Sequence[Diagnostic], shifts: Sequence[Shift]) -> tuple[Diagnostic, ...]:
    """The diagnostics where they lie after all these shifts, without those whose text is gone."""
    result = []
    for diagnostic in diagnostics:
        span: Span | None = diagnostic.span
        for shift in shifts:
            if span is not None and shift.start < span.end:
                span = shift.carried(span)
        if span is not None:
            result.append(diagnostic if span == diagnostic.span else replace(diagnostic, span=span))
    return tuple(result)


def _meet(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _distance(span: Span, line: int) -> int:
    return max(span.start.line - line, line - span.end.line, 0)
