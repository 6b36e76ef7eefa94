"""The embedded fixers' proposals, tried until what was asked for is gone and nothing new is reported.

The best proposals for all diagnostics are tried together. What brings something new gives way to the next proposal for
its diagnostic; but first the fixers are asked about what came, too, because a mended name uncovers the next mistake in
its line. No model, no network. Leaves proposing to `copilot_ls.fixers` and judging to `judging`. Called by `fixer`
before any model is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from copilot_ls.edits import applied, between, touched_lines
from copilot_ls.errors import place_of
from copilot_ls.features.fixing.candidate import Candidate, better
from copilot_ls.features.fixing.reports import LineMap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.edits import Replacement
    from copilot_ls.features.fixing.judging import Judge, Judgement
    from copilot_ls.fixers.base import Proposal, Proposals
    from copilot_ls.text import TextSnapshot

logger = logging.getLogger("copilot_ls.fixing")

Propose = Callable[["TextSnapshot", "Diagnostic | None"], "Proposals"]
"""Proposals for a diagnostic of a text of the task's document, or for what its tree says; called in a thread."""

# Each round asks all checkers once, and once more where something came that may be mended as well.
_MAX_ROUNDS = 6
_MOST_CAME = 6
_MOST_ADDED = 6


async def mend(judge: Judge, propose: Propose) -> tuple[Candidate | None, str]:
    """The best edit that the fixers have for the judge's task, and why there is no better one."""
    return await _Search(judge, propose).found()


@dataclass(slots=True)
class _Search:
    """The search for one task. `choices` are the proposals that are left for each diagnostic, the best first."""

    judge: Judge
    propose: Propose
    choices: list[list[Proposal]] = field(default_factory=list)
    best: Candidate | None = None
    made_of: Sequence[Proposal] = ()
    failed: str = ""

    async def found(self) -> tuple[Candidate | None, str]:
        text = self.judge.task.document.text
        targets: Sequence[Diagnostic | None] = self.judge.task.diagnostics or (None,)
        answers = [await _proposals(self.propose, text, each) for each in targets]
        self.choices = [list(proposals) for proposals, _ in answers]
        for _ in range(_MAX_ROUNDS):
            chosen = _together(self.choices)
            if not chosen or await self._is_settled(chosen):
                break
        if self.best is not None and self.best.judgement.still:
            await self._add([proposals[0] for proposals, _ in answers if proposals])
        return self.best, next((why for _, why in answers if why), "") or self.failed

    async def _is_settled(self, chosen: dict[int, Proposal]) -> bool:
        """Try some proposals together; whether there is nothing better to be tried, and otherwise who gives way."""
        proposals = list(chosen.values())
        judgement = await self._try(proposals, tuple({each for one in proposals for each in one.replacements}))
        if not judgement.faults:
            return True
        blamed = _to_blame(self.judge.task.diagnostics, chosen, judgement)
        tried = {chosen[number].replacements for number in blamed}
        for proposals_left in self.choices:
            # Two reports of one mistake have the same proposals.
            if proposals_left and proposals_left[0].replacements in tried:
                proposals_left.pop(0)
        return not blamed

    async def _add(self, proposals: Sequence[Proposal]) -> None:
        """Try those that gave way among others once more, each with the best edit so far."""
        for proposal in proposals[:_MOST_ADDED]:
            best = self.best
            if best is None or not best.judgement.still:
                return
            new = [each for each in proposal.replacements if each not in best.replacements]
            if new and not any(_overlap(one, other) for one in new for other in best.replacements):
                await self._try([*self.made_of, proposal], (*best.replacements, *new))

    async def _try(self, proposals: Sequence[Proposal], replacements: Sequence[Replacement]) -> Judgement:
        """Have an edit judged, and once more with what mends what came; the better judgement."""
        ordered = tuple(sorted(replacements))
        judgement = await self.judge.judge(ordered)
        self._take(proposals, ordered, judgement)
        if judgement.faults:
            self.failed = self.failed or f"{proposals[0].title}: {judgement.faults[0]}"
        if judgement.came:
            after = await self._go_on(proposals, ordered, judgement)
            if after is not None and not after.faults:
                return after
        return judgement

    async def _go_on(
        self, proposals: Sequence[Proposal], replacements: Sequence[Replacement], judgement: Judgement
    ) -> Judgement | None:
        """Mend what came as well, in the text as it is then; None where the fixers have nothing for it."""
        if len(judgement.came) > _MOST_CAME:
            return None
        text = self.judge.task.document.text
        then = applied(text, replacements)
        more = [list((await _proposals(self.propose, then, each))[0]) for each in judgement.came]
        chosen = list(_together(more).values())
        if not chosen:
            return None
        both = between(text, applied(then, sorted({each for one in chosen for each in one.replacements})))
        after = await self.judge.judge(both)
        self._take([*proposals, *chosen], both, after)
        return after

    def _take(self, proposals: Sequence[Proposal], replacements: tuple[Replacement, ...], judgement: Judgement) -> None:
        """Keep an edit that may be offered: one that brings nothing new, though it may leave something."""
        if judgement.faults:
            if judgement.came or not judgement.n_gone:
                return
            n_asked = len(self.judge.task.diagnostics)
            left = f"{judgement.n_gone} of {n_asked} are gone, the others are still reported"
            judgement = replace(judgement, faults=(), doubt=left)
        first, n_more = proposals[0], len(proposals) - 1
        candidate = Candidate(
            replacements=replacements,
            judgement=judgement,
            title=first.title + (f" and {n_more} more" if n_more else ""),
            explanation="\n".join(dict.fromkeys(each.why for each in proposals)),
            rule=first.rule,
            certainty=min(each.certainty for each in proposals),
        )
        if better(self.best, candidate) is candidate:
            self.best, self.made_of = candidate, proposals


