"""Context source: how the project writes, for a file that does not show it yet.

A new file has no indentation and no text in quotes to go on from. What an `.editorconfig` demands, and else what the
files beside it use, is said in one line: the unit of indentation and the quotes. A file that shows both has no use for
that; how long a line may be no file shows, so that is said of all where an `.editorconfig` does. Called by `gather`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.editorconfig import EditorConfig, editorconfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.context.request import Situation
    from copilot_ls.index.lookup import WorkspaceIndex

SOURCE = "conventions"
_MOST_LINES = 200
_MOST_FILES = 3
# How far around the cursor the file is looked at for its own style.
_LINES_AROUND = 40
# Once so many lines of the file are indented, or have quotes, it shows how.
_ENOUGH = 3
_INDENT = re.compile(r"^(?:(\t)|( {2,8}))(?=[^\s*])")
_QUOTED = re.compile(r"(?<![\w'\"])(?:(')[^'\n]*'|(\")[^\"\n]*\")(?!['\"])")


def conventions(situation: Situation) -> list[Candidate]:
    """One line about the style of the file; none where it shows that itself, or nobody does."""
    request = situation.request
    own = situation.above(_LINES_AROUND) + situation.below(_LINES_AROUND)
    if not situation.path:
        return []
    said = editorconfig(situation.path, request.root) if request.root is not None else EditorConfig()
    told = []
    if _n_indented(own) < _ENOUGH or len(_quotes(own)) < _ENOUGH:
        lines = _neighbours(situation, request.index) if request.index is not None else []
        told = [_indentation(lines) if said.indentation is None else _indented(said.indentation), _quoting(lines)]
    if said.longest_line is not None:
        told.append(f"lines of at most {said.longest_line} characters")
    line = request.cursor.line
    text = ", ".join(filter(None, told))
    return [Candidate(situation.path, line, line, [text], SOURCE, 1.0)] if text else []


def _neighbours(situation: Situation, index: WorkspaceIndex) -> list[str]:
    """Lines of a few files of the family in the same folder."""
    folder = situation.path.rpartition("/")[0]
    near = index.files_named(folder.rpartition("/")[2]) if folder else []
    paths = [each.path for each in near if each.family == situation.family and each.path != situation.path]
    same = sorted(path for path in paths if path.rpartition("/")[0] == folder)
    return [line for path in same[:_MOST_FILES] for line in index.file_lines(path, 0, _MOST_LINES)]


def _n_indented(lines: Sequence[str]) -> int:
    return sum(_INDENT.match(line) is not None for line in lines)


def _indentation(lines: Sequence[str]) -> str:
    """The unit of indentation: tabs, or the smallest width that many lines have."""
    matches = [match for match in map(_INDENT.match, lines) if match is not None]
    widths = Counter(len(match[2]) for match in matches if match[2])
    n_tabs = sum(match[1] is not None for match in matches)
    if len(matches) < _ENOUGH:
        return ""
    if n_tabs > len(matches) / 2:
        return _indented("")
    return _indented(" " * min(width for width, n in widths.items() if n >= len(matches) / 10))


def _indented(unit: str) -> str:
    """What is said of a unit of indentation; an empty one is a tab."""
    return f"indented with {len(unit)} spaces" if unit else "indented with tabs"


def _quotes(lines: Sequence[str]) -> list[str]:
    return [match[1] or match[2] for line in lines for match in _QUOTED.finditer(line[:_MOST_LINES])]


def _quoting(lines: Sequence[str]) -> str:
    found = Counter(_quotes(lines)).most_common(1)
    if not found or found[0][1] < _ENOUGH:
        return ""
    return "text in double quotes" if found[0][0] == '"' else "text in single quotes"
