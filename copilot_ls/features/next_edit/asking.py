"""The next edit by a model of the route `next_edit`, where the user's settings name one and the rules here find none.

It sees the latest edits and the lines around the cursor, without secrets, and answers in a checked form. Its edit is
proposed only where it lies in what it saw, is short, brings nothing invisible, takes nothing back and parses no worse;
who may ask, how long and for how much is the route's. Leaves the words to `copilot_ls.prompt`. Called by `suggester`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from copilot_ls.backends.chat import ChatRequest, Message
from copilot_ls.backends.embedded.lexing import looks_secret
from copilot_ls.backends.structured import ask
from copilot_ls.errors import BackendError
from copilot_ls.features.next_edit.candidate import Candidate
from copilot_ls.features.next_edit.proposing import NextEdit, parses_no_worse, takes_back
from copilot_ls.postprocess.drop_invisible_characters import holds_invisible_characters
from copilot_ls.prompt.instructions_next_edit import NEXT_EDIT_SYSTEM, next_edit_question
from copilot_ls.routing.conversation import RoutedChat

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.features.next_edit.scene import Scene
    from copilot_ls.features.next_edit.trail import MadeEdit
    from copilot_ls.features.turns import TaskTurns
    from copilot_ls.routing.router import Router

_LINES_AROUND = 60
_MOST_DIFFS = 6
_LONGEST_DIFF = 30
_MOST_LINES = 20
_LONGEST_LINE = 400
_MAX_ANSWER_TOKENS = 800


class NextEditAnswer(BaseModel):
    """The next edit, or that there is none."""

    found: bool = Field(description="Whether an edit clearly follows.")
    first_line: int = Field(default=0, description="Number of the first line that is replaced.")
    last_line: int = Field(default=0, description="Number of the last line; one less than the first puts lines in.")
    new_lines: list[str] = Field(default_factory=list, description="The lines in their place, indentation included.")


async def next_edit_by_model(
    scene: Scene,
    router: Router,
    turns: TaskTurns,
    path: str,
    turned_down: Callable[[Candidate], bool],
) -> NextEdit | None:
    """The edit that a model proposes and that may be proposed to the user; None when there is none."""
    page = scene.page
    first = max(0, scene.line - _LINES_AROUND)
    lines = page.lines[first : scene.line + _LINES_AROUND]
    diffs = [_diff(made) for made in list(scene.made)[:_MOST_DIFFS]][::-1]
    question = next_edit_question(path, first + 1, lines, diffs, scene.line + 1)
    messages = (Message("system", NEXT_EDIT_SYSTEM), Message("user", question))
    chat: Any = RoutedChat(router, "next_edit", turns, explicit=False)
    try:
        answer = await ask(chat, ChatRequest(messages, max_tokens=_MAX_ANSWER_TOKENS), NextEditAnswer)
    except BackendError:
        return None  # the turns tell of it
    said = answer.value
    start, end = said.first_line - 1, said.last_line
    if not said.found or not first <= start <= end <= first + len(lines) or end - start > _MOST_LINES:
        return None
    candidate = Candidate(page, start, end, tuple(said.new_lines), "model", scene.made[0])
    if not _may_be_proposed(candidate, scene) or turned_down(candidate):
        return None
    return NextEdit(page.document, candidate.replacement(), None, candidate, turns.backend, turns.model)


def _diff(made: MadeEdit) -> str:
    old, new = [f"- {line}" for line in made.old], [f"+ {line}" for line in made.new]
    return "\n".join([f"line {made.line + 1}:", *old[:_LONGEST_DIFF], *new[:_LONGEST_DIFF]])


def _may_be_proposed(candidate: Candidate, scene: Scene) -> bool:
    old, new = candidate.page.lines[candidate.first : candidate.end], candidate.new
    if list(new) == old or len(new) > _MOST_LINES or takes_back(candidate, scene):
        return False
    if any(len(line) > _LONGEST_LINE or "\n" in line or "\r" in line for line in new):
        return False
    brought = [line for line in new if line not in old]
    if any(looks_secret(line) or holds_invisible_characters(line) for line in brought):
        return False
    return parses_no_worse(candidate.page.document, (candidate.replacement(),))
