"""The talk with the models of the route `fix`: an edit is proposed, tried on a copy, and what failed is said in words.

Each model has its share of the tries; when it has used them, or goes round in circles, the next of the route is told
what was tried and why it did not do. Every limit is checked before every request. Leaves the words to
`copilot_ls.prompt`, reading an answer to `answers`, where it may change something to `region`, and whether it helps to
`judging`. Called by `fixer`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.backends.chat import ChatRequest
from copilot_ls.errors import BackendError
from copilot_ls.features.explaining.untrusted import made_safe
from copilot_ls.features.fixing.answers import ProposedEdit, Refused, Resolved, resolve
from copilot_ls.features.fixing.candidate import EMBEDDED, Candidate, better
from copilot_ls.features.fixing.shrinking import shrunk
from copilot_ls.features.fixing.vetting import objection
from copilot_ls.prompt.tokens import estimate
from copilot_ls.routing.conversation import RoutedChat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.backends.chat import Message
    from copilot_ls.backends.structured import Tool, Turn
    from copilot_ls.config.fix_settings import ToolUse
    from copilot_ls.features.fixing.answers import TextEdit
    from copilot_ls.features.fixing.budget import FixBudget
    from copilot_ls.features.fixing.judging import Judge
    from copilot_ls.features.fixing.tools.box import ToolBox
    from copilot_ls.features.fixing.transcript import Transcript
    from copilot_ls.features.fixing.turns import FixTurns
    from copilot_ls.routing.router import Router

# An answer of more than this is none: about what the longest edit and its JSON may take.
_MAX_ANSWER_CHARS = 200_000
_LONGEST_SUMMARY = 4_000
_LONGEST_TITLE = 60
# How servers and services say that a model has no tools.
_REFUSED = {"http_400", "http_404", "http_422", "http_501"}


@dataclass(slots=True)
class FixConversation:
    """The conversation of one task.

    `opening` makes the first messages, with what failed before. `best` is the best edit so far, `why` why there is no
    better one, in words for the user.
    """

    judge: Judge
    router: Router
    turns: FixTurns
    budget: FixBudget
    opening: Callable[[str], Sequence[Message]]
    allowed: frozenset[int]
    wanted: frozenset[int]
    path: str
    progress: Callable[[str], None]
    tool_use: ToolUse = "retry"
    tools: ToolBox | None = None
    transcript: Transcript | None = None
    best: Candidate | None = None
    why: str = ""
    n_refused: int = 0
    _seen: set[str] = field(default_factory=set)
    _failed_before: str = ""

    async def hold(self) -> None:
        """Talk until an edit does, nobody knows better, or a limit is reached."""
        names = self.router.names("fix")
        level = 0
        while level < len(names) and not self._is_settled():
            if why := self.budget.used_up():
                self.why = self.why or why
                return
            if level and not self._pays(names[level]):
                self.turns.passed_over(names[level], "max_cost")
                level += 1
                continue
            level = await self._with_model(level, names)

    def _pays(self, name: str) -> bool:
        """Whether one more try with a model that is asked after others have failed is within what a fix may cost."""
        limit, prices = self.budget.limits.max_cost, self.router.lane(name).prices
        if limit is None or prices is None:
            return True
        n_tokens = sum(estimate(message.content) for message in self.opening(self._failed_before))
        return self.budget.cost + prices.at_most(n_tokens, self.budget.answer_tokens) <= limit

    def _is_settled(self) -> bool:
        """Whether more talk cannot bring a better edit: it is verified, or nobody here can verify any."""
        return self.best is not None and not self.best.judgement.faults and self.best.backend != EMBEDDED

    async def _with_model(self, level: int, names: Sequence[str]) -> int:
        """Talk with the model at this step of the route, or who answers in its place; the step that is next."""
        chat = RoutedChat(self.router, "fix", self.turns, first=level)
        messages = tuple(self.opening(self._failed_before))
        if self.tools is not None:
            self.tools.next_model()
        n_levels = len(names) - level
        n_tries = -(-self.budget.tries_left // n_levels)
        while n_tries > 0:
            if why := self.budget.used_up():
                self.why = f"{self.why}; {why}" if self.why else why
                return len(names)
            self.progress(f"Asking {self.turns.backend or names[level]}")
            n_turns, tools = self.turns.n_turns, self._tools()
            try:
                turn = await self._asked(chat, messages, tools)
            except BackendError as error:
                if tools and self._refuses_tools(n_turns):
                    self.tool_use = "never"
                    continue
                self.budget.n_tries += 1
                n_tries -= 1
                self.why = str(error)
                if self._nobody_spoke(n_turns):
                    return len(names)
                continue
            level = max(level, names.index(self.turns.backend) if self.turns.backend in names else level)
            if turn.calls and self.tools is not None:
                messages = (*turn.messages, *await self.tools.carry_out(turn.calls))
                if why := self.tools.why_closed:
                    self.why = f"{self._who()} {why}"
                    return level + 1
                continue
            self.budget.n_tries += 1
            n_tries -= 1
            told = await self._tried(turn)
            if told is None:
                return level + 1
            messages = turn.told(told)
        return level + 1

    def _tools(self) -> Sequence[Tool]:
        """What is offered now: a first answer without tools can be held to its schema, and is cheaper."""
        from copilot_ls.features.fixing.tools.box import TOOLS

        is_wanted = self.tool_use == "always" or (self.tool_use == "retry" and self.budget.n_tries > 0)
        return TOOLS if is_wanted and self.tools is not None and not self.tools.is_used_up else ()

    def _refuses_tools(self, n_turns: int) -> bool:
        """Whether the request may have been refused for the tools in it."""
        last = self.turns.last
        return self.turns.n_turns > n_turns and last is not None and last.fault in _REFUSED

    async def try_edit(self, edits: list[TextEdit]) -> str:
        """What an edit would do, in words for a model: for its tool `run_check`."""
        found = self._resolved(ProposedEdit(edits=edits))
        if isinstance(found, Refused):
            return found.words
        self.progress("Checking an edit")
        judgement = await self.judge.judge(found.replacements)
        if judgement.faults:
            return "\n".join(judgement.faults)
        return "Nothing is reported that was to go, and nothing new." if judgement.is_verified else judgement.doubt

    async def _asked(self, chat: RoutedChat, messages: Sequence[Message], tools: Sequence[Tool]) -> Turn[ProposedEdit]:
        from copilot_ls.backends.structured import take_turn

        request = ChatRequest(messages, max_tokens=self.budget.answer_tokens, cache_prefix=2)
        turn = await take_turn(chat, request, ProposedEdit, tools, max_chars=_MAX_ANSWER_CHARS)
        if self.transcript is not None:
            self.transcript.note(turn.messages)
        return turn

    def _nobody_spoke(self, n_turns: int) -> bool:
        """Whether the rest of the route failed, or was not asked: asking again brings nothing."""
        outcome = self.turns.last
        return self.turns.n_turns == n_turns or outcome is None or outcome.first_ms is None

    async def _tried(self, turn: Turn[ProposedEdit]) -> str | None:
        """What is to be said about an answer; None when this model has no more to say."""
        from copilot_ls.prompt.instructions_fix import failed, refused

        found = self._read(turn)
        if isinstance(found, Refused):
            self.n_refused += 1
            self.why = f"{self._who()} gave no edit that could be tried ({found.kind})"
            self._failed_before = self._failed_before or found.words[:_LONGEST_SUMMARY]
            return refused(found.words)
        text = found.text.text
        if not found.replacements:
            self.why = f"{self._who()} proposes no change"
            if found.explanation and self._failed_before == "":
                self._failed_before = f"no change, because: {found.explanation[:_LONGEST_SUMMARY]}"
            return None
        if text in self._seen:
            self.why = f"{self._who()} repeats an edit that does not do"
            return None
        self._seen.add(text)
        self.progress("Checking the edit")
        judgement = await self.judge.judge(found.replacements)
        candidate = Candidate(
            found.replacements,
            judgement,
            self._title(),
            made_safe(found.explanation).strip(),
            backend=self.turns.backend,
            model=self.turns.model,
        )
        if judgement.is_verified:
            candidate = await shrunk(candidate, self.judge, self.wanted)
        if not judgement.faults:
            self.best = better(self.best, candidate)
            return None
        self.why = f"{self._who()}: {judgement.faults[0]}"
        self._failed_before = self._summary(found, judgement.faults)
        return failed(judgement.faults)

    def _read(self, turn: Turn[ProposedEdit]) -> Resolved | Refused:
        if turn.value is None:
            return Refused("invalid", turn.mistake or "There was no answer.")
        return self._resolved(turn.value)

    def _resolved(self, answer: ProposedEdit) -> Resolved | Refused:
        document = self.judge.task.document
        found = resolve(answer, document.text, path=self.path, version=document.version, wanted=self.wanted)
        if isinstance(found, Refused):
            return found
        return objection(self.judge.task, found.replacements, self.allowed) or found

    def _who(self) -> str:
        return self.turns.model or self.turns.backend

    def _title(self) -> str:
        task = self.judge.task
        if task.kind == "change":
            said = task.wish
        elif task.kind == "document":
            said = "Document this"
        elif task.kind == "tests":
            said = f"Write tests in {self.path}"
        else:
            said = f"Fix: {task.diagnostics[0].message}" if task.diagnostics else "Fix the syntax"
        line = " ".join(said.split())
        return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1] + "…"

    def _summary(self, found: Resolved, faults: Sequence[str]) -> str:
        """What was tried and why it did not do, for the next model."""
        old = self.judge.task.document.text
        diff = difflib.unified_diff(
            old.text.splitlines(), found.text.text.splitlines(), self.path, self.path, lineterm="", n=1
        )
        return ("\n".join(diff)[:_LONGEST_SUMMARY] + "\n" + "\n".join(faults))[: 2 * _LONGEST_SUMMARY]
