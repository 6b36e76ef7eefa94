"""How many tokens a prompt may have: what the settings want, as far as the window has room beside the answer.

Leaves dividing the budget to `assemble`. Called by features, which know the backend that is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.prompt.profiles import ModelProfile

# The estimate errs by less for nine files in ten, and a window that is overrun costs the whole answer.
_MARGIN = 0.15
# Markers, paths and what a conversation says around the code.
_FOR_FORMAT = 64


def prompt_budget(
    profile: ModelProfile, *, wanted_tokens: int, answer_tokens: int, context_window: int | None = None
) -> int:
    """Tokens of the model for the prompt; `context_window` is the server's where it is not the family's own."""
    window = context_window or profile.context_window
    room = int((window - answer_tokens) * (1 - _MARGIN)) - _FOR_FORMAT
    return max(min(wanted_tokens, room), 0)
