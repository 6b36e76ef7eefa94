"""The embedded fixers' proposals, tried until one is verified; for several diagnostics, the best together.

No model, no network. Leaves proposing to `copilot_ls.fixers` and judging to `judging`. Called by `fixer` before any
model is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot_ls.edits import touched_lines
from copilot_ls.errors import place_of
from copilot_ls.features.fixing.candidate import Candidate
from copilot_ls.features.fixing.reports import LineMap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.edits import Replacement
    from copilot_ls.features.fixing.judging import Judge, Judgement
    from copilot_ls.fixers.base import Proposal, Proposals

logger = logging.getLogger("copilot_ls.fixing")

Propose = Callable[["Diagnostic | None"], "Proposals"]
"""Proposals for a diagnostic of the task, or for what the tree says; blocks, and is called in a thread."""

# For several diagnostics: rounds of dropping what did not help. Each asks all checkers once.
_MAX_ROUNDS = 4


async def mend(judge: Judge, propose: Propose) -> tuple[Candidate | None, str]:
    """The best edit that the fixers have for the judge's task, and why there is none.

    `propose` is called in a thread.
    """
    diagnostics = judge.task.diagnostics
    if len(diagnostics) > 1:
        return await _mend_several(judge, propose, diagnostics)
    proposals, why_none = await _proposals(propose, diagnostics[0] if diagnostics else None)
    best: Candidate | None = None
    failed = ""
    for proposal in proposals:
        judgement = await judge.judge(proposal.replacements)
        if judgement.is_verified:
            return _candidate([proposal], proposal.replacements, judgement), ""
        if not judgement.faults:
            best = best or _candidate([proposal], proposal.replacements, judgement)
        else:
            failed = failed or f"{proposal.title}: {judgement.faults[0]}"
    return best, why_none or failed


async def _mend_several(
    judge: Judge, propose: Propose, diagnostics: Sequence[Diagnostic]
) -> tuple[Candidate | None, str]:
    """One edit for as many as can be mended together."""
    found = [await _proposals(propose, each) for each in diagnostics]
    choices = [list(proposals) for proposals, _ in found]
    why_none = next((why for _, why in found if why), "")
    for _ in range(_MAX_ROUNDS):
        chosen = _together(choices)
        if not chosen:
            break
        replacements = tuple(sorted({each for one in chosen.values() for each in one.replacements}))
        judgement = await judge.judge(replacements)
        if judgement.is_verified:
            return _candidate(list(chosen.values()), replacements, judgement), ""
        if not judgement.came and (judgement.n_gone or not judgement.faults):
            # Some are mended and nothing is worse: better than nothing, and to be said.
            partly = _partly(judgement, len(diagnostics))
            return _candidate(list(chosen.values()), replacements, partly), why_none
        if not _drop_what_failed(choices, chosen, judgement):
            break
    return None, why_none or "what the fixers propose does not go together"


def _together(choices: Sequence[Sequence[Proposal]]) -> dict[int, Proposal]:
    """The first proposal for each diagnostic, but for those that overlap one before."""
    chosen: dict[int, Proposal] = {}
    taken: list[Replacement] = []
    for number, proposals in enumerate(choices):
        if not proposals:
            continue
        proposal = proposals[0]
        new = [each for each in proposal.replacements if each not in taken]
        if not any(_overlap(one, other) for one in new for other in taken):
            chosen[number] = proposal
            taken += new
    return chosen


def _overlap(one: Replacement, other: Replacement) -> bool:
    return one.span.start < other.span.end and other.span.start < one.span.end


def _drop_what_failed(choices: list[list[Proposal]], chosen: dict[int, Proposal], judgement: Judgement) -> bool:
    """Go on to the next proposal where something new came; of all, where it came elsewhere."""
    moved = LineMap.of([each for one in chosen.values() for each in one.replacements])
    came = {each.span.start.line for each in judgement.came}
    failed = [
        number
        for number, proposal in chosen.items()
        if any(came & set(moved.after(line)) for line in touched_lines(proposal.replacements))
    ]
    for number in failed or list(chosen):
        choices[number].pop(0)
    return bool(chosen)


def _partly(judgement: Judgement, n_asked: int) -> Judgement:
    if not judgement.faults:
        return judgement
    return replace(
        judgement, faults=(), doubt=f"{judgement.n_gone} of {n_asked} are gone, the others are still reported"
    )


async def _proposals(propose: Propose, diagnostic: Diagnostic | None) -> tuple[Sequence[Proposal], str]:
    try:
        proposals = await asyncio.to_thread(propose, diagnostic)
    except Exception as error:  # noqa: BLE001 - one rule's mistake must not cost the others' fix
        logger.error("an embedded fixer failed: %s", place_of(error))  # noqa: TRY400 - a message may quote source text
        return (), "the embedded fixers failed, which is a mistake of theirs"
    return proposals.found, proposals.why_none


def _candidate(proposals: Sequence[Proposal], replacements: tuple[Replacement, ...], judgement: Judgement) -> Candidate:
    first = proposals[0]
    n_more = len(proposals) - 1
    return Candidate(
        replacements=replacements,
        judgement=judgement,
        title=first.title + (f" and {n_more} more" if n_more else ""),
        explanation="\n".join(dict.fromkeys(each.why for each in proposals)),
        rule=first.rule,
        certainty=min(each.certainty for each in proposals),
    )
