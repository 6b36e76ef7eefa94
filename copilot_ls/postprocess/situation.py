"""What a filter may know of the place that a suggestion is for.

Made by `copilot_ls.features`, from a snapshot and the syntax tree; filters see nothing else. It holds no positions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Situation:
    """The surroundings of the cursor, and the limits that apply there.

    `prefix` and `suffix` are some 100 lines before and after the cursor, ending and starting exactly at it.
    `indent_unit` is a tab or some spaces. `multiline` allows more than the rest of the line, up to `max_lines` in all.
    `selected_completion` is the text of the entry that is selected in the editor's popup: what is offered has to agree.
    `own_secrets` are those that the prompt had placeholders for.
    """

    prefix: str
    suffix: str
    language_id: str
    indent_unit: str
    multiline: bool
    max_lines: int
    stop: tuple[str, ...] = ()
    in_comment: bool = False
    selected_completion: str | None = None
    own_secrets: tuple[str, ...] = ()

    @property
    def current_line_prefix(self) -> str:
        """The cursor's line up to the cursor."""
        return self.prefix[max(self.prefix.rfind("\n"), self.prefix.rfind("\r")) + 1 :]

    @property
    def current_line_suffix(self) -> str:
        """The cursor's line from the cursor on, without its terminator."""
        ends = [end for end in (self.suffix.find("\n"), self.suffix.find("\r")) if end >= 0]
        return self.suffix[: min(ends)] if ends else self.suffix

    @property
    def tab_width(self) -> int:
        """Columns that a tab stands for when indentations are compared."""
        return 4 if "\t" in self.indent_unit else max(1, len(self.indent_unit))


Filter = Callable[[str, Situation], str | None]
"""Takes a generation, gives what is left of it. None or blank: nothing is left."""