def _together(choices: Sequence[Sequence[Proposal]]) -> dict[int, Proposal]:
    """The first proposal for each diagnostic, but for those that overlap one before."""
    chosen: dict[int, Proposal] = {}
    taken: list[Replacement] = []
    for number, proposals in enumerate(choices):
        if not proposals:
            continue
        new = [each for each in proposals[0].replacements if each not in taken]
        if new and not any(_overlap(one, other) for one in new for other in taken):
            chosen[number] = proposals[0]
            taken += new
    return chosen


def _overlap(one: Replacement, other: Replacement) -> bool:
    return one.span.start < other.span.end and other.span.start < one.span.end


def _to_blame(diagnostics: Sequence[Diagnostic], chosen: dict[int, Proposal], judgement: Judgement) -> Sequence[int]:
    """Whose proposals gave way to something new, in their lines or in those of what they mend.

    Without anything new, those whose diagnostics are still there; where it came elsewhere, the least certain.
    """
    moved = LineMap.of([each for one in chosen.values() for each in one.replacements])
    came = {each.span.start.line for each in judgement.came}
    still = {each.identity for each in judgement.still}
    blamed = []
    for number, proposal in chosen.items():
        lines = set(touched_lines(proposal.replacements))
        if diagnostics:
            lines.add(diagnostics[number].span.start.line)
        brought = any(came & set(moved.after(line)) for line in lines)
        if brought or (not came and diagnostics and diagnostics[number].identity in still):
            blamed.append(number)
    if came and not blamed:
        return [min(chosen, key=lambda number: chosen[number].certainty)]
    return blamed


async def _proposals(
    propose: Propose, text: TextSnapshot, diagnostic: Diagnostic | None
) -> tuple[Sequence[Proposal], str]:
    try:
        proposals = await asyncio.to_thread(propose, text, diagnostic)
    except Exception as error:  # noqa: BLE001 - one rule's mistake must not cost the others' fix
        logger.error("an embedded fixer failed: %s", place_of(error))  # noqa: TRY400 - a message may quote source text
        return (), "the embedded fixers failed, which is a mistake of theirs"
    return proposals.found, proposals.why_none
