"""Mends code: embedded fixers first, then the models of the route `fix`, every edit tried before it is offered.

The parse must not get worse, what is to be mended must be gone, and nothing new may be reported. The best edit within
the limits is offered, with what is known of it; without one, why there is none. Leaves proposing to
`copilot_ls.fixers` and `conversation`, judging to `judging`, offering it to an editor to `lsp`. Made by
`features.workbench`; called by `lsp` and `cli`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot_ls.errors import place_of
from copilot_ls.features.fixing import embedded
from copilot_ls.features.fixing.budget import FixBudget
from copilot_ls.features.fixing.candidate import EMBEDDED, SURE, Candidate, better
from copilot_ls.features.fixing.judging import Judge
from copilot_ls.features.fixing.outcome import FixOutcome, Verdict
from copilot_ls.features.fixing.turns import FixTurns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from copilot_ls.backends.chat import Message
    from copilot_ls.checking.base import Checked, Checker
    from copilot_ls.config.fix_settings import ToolUse
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.fixing.budget import FixLimits
    from copilot_ls.features.fixing.conversation import FixConversation
    from copilot_ls.features.fixing.outcome import FixTask
    from copilot_ls.features.fixing.tools.box import ToolBox
    from copilot_ls.features.fixing.transcript import Transcript
    from copilot_ls.features.request_events import RequestEvents
    from copilot_ls.fixers.base import Problem, Proposals
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.routing.router import Router
    from copilot_ls.syntax import SyntaxTree
    from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

logger = logging.getLogger("copilot_ls.fixing")


@dataclass(frozen=True, slots=True, kw_only=True)
class FixerParts:
    """What a `CodeFixer` works with.

    `checkers` are those that may run for a document, `check_timeout_s` is for each of them. `propose` is called in a
    thread.
    """

    router: Callable[[], Router]
    limits: Callable[[], FixLimits]
    check_timeout_s: Callable[[], float]
    propose: Callable[[Problem], Proposals]
    checkers: Callable[[DocumentSnapshot], Sequence[Checker]]
    why_ignored: Callable[[DocumentSnapshot], Awaitable[str | None]]
    gather: Callable[[DocumentSnapshot, Point, str], Awaitable[Sequence[ContextSnippet]]]
    prompt_tokens: Callable[[str], int]
    relative_path: Callable[[DocumentSnapshot], str]
    root_of: Callable[[DocumentSnapshot], Path | None]
    index_of: Callable[[str], WorkspaceIndex | None]
    open_documents: Callable[[], Sequence[DocumentSnapshot]]
    tool_use: Callable[[], ToolUse]
    exclude: Callable[[], Sequence[str]]
    transcript: Callable[[str], Transcript | None]
    events: RequestEvents
    on_turn: Callable[[], None]
    now: Callable[[], float]
    new_id: Callable[[], str]


class CodeFixer:
    """The fixer of one server or command."""

    def __init__(self, parts: FixerParts) -> None:
        self._parts = parts
        # What checkers said of a text, for the fix that is likely to follow.
        self._checked: tuple[TextSnapshot, tuple[Checked, ...]] | None = None

    async def check(self, document: DocumentSnapshot) -> tuple[Checked, ...]:
        """What every checker for the document says of it now."""
        judge = await self._judge(_question(document))
        await judge.baseline()
        self._checked = (document.text, judge.answers)
        return judge.answers

    async def fix(self, task: FixTask, *, progress: Callable[[str], None] = lambda _: None) -> FixOutcome:
        """Carry a task out. Cancelling it ends all that it began; it raises nothing else."""
        budget = FixBudget(self._parts.limits(), self._parts.now)
        run = _Run(self._parts, task, budget, progress)
        clock = asyncio.timeout(budget.limits.max_seconds)
        try:
            async with clock:
                await self._mend(run)
        except TimeoutError:
            run.why = budget.time_is_up() if clock.expired() else "something on this machine took too long"
        except Exception as error:  # noqa: BLE001 - whoever asked has to be told, whatever it was
            logger.error("mending failed: %s", place_of(error))  # noqa: TRY400 - a message may quote source text
            run.why = "a mistake in copilot-ls; its log says where"
        await run.keep_transcript()
        return run.outcome()

    async def _mend(self, run: _Run) -> None:
        run.progress("Checking the file")
        judge = await self._judge(run.task)
        known = self._checked if self._checked is not None and self._checked[0] is run.task.document.text else None
        await judge.baseline(known[1] if known is not None else ())
        if run.task.kind == "fix":
            run.embedded, run.why = await embedded.mend(judge, run.proposals)
            if run.embedded is not None and run.embedded.judgement.is_verified:
                return
            if run.embedded is not None and run.embedded.certainty >= SURE and not judge.can_verify:
                return  # a model's edit could not be verified either
        await run.converse(judge)

    async def _judge(self, task: FixTask) -> Judge:
        return Judge(
            task,
            await asyncio.to_thread(self._parts.checkers, task.document),
            lambda text: _parsed(task.document, text),
            self._parts.root_of(task.document),
            self._parts.check_timeout_s(),
        )


class _Run:
    """One task on its way."""

    def __init__(self, parts: FixerParts, task: FixTask, budget: FixBudget, progress: Callable[[str], None]) -> None:
        self.task = task
        self.progress = progress
        self.embedded: Candidate | None = None
        self.why = ""
        self._parts = parts
        self._budget = budget
        self._open_documents = parts.open_documents()
        self._fix_id = parts.new_id()
        document = task.document
        self._turns = FixTurns(
            parts.events,
            "fix",
            self._fix_id,
            uri=document.uri,
            language=document.language_id,
            on_change=parts.on_turn,
            budget=budget,
        )
        self._talk: FixConversation | None = None
        self._transcript = parts.transcript(self._fix_id)

    def proposals(self, diagnostic: Diagnostic | None) -> Proposals:
        """What the embedded fixers propose; in a thread."""
        from copilot_ls.fixers.base import Problem

        document = self.task.document
        return self._parts.propose(
            Problem(
                document=document,
                tree=_parsed(document, document.text),
                diagnostic=diagnostic,
                others=[each for each in self.task.diagnostics if each is not diagnostic],
                index=self._parts.index_of(document.path),
                root=self._parts.root_of(document),
                open_documents=self._open_documents,
            )
        )

    async def converse(self, judge: Judge) -> None:
        """Ask the models, unless there are none, or the document is none of theirs."""
        names = self._parts.router().names("fix")
        if not any(name != EMBEDDED for name in names):
            none = "no model is configured for it (route.fix)"
            self.why = f"{self.why}; {none}" if self.why else none
            return
        ignored = await self._parts.why_ignored(self.task.document)
        if ignored is not None:
            for name in names:
                self._turns.passed_over(name, "ignored_file")
            self.why = f"nothing of an ignored file is sent to a model ({ignored})"
            return
        from copilot_ls.features.fixing.conversation import FixConversation
        from copilot_ls.features.fixing.region import allowed_lines, wanted_lines

        document = self.task.document
        tree = await asyncio.to_thread(_parsed, document, document.text)
        path = self._parts.relative_path(document)
        snippets = await self._parts.gather(document, self.task.span.start, names[0])
        self._talk = FixConversation(
            judge=judge,
            router=self._parts.router(),
            turns=self._turns,
            budget=self._budget,
            opening=lambda failed: self._opening(tree, path, snippets, failed, names[0]),
            allowed=allowed_lines(self.task, tree),
            wanted=wanted_lines(self.task),
            path=path,
            progress=self.progress,
            tool_use=self._parts.tool_use(),
            transcript=self._transcript,
        )
        self._talk.tools = self._tools(judge, path, self._talk)
        await self._talk.hold()
        self.why = self._talk.why

    def _tools(self, judge: Judge, path: str, talk: FixConversation) -> ToolBox:
        from copilot_ls.features.fixing.tools.access import WorkspaceFiles
        from copilot_ls.features.fixing.tools.box import ToolBox
        from copilot_ls.features.fixing.tools.workplace import Workplace

        files = None
        if judge.root is not None:
            texts = {each.path: each.text.text for each in self._open_documents if each.path}
            files = WorkspaceFiles(judge.root, self._parts.exclude(), texts)
        index = self._parts.index_of(self.task.document.path)
        return ToolBox(Workplace(path, judge, files, index, talk.try_edit))

    async def keep_transcript(self) -> None:
        """Write down what was said, where that is wanted."""
        if self._transcript is not None:
            try:
                await asyncio.to_thread(self._transcript.save)
            except OSError as error:
                logger.warning("the transcript of a fix cannot be written: %s", error.strerror)

    def _opening(
        self, tree: SyntaxTree, path: str, snippets: Sequence[ContextSnippet], failed: str, backend: str
    ) -> list[Message]:
        from copilot_ls.backends.chat import Message
        from copilot_ls.features.fixing.passages import head_of, passage_for
        from copilot_ls.prompt.instructions_fix import fix

        asked = fix(
            passage_for(self.task, tree, path),
            [*head_of(self.task, tree, path), *snippets],
            kind=self.task.kind,
            budget_tokens=self._parts.prompt_tokens(backend),
            wish=self.task.wish,
            version=self.task.document.version,
            failed_before=failed,
        )
        return [Message("system" if each["role"] == "system" else "user", each["content"]) for each in asked]

    def outcome(self) -> FixOutcome:
        """What came of it, at whatever point it ended."""
        talk, budget = self._talk, self._budget
        best = better(self.embedded, None if talk is None else talk.best)
        counts: dict[str, Any] = {
            "fix_id": self._fix_id,
            "task": self.task,
            "n_tries": budget.n_tries,
            "n_refused": 0 if talk is None else talk.n_refused,
            "n_tool_calls": 0 if talk is None or talk.tools is None else talk.tools.n_calls,
            "n_invalid_tool_calls": 0 if talk is None or talk.tools is None else talk.tools.n_invalid,
            "input_tokens": self._turns.input_tokens,
            "output_tokens": self._turns.output_tokens,
            "cost": self._turns.cost,
            "took_ms": budget.took_ms,
        }
        if best is None:
            verdict = Verdict("gave_up", why=self.why or "nobody had a proposal")
            backend, model = self._turns.last_backend or EMBEDDED, self._turns.last_model
            return FixOutcome(title="", verdict=verdict, backend=backend, model=model, **counts)
        judgement = best.judgement
        verified = judgement.is_verified
        return FixOutcome(
            title=best.title,
            verdict=Verdict("verified" if verified else "not_verified", judgement.checked_by, judgement.doubt),
            replacements=best.replacements,
            explanation=best.explanation,
            backend=best.backend,
            model=best.model,
            rule=best.rule,
            **counts,
        )


def _question(document: DocumentSnapshot) -> FixTask:
    from copilot_ls.features.fixing.outcome import FixTask
    from copilot_ls.text import Point, Span

    return FixTask("fix", document, Span(Point(0, 0), Point(0, 0)))


def _parsed(document: DocumentSnapshot, text: TextSnapshot) -> SyntaxTree:
    """The whole tree of a text, made anew: the document's own belongs to the event loop."""
    from copilot_ls.syntax import SyntaxDocument

    return SyntaxDocument(document.language_id, document.path).tree_at(text)
