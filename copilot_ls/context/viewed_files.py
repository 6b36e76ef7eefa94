"""Context source: similar code in files that were looked at lately and are closed again.

Many editors close a file as soon as the next one is looked at. Windows as in `open_files`, of the file as the index has
it; what was looked at last comes first among equals. Called by `gather`.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from copilot_ls.context.open_files import MOST_LINES, best_window
from copilot_ls.context.request import relative_path
from copilot_ls.index.ignore import is_secret

if TYPE_CHECKING:
    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.request import Situation

SOURCE = "viewed_files"
_MOST_FILES = 6
# What one file later in the row has to be more alike.
_FALL = 0.95


def viewed_files(situation: Situation) -> list[Candidate]:
    """The best window of each file of the same family, best first; scores are Jaccard coefficients, less by age."""
    request = situation.request
    if request.index is None:
        return []
    opened = {relative_path(document.path, request.root) for document in request.open_documents}
    candidates: list[Candidate] = []
    paths = [relative_path(path, request.root) for path in request.viewed_paths]
    for rank, path in enumerate([each for each in dict.fromkeys(paths) if each not in opened][:_MOST_FILES]):
        known = None if is_secret(path) or PurePath(path).is_absolute() else request.index.file(path)
        if situation.is_late() or known is None or known.family != situation.family or path == situation.path:
            continue
        lines = request.index.file_lines(path, 0, min(known.n_lines, MOST_LINES))
        best = best_window(lines, path, situation.words_near, SOURCE)
        if best is not None:
            candidates.append(best._replace(score=best.score * _FALL**rank))
    return sorted(candidates, key=lambda each: (-each.score, each.path))
