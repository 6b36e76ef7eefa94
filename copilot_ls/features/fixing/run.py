"""One task on its way: which models are asked, what they are shown, and the outcome at whatever point it ends.

Made and led by `fixer`; leaves the talk to `conversation`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from copilot_ls.features.fixing.candidate import EMBEDDED, Candidate, better
from copilot_ls.features.fixing.outcome import FixOutcome, Verdict
from copilot_ls.features.fixing.parsing import DraftParser
from copilot_ls.features.fixing.turns import FixTurns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.backends.chat import Message
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.fixing.budget import FixBudget
    from copilot_ls.features.fixing.conversation import FixConversation
    from copilot_ls.features.fixing.judging import Judge
    from copilot_ls.features.fixing.outcome import FixTask
    from copilot_ls.features.fixing.parts import FixerParts
    from copilot_ls.features.fixing.tools.box import ToolBox
    from copilot_ls.fixers.base import Proposals
    from copilot_ls.syntax import SyntaxTree
    from copilot_ls.text import TextSnapshot

logger = logging.getLogger("copilot_ls.fixing")


class FixRun:
    """One task on its way."""

    def __init__(
        self,
        parts: FixerParts,
        task: FixTask,
        budget: FixBudget,
        progress: Callable[[str], None],
        fix_id: str = "",
    ) -> None:
        self.task = task
        self.progress = progress
        self.embedded: Candidate | None = None
        self.by_model: Candidate | None = None
        self.why = ""
        self.target: str | None = None
        self.target_text: TextSnapshot | None = None
        self._parts = parts
        self._budget = budget
        self.parser = DraftParser(task.document)
        self._open_documents = parts.open_documents()
        self._fix_id = fix_id or parts.new_id()
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
        # What checkers reported before anything was changed, of the whole file: a hint for what belongs together.
        self.reported: tuple[Diagnostic, ...] = ()
        self._talk: FixConversation | None = None
        self._transcript = parts.transcript(self._fix_id)

    def proposals(self, text: TextSnapshot, diagnostic: Diagnostic | None) -> Proposals:
        """What the embedded fixers propose for a text of the task's document; in a thread."""
        from copilot_ls.fixers.base import Problem

        document = self.task.document
        return self._parts.propose(
            Problem(
                document=document if text is document.text else replace(document, text=text),
                tree=self.parser(text),
                diagnostic=diagnostic,
                others=[each for each in (*self.task.diagnostics, *self.reported) if each != diagnostic],
                index=self._parts.index_of(document.path),
                root=self._parts.root_of(document),
                open_documents=self._open_documents,
            )
        )

    async def converse(self, judge: Judge) -> Candidate | None:
        """Ask the models for an edit of the judge's document; None where none had one, or there are none to ask."""
        names = self._parts.router().names("fix")
        if not any(name != EMBEDDED for name in names):
            none = "no model is configured for it (route.fix)"
            self.why = f"{self.why}; {none}" if self.why else none
            return None
        document = judge.task.document
        for each in {self.task.document.path: self.task.document, document.path: document}.values():
            ignored = await self._parts.why_ignored(each)
            if ignored is not None:
                for name in names:
                    self._turns.passed_over(name, "ignored_file")
                self.why = f"nothing of an ignored file is sent to a model ({ignored})"
                return None
        from copilot_ls.features.fixing.conversation import FixConversation
        from copilot_ls.features.fixing.region import allowed_lines, wanted_lines

        # Tests are about another document than the one that they are written to.
        shown = self.task if self.task.kind == "tests" else judge.task
        parse = self.parser if shown.document is self.task.document else judge.parse
        tree = await asyncio.to_thread(parse, shown.document.text)
        path = self.target or self._parts.relative_path(document)
        snippets = [
            *self._text_of_target(judge, path),
            *await self._parts.gather(shown.document, shown.span.start, names[0]),
        ]
        self._talk = FixConversation(
            judge=judge,
            router=self._parts.router(),
            turns=self._turns,
            budget=self._budget,
            opening=lambda failed: self._opening(shown, tree, path, document.version, snippets, failed, names[0]),
            allowed=allowed_lines(judge.task, tree),
            wanted=wanted_lines(judge.task),
            path=path,
            progress=self.progress,
            tool_use=self._parts.tool_use(),
            transcript=self._transcript,
        )
        self._talk.tools = self._tools(judge, path, self._talk)
        await self._talk.hold()
        self.why = self._talk.why or self.why
        return self._talk.best

    def _text_of_target(self, judge: Judge, path: str) -> list[ContextSnippet]:
        """The file that tests are written to, where it is another one and has something in it."""
        from copilot_ls.context.snippet import ContextSnippet
        from copilot_ls.prompt.tokens import estimate

        document = judge.task.document
        if self.target is None or document.uri == self.task.document.uri or not document.text.text.strip():
            return []
        text = document.text.text
        return [ContextSnippet(path, 0, document.text.n_lines, text, "tests", 1.0, estimate(text))]

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
        self,
        shown: FixTask,
        tree: SyntaxTree,
        path: str,
        version: int,
        snippets: Sequence[ContextSnippet],
        failed: str,
        backend: str,
    ) -> list[Message]:
        """The first messages: what is shown of a task, and the file at `path`, in this version, that may change."""
        from copilot_ls.backends.chat import Message
        from copilot_ls.features.fixing.passages import head_of, passage_for
        from copilot_ls.prompt.instructions_fix import fix

        shown_at = self._parts.relative_path(shown.document)
        asked = fix(
            passage_for(shown, tree, shown_at),
            [*head_of(shown, tree, shown_at), *snippets],
            kind=shown.kind,
            budget_tokens=self._parts.prompt_tokens(backend),
            wish=shown.wish,
            path=path,
            version=version,
            explain=shown.explain,
            failed_before=failed,
        )
        return [Message("system" if each["role"] == "system" else "user", each["content"]) for each in asked]

    def outcome(self) -> FixOutcome:
        """What came of it, at whatever point it ended."""
        talk, budget = self._talk, self._budget
        by_model = self.by_model
        if by_model is None and talk is not None and (self.target or talk.judge.task.document is self.task.document):
            by_model = talk.best  # the time was over
        best = better(self.embedded, by_model)
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
        is_elsewhere = self.target != self._parts.relative_path(self.task.document)
        return FixOutcome(
            title=best.title,
            verdict=Verdict("verified" if verified else "not_verified", judgement.checked_by, judgement.doubt),
            replacements=best.replacements,
            target=self.target if is_elsewhere else None,
            target_text=self.target_text if is_elsewhere else None,
            explanation=best.explanation,
            backend=best.backend,
            model=best.model,
            rule=best.rule,
            **counts,
        )
