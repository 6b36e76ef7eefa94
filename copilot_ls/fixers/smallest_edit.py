"""Code that does not parse: small edits around the fault are tried, and the tree judges which one mends it.

What is tried comes from `syntax_edits`, the likeliest first: brackets, commas, colons, quotes, misspelt keywords, signs
of other languages, indentation. Of those that leave the fewest faults the likeliest are proposed. For every language
with a grammar.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import applied, touched_lines
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import EVERYWHERE, Rule
from copilot_ls.fixers.syntax_edits import edits
from copilot_ls.fixers.unbound import n_unbound
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.syntax.faults import Fault, Trials, syntax_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.fixers.base import Problem
    from copilot_ls.fixers.idea import Idea

_MOST = 5
# Trials parse what they touch, but copy the whole text: so many bytes may be copied for one problem.
_MOST_BYTES = 8_000_000
_FEWEST_TRIALS, _MOST_TRIALS = 40, 320
# Once some edits have mended everything, those that are less likely by this are not tried any more.
_ENOUGH, _COSTLIER = 4, 0.7
# What each name that nothing binds then adds to the cost, and how many count.
_PER_NAME, _MOST_NAMES = 0.15, 3
_MOST_LINES = 12
# Reports within so many lines of a fault are about it; others may come of it.
_NEAR, _FAR_SHARE = 3, 0.9
_WANTED = re.compile(
    r"expected (?:one of )?[\"'`\u2018](.{1,3})[\"'`\u2019]|[\"'`\u2018](.{1,3})[\"'`\u2019] expected|"
    r"(forgot a comma)|missing (.{1,2})$",
    re.IGNORECASE,
)


def propose(problem: Problem) -> Iterator[Proposal]:
    """The likeliest of the small edits that leave the fewest faults."""
    faults = syntax_faults(problem.tree)
    if not faults:
        return
    share = 1.0 if _is_near(problem, faults) else _FAR_SHARE
    trials = Trials(problem.tree)
    budget = max(_FEWEST_TRIALS, min(_MOST_TRIALS, _MOST_BYTES // (problem.document.text.n_bytes + 1)))
    hints = _hints(problem)
    tried = sorted(edits(problem, faults), key=lambda each: (_cost(each, hints), each.replacements))
    found: list[tuple[int, float, Idea]] = []
    best: float | None = None
    for edit in tried[:budget]:
        cost = _cost(edit, hints)
        if best is not None and cost > best + _COSTLIER and len(found) >= _ENOUGH:
            break
        score = trials.score_after(edit.replacements, enough=trials.score - 1)
        if score is None or score >= trials.score:
            continue
        found.append((score, cost, edit))
        if score == 0 and best is None:
            best = cost
    if not found:
        return
    fewest = min(score for score, _, _ in found)
    kept = sorted((each for each in found if each[0] == fewest), key=lambda each: each[1])[:_MOST]
    if len(kept) > 1 and problem.tree.spec is not None and problem.tree.spec.name == "python":
        kept = sorted((_with_names(problem, each) for each in kept), key=lambda each: each[1])
    for rank, (score, cost, edit) in enumerate(kept):
        left = "it parses" if score == 0 else f"{score} of {trials.score} faults are left"
        yield Proposal(
            RULE.name,
            edit.title,
            edit.replacements,
            share * _certainty(cost, rank, mends_all=score == 0),
            f"With this edit {left}.",
        )


def _with_names(problem: Problem, found: tuple[int, float, Idea]) -> tuple[int, float, Idea]:
    """What was found, at a higher cost where it leaves names that nothing binds."""
    score, cost, idea = found
    lines = touched_lines(idea.replacements)
    if len(lines) > _MOST_LINES:
        return found
    text = applied(problem.document.text, idea.replacements)
    document = problem.document
    tree = SyntaxDocument(document.language_id, document.path).tree_at(text)
    return score, cost + _PER_NAME * min(n_unbound(tree, lines), _MOST_NAMES), idea


def _certainty(cost: float, rank: int, *, mends_all: bool) -> float:
    return max(0.05, min(0.95, 0.97 - 0.1 * max(cost - 0.8, 0.0) - 0.06 * rank - 0.2 * (not mends_all)))


def _is_near(problem: Problem, faults: Sequence[Fault]) -> bool:
    """Whether the report may be about a fault itself; else it may come of one, as most do where code does not parse."""
    if problem.diagnostic is None:
        return True
    line = problem.diagnostic.span.start.line
    return any(fault.span.start.line - _NEAR <= line <= fault.span.end.line + _NEAR for fault in faults)


def _hints(problem: Problem) -> frozenset[str]:
    """Signs that the report, or others, say are missing."""
    found = set()
    for each in (problem.diagnostic, *problem.others):
        for match in _WANTED.finditer(each.message) if each is not None else ():
            found.add("," if match[3] else next(group for group in match.groups() if group))
    # TypeScript takes what stands before a forgotten colon for a shorthand property, or a parameter without a type.
    if any(each.source == "ts" and each.code in ("18004", "7051") for each in problem.others):
        found = found - {","} | {":"}
    return frozenset(found)


def _cost(edit: Idea, hints: frozenset[str]) -> float:
    return edit.cost - 0.15 * (edit.sign in hints)


RULE = Rule("smallest_edit", propose, languages=EVERYWHERE, without_diagnostic=True)
