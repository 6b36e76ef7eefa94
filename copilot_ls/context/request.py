"""What a gathering of context starts from, and what all its sources derive from it once.

Made by features and the command line; read by every source. Knows nothing of budgets, which are `gather`'s.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING

from copilot_ls.context.line_words import KEYWORDS, line_words
from copilot_ls.index.filetypes import families, file_type
from copilot_ls.index.terms import IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.text import DocumentSnapshot, Point

# Lines around the cursor that the model will see anyway, as far as sources need to know.
_VISIBLE_ABOVE = 200
_VISIBLE_BELOW = 60
# Bounds of what sources read of the open file, which may have been written by a machine.
_LONGEST_LINE = 1_000
_LINES_OF_HEAD = 300
_LINES_AROUND = 1_500


@dataclass(frozen=True, slots=True)
class ContextRequest:
    """The open file at the cursor, and where else to look.

    `root` is the workspace folder, None for a file outside of any. `open_documents` may include the document itself;
    it is left out by its uri; the ones used last come first. `index` may be None; sources that need it then find
    nothing. `diagnostics` are those near the cursor; `viewed_paths` are absolute paths of files that were open lately
    and are not now, the last one first.
    """

    document: DocumentSnapshot
    cursor: Point
    root: Path | None = None
    open_documents: Sequence[DocumentSnapshot] = ()
    index: WorkspaceIndex | None = None
    recent_edits: Sequence[RecentEdit] = ()
    diagnostics: Sequence[Diagnostic] = ()
    viewed_paths: Sequence[str] = ()


@dataclass(frozen=True)
class Situation:
    """A request and what sources ask of it.

    `is_late` says whether the gathering's deadline has passed. `budget_tokens` is what all sources have together: there
    is no use in proposing many times that.
    """

    request: ContextRequest
    is_late: Callable[[], bool] = field(default=lambda: False)
    budget_tokens: int = 2_000

    @cached_property
    def path(self) -> str:
        """The open file's path as the index has it."""
        return relative_path(self.request.document.path, self.request.root)

    @cached_property
    def family(self) -> str:
        """The family of languages of the open file; the language id itself when it is of none."""
        known = file_type(self.path) if self.path else None
        language = self.request.document.language_id
        return known.family if known is not None else families().get(language, language)

    @cached_property
    def line_prefix(self) -> str:
        """The cursor's line up to the cursor; the end of it when it is very long."""
        return self.request.document.text.line(self.request.cursor.line)[: self.request.cursor.column][-_LONGEST_LINE:]

    @cached_property
    def line_suffix(self) -> str:
        """The cursor's line from the cursor on, without its terminator; the beginning of it when it is very long."""
        start = self.request.cursor.column
        line = self.request.document.text.line(self.request.cursor.line)
        return line[start : start + _LONGEST_LINE].rstrip("\r\n")

    def above(self, n_lines: int) -> list[str]:
        """The last `n_lines` lines before the cursor, the cursor's own up to the cursor included; no terminators."""
        line = self.request.cursor.line
        return [*self._whole_lines(line - n_lines + 1, line), self.line_prefix]

    def below(self, n_lines: int) -> list[str]:
        """The rest of the cursor's line and the `n_lines` lines below it; no terminators."""
        line = self.request.cursor.line
        return [self.line_suffix, *self._whole_lines(line + 1, line + 1 + n_lines)]

    def _whole_lines(self, start: int, end: int) -> list[str]:
        return [each[:_LONGEST_LINE].rstrip("\r\n") for each in self.request.document.text.lines(start, end)]

    @cached_property
    def text_around(self) -> str:
        """The open file as far as it is of manageable length: its first lines, and many around the cursor."""
        line = self.request.cursor.line
        first = self._whole_lines(0, min(_LINES_OF_HEAD, max(line - _LINES_AROUND, 0)))
        around = self._whole_lines(max(line - _LINES_AROUND, 0), line)
        rest, *below = self.below(_LINES_AROUND)
        return "\n".join([*first, *around, self.line_prefix + rest, *below])

    @cached_property
    def known_words(self) -> frozenset[str]:
        """The identifiers of `text_around`, which the model sees without any context, and the words of languages."""
        return KEYWORDS.union(IDENTIFIER.findall(self.text_around))

    def new_words(self, line: str) -> frozenset[str]:
        """The identifiers of a line of another file that the open file does not have."""
        return frozenset(line_words(line)) - self.known_words

    @cached_property
    def visible_lines(self) -> frozenset[str]:
        """The lines around the cursor, stripped."""
        around = self.above(_VISIBLE_ABOVE) + self.below(_VISIBLE_BELOW)
        return frozenset(line.strip() for line in around)

    @cached_property
    def words_near(self) -> frozenset[str]:
        """The identifiers of the last 30 lines and the next 5: the query of set-based similarity."""
        return frozenset(IDENTIFIER.findall("\n".join(self.above(30) + self.below(5))))


def relative_path(path: str, root: Path | None) -> str:
    """`path` relative to `root` with forward slashes; as it is when it lies outside."""
    if not path:
        return ""
    spelled = PurePath(path)
    if root is not None:
        for base in (root, PurePath(os.path.abspath(root))):  # noqa: PTH100 -- resolve() would ask the disk
            if spelled.is_relative_to(base):
                return spelled.relative_to(base).as_posix()
    return spelled.as_posix()
