"""Context source: similar code in files that are open, as they are in the editor, saved or not.

Windows of twenty lines against the words around the cursor, by Jaccard's coefficient of their sets of identifiers; the
best window of each file. What was open together is edited together, so a modest similarity does. Called by `gather`.
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.request import relative_path
from copilot_ls.index.filetypes import families, file_type
from copilot_ls.index.ignore import is_secret
from copilot_ls.index.open_file import OpenFile
from copilot_ls.index.terms import IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.context.request import ContextRequest, Situation
    from copilot_ls.text import DocumentSnapshot

SOURCE = "open_files"
_WINDOW = 20
_STEP = 10
_MOST_FILES = 20
MOST_LINES = 5_000
_LEAST_SIMILARITY = 0.08


def open_files(situation: Situation) -> list[Candidate]:
    """The best window of each open file of the same family, best first; scores are Jaccard coefficients."""
    wanted = situation.words_near
    candidates = []
    n_files = 0
    for document in situation.request.open_documents:
        path = relative_path(document.path, situation.request.root)
        if document.uri == situation.request.document.uri or is_secret(path) or _family(document) != situation.family:
            continue
        n_files += 1
        if n_files > _MOST_FILES or situation.is_late():
            break
        lines = [line.rstrip("\r\n") for line in document.text.lines(0, MOST_LINES)]
        best = best_window(lines, path, wanted, SOURCE)
        if best is not None:
            candidates.append(best)
    return sorted(candidates, key=lambda each: (-each.score, each.path))


def lay_open_files(request: ContextRequest) -> None:
    """Have the index answer from the open files of the workspace as they are, but for the one at the cursor."""
    if request.index is None or request.root is None:
        return
    files = [
        OpenFile(relative_path(each.path, request.root), each.version, partial(getattr, each.text, "text"))
        for each in request.open_documents
        if each.uri != request.document.uri and PurePath(each.path).is_relative_to(request.root)
    ]
    request.index.overlay(files[:_MOST_FILES], active=relative_path(request.document.path, request.root))


def _family(document: DocumentSnapshot) -> str:
    known = file_type(document.path)
    return known.family if known is not None else families().get(document.language_id, document.language_id)


def best_window(lines: Sequence[str], path: str, wanted: frozenset[str], source: str) -> Candidate | None:
    """The twenty lines that share most words with `wanted`; None where no lines share a modest number of them."""
    steps = [frozenset(IDENTIFIER.findall("\n".join(lines[at : at + _STEP]))) for at in range(0, len(lines), _STEP)]
    best_score, best_at = _LEAST_SIMILARITY, -1
    for at in range(max(1, len(steps) - 1)):
        words = steps[at].union(*steps[at + 1 : at + _WINDOW // _STEP])
        score = len(words & wanted) / (len(words | wanted) or 1)
        if score > best_score:
            best_score, best_at = score, at
    if best_at < 0:
        return None
    start = best_at * _STEP
    window = lines[start : start + _WINDOW]
    return Candidate(path, start, start + len(window), window, source, best_score)
