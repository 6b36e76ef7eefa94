"""`except:` also catches what ends the program; `except Exception:` leaves that alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem


def propose(problem: Problem) -> Iterator[Proposal]:
    """Name the usual exceptions."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    clause = node.within("except_clause") if node is not None else None
    if clause is None or any(each.kind == "identifier" for each in clause.named_children[:1]):
        return
    place = Point(clause.line, clause.start.column + len("except"))
    yield Proposal(
        RULE.name,
        "Catch 'Exception' alone",
        (Replacement(Span(place, place), " Exception"),),
        0.9,
        "Without a type it catches KeyboardInterrupt and SystemExit as well.",
    )


RULE = Rule("bare_except", propose, languages=PYTHON, codes=codes("E722", "W0702"), message=words(r"bare `?except"))
