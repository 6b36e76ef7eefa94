"""The settings of `[next_edit]`: what to change next, after a change. `settings` takes them in."""

from __future__ import annotations

from dataclasses import dataclass

from copilot_ls.config.facts import key as _key


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEditSettings:
    """The next place that the change just made asks for: other uses of a name, the same change elsewhere."""

    enable: bool = _key(default=True, description="Propose next edits.", project="tighten")
