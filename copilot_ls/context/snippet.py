"""The unit of context: some whole lines of some file, and why they were chosen.

Leaves choosing to the sources and laying out to `copilot_ls.prompt`. Used by context, prompt, backends and the command
line.
"""

from __future__ import annotations

from dataclasses import dataclass

GAP = "…"
_ENDINGS = {"recent_edits": ".diff", "diagnostics": ".problems", "conventions": ".style"}


@dataclass(frozen=True, slots=True)
class ContextSnippet:
    """Whole lines of one file.

    `path` is relative to the workspace folder (absolute outside of it), with forward slashes. `start_line` is
    zero-based, `end_line` is exclusive. `source` names the context source; `score` is comparable within one gathering
    only, higher is better; `tokens` is an estimate by `copilot_ls.prompt.tokens`. The text of `recent_edits` is a diff;
    that of `diagnostics` and `conventions` is about the file and no part of it: they span no lines. Within code, a line
    that `is_gap` stands for lines that are left out.
    """

    path: str
    start_line: int
    end_line: int
    text: str
    source: str
    score: float
    tokens: int

    @property
    def label(self) -> str:
        """What a prompt calls it: its path, with an ending where the text is no part of the file."""
        return self.path + _ENDINGS.get(self.source, "")


def is_gap(line: str) -> bool:
    """Whether a line of a snippet is no line of the file, but says that some are left out."""
    return GAP in line and not any(map(str.isalnum, line))
