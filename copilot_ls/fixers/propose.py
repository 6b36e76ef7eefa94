"""From a problem to proposals: asks each rule that is for it, and keeps what cannot make the text parse worse.

Called in a thread by `copilot_ls.features.fixing`, and by benchmarks. Without a process, a network, a clock.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot_ls.edits import applied
from copilot_ls.fixers.base import Problem, Proposal, Proposals
from copilot_ls.fixers.table import rules
from copilot_ls.syntax.faults import Trials

if TYPE_CHECKING:
    from copilot_ls.fixers.rule import Rule

_log = logging.getLogger("copilot_ls.fixers")

# A rule that has many ideas has no good one.
_MOST_OF_ONE_RULE = 12


def propose(problem: Problem, *, limit: int = 5) -> Proposals:
    """The best proposals for a problem, at most `limit`; where there are none, one sentence says why.

    Never raises for a rule's fault: that rule has no proposals then, and the log says which and where.
    """
    problem = replace(problem, tree=problem.tree.alone())
    language = problem.tree.spec.name if problem.tree.spec is not None else problem.document.language_id
    asked = [rule for rule in rules() if rule.is_for(language, problem.diagnostic)]
    ideas = [_with_line_ends(idea, problem) for rule in asked for idea in _asked(rule, problem)]
    ideas.sort(key=lambda idea: -idea.certainty)
    trials = Trials(problem.tree)
    kept: list[Proposal] = []
    seen: set[str] = set()
    n_worse = 0
    for idea in ideas:
        if len(kept) >= limit:
            break
        outcome = _outcome(problem, idea)
        if outcome is None or outcome in seen:
            continue
        seen.add(outcome)
        score = trials.score_after(idea.replacements)
        if score is not None and score > trials.score:
            n_worse += 1
            continue
        kept.append(idea)
    return Proposals(tuple(kept), "" if kept else _why_none(problem, asked, n_worse))


def _asked(rule: Rule, problem: Problem) -> list[Proposal]:
    found: list[Proposal] = []
    try:
        for proposal in rule.propose(problem):
            found.append(proposal)
            if len(found) >= _MOST_OF_ONE_RULE:
                break
    except Exception as error:  # noqa: BLE001 - a rule's fault costs its own proposals alone
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        # No message: it may quote source text.
        line = place.tb_lineno if place is not None else 0
        _log.warning("the fixer %s failed (%s at line %d) and proposes nothing", rule.name, type(error).__name__, line)
    return found


def _with_line_ends(idea: Proposal, problem: Problem) -> Proposal:
    """A proposal whose new lines end as those of the document do."""
    if not problem.document.text.line(0).endswith("\r\n"):
        return idea
    return replace(
        idea, replacements=tuple(each._replace(text=each.text.replace("\n", "\r\n")) for each in idea.replacements)
    )


def _outcome(problem: Problem, idea: Proposal) -> str | None:
    """The text after a proposal; None when it changes nothing, or its replacements overlap."""
    text = problem.document.text
    if not idea.replacements or any(text.clip(place) != place for each in idea.replacements for place in each.span):
        return None
    try:
        after = applied(text, idea.replacements).text
    except ValueError:
        return None
    return None if after == text.text else after


def _why_none(problem: Problem, asked: list[Rule], n_worse: int) -> str:
    diagnostic = problem.diagnostic
    if n_worse:
        return f"what could be tried would parse worse than the text as it is ({n_worse} tried)"
    parses = not Trials(problem.tree).score
    if diagnostic is None:
        return "nothing in the text fails to parse" if parses else "no small edit makes the text parse"
    # Rules that are for whatever is reported have nothing to do where the text parses.
    asked = [rule for rule in asked if rule.codes or rule.message is not None or not parses]
    named = " ".join(filter(None, (diagnostic.source, diagnostic.code))) or "this report"
    if not asked:
        return f"no rule without a model is for {named}"
    tried = ", ".join(each.name for each in asked)
    return f"the rules for {named} ({tried}) find nothing near that fits"
