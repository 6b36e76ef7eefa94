"""Mends code: embedded fixers first, then the models of the route `fix`, every edit tried before it is offered.

The parse must not get worse, what is to be mended must be gone, and nothing new may be reported. The best edit within
the limits is offered, with what is known of it; without one, why there is none. Leaves proposing to
`copilot_ls.fixers` and `conversation`, judging to `judging`, offering it to an editor to `lsp`. Made by
`features.workbench`; called by `lsp` and `cli`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot_ls.edits import applied, between
from copilot_ls.errors import place_of
from copilot_ls.features.fixing import embedded
from copilot_ls.features.fixing.budget import FixBudget
from copilot_ls.features.fixing.candidate import SURE
from copilot_ls.features.fixing.judging import Judge
from copilot_ls.features.fixing.outcome import FixTask
from copilot_ls.features.fixing.parsing import DraftParser
from copilot_ls.features.fixing.run import FixRun
from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.checking.base import Checked
    from copilot_ls.features.fixing.candidate import Candidate
    from copilot_ls.features.fixing.outcome import FixOutcome
    from copilot_ls.features.fixing.parts import FixerParts

logger = logging.getLogger("copilot_ls.fixing")


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

    async def fix(
        self, task: FixTask, *, progress: Callable[[str], None] = lambda _: None, fix_id: str = ""
    ) -> FixOutcome:
        """Carry a task out. Cancelling it ends all that it began; it raises nothing else.

        `fix_id` is the outcome's where the caller needs to know it before; made here otherwise.
        """
        budget = FixBudget(self._parts.limits(), self._parts.now)
        run = FixRun(self._parts, task, budget, progress, fix_id)
        clock = asyncio.timeout(budget.limits.max_seconds)
        try:
            async with clock:
                await (self._write_tests(run) if task.kind == "tests" else self._mend(run))
        except TimeoutError:
            run.why = budget.time_is_up() if clock.expired() else "something on this machine took too long"
        except Exception as error:  # noqa: BLE001 - whoever asked has to be told, whatever it was
            logger.error("mending failed: %s", place_of(error))  # noqa: TRY400 - a message may quote source text
            run.why = "a mistake in copilot-ls; its log says where"
        await run.keep_transcript()
        return run.outcome()

    async def _mend(self, run: FixRun) -> None:
        run.progress("Checking the file")
        judge = await self._judge(run.task, run.parser)
        known = self._checked if self._checked is not None and self._checked[0] is run.task.document.text else None
        await judge.baseline(known[1] if known is not None else ())
        run.reported = tuple(each for answer in judge.answers if not answer.problem for each in answer.diagnostics)
        if run.task.kind == "fix":
            run.embedded, run.why = await embedded.mend(judge, run.proposals)
            if run.embedded is not None:
                if run.embedded.judgement.is_verified:
                    return
                if run.embedded.certainty >= SURE and not judge.can_verify:
                    return  # a model's edit could not be verified either
                if run.embedded.judgement.still:
                    await self._go_on(run, judge, run.embedded)
                    return
        run.by_model = await run.converse(judge)

    async def _go_on(self, run: FixRun, judge: Judge, mended: Candidate) -> None:
        """Have a model mend what the embedded fixers could not, in the text that they made."""
        task = run.task
        text = applied(task.document.text, mended.replacements)
        rest = await self._judge(replace(task, document=replace(task.document, text=text)))
        await rest.baseline()
        left = {each.identity for each in mended.judgement.still}
        reports = tuple(each for answer in rest.answers for each in answer.diagnostics if each.identity in left)
        if not reports:
            return
        rest.task = replace(rest.task, diagnostics=reports, span=reports[0].span)
        best = await run.converse(rest)
        if best is not None:
            both = between(task.document.text, applied(text, best.replacements))
            judgement = await judge.judge(both)
            explanation = "\n".join(filter(None, (mended.explanation, best.explanation)))
            if not judgement.faults:
                run.by_model = replace(best, replacements=both, judgement=judgement, explanation=explanation)

    async def _write_tests(self, run: FixRun) -> None:
        """Have a model write tests, in the file where they belong."""
        place = await asyncio.to_thread(self._place_for_tests, run.task.document)
        if isinstance(place, str):
            run.why = place
            return
        run.target, document = place
        run.target_text = document.text
        last = document.text.n_lines - 1
        span = Span(Point(0, 0), Point(last, len(document.text.line_text(last))))
        judge = await self._judge(replace(run.task, document=document, span=span))
        await judge.baseline()
        run.by_model = await run.converse(judge)

    def _place_for_tests(self, document: DocumentSnapshot) -> tuple[str, DocumentSnapshot] | str:
        """The file for the tests of a document, as it is; or why there is none. Reads files."""
        from copilot_ls.features.fixing.places_of_tests import test_file_for
        from copilot_ls.features.fixing.tools.access import NoAccessError, WorkspaceFiles

        root = self._parts.root_of(document)
        if root is None:
            return "the file belongs to no workspace, so that there is no place for its tests"
        path = test_file_for(self._parts.relative_path(document), document.language_id, lambda at: (root / at).exists())
        if path is None:
            return f"no convention for tests in {document.language_id} is known"
        place = root / path
        if str(place) == document.path:
            return path, document
        text = ""
        if os.path.lexists(place):
            texts = {each.path: each.text.text for each in self._parts.open_documents() if each.path}
            try:
                text = WorkspaceFiles(root, self._parts.exclude(), texts).text(path)
            except NoAccessError as error:
                return str(error)
        return path, DocumentSnapshot(place.as_uri(), str(place), document.language_id, 0, TextSnapshot.of(text))

    async def _judge(self, task: FixTask, parser: DraftParser | None = None) -> Judge:
        return Judge(
            task,
            await asyncio.to_thread(self._parts.checkers, task.document),
            parser or DraftParser(task.document),
            self._parts.root_of(task.document),
            self._parts.check_timeout_s(),
        )


def _question(document: DocumentSnapshot) -> FixTask:
    return FixTask("fix", document, Span(Point(0, 0), Point(0, 0)))
