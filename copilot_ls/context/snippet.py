"""The unit of context: some whole lines of some file, and why they were chosen.

Leaves choosing to the sources and laying out to `copilot_ls.prompt`. Used by context, prompt, backends and the command
line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContextSnippet:
    """Whole lines of one file.

    `path` is relative to the workspace folder (absolute outside of it), with forward slashes. `start_line` is
    zero-based, `end_line` is exclusive. `source` names the context source; `score` is comparable within one gathering
    only, higher is better; `tokens` is an estimate by `copilot_ls.prompt.tokens`. The text of `recent_edits` is a diff.
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
        """What a prompt calls it: its path, or that of a diff."""
        return f"{self.path}.diff" if self.source == "recent_edits" else self.path
