"""TypeScript and JavaScript: a member or an export that there is not, written almost like one that there is.

Members of the type that the report names, from the index; what the file itself reads from the same receiver, and then
from anything; exports of the module that is named. Where the report itself suggests a name, `suggested_name` has it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name, words_of
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.similar import likelihood
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.fixers.ts_modules import exports_of, resolved
from copilot_ls.fixers.ts_syntax import imports_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from copilot_ls.fixers.base import Problem

_MOST = 4
_AT_LEAST = 0.5
_TYPE = re.compile(r"on type '(?:typeof )?([\w$]+)|in type '([\w$]+)")
_SUGGESTED = re.compile(r"did you mean", re.IGNORECASE)
# How much less is known of what the same receiver is asked for elsewhere, of what anything is, and of mere words.
_SAME_RECEIVER, _ANYTHING, _WORD = 0.02, 0.08, 0.2
# Members of every text, list and promise, which no file of the workspace declares.
_BUILT_IN_TEXT = (
    "length push pop shift unshift slice splice concat join map filter reduce forEach find findIndex some every "
    "includes indexOf lastIndexOf sort reverse flat flatMap fill keys values entries at charAt charCodeAt "
    "codePointAt split substring substr replace replaceAll match matchAll trim trimStart trimEnd padStart padEnd "
    "startsWith endsWith repeat toLowerCase toUpperCase toString valueOf hasOwnProperty get set has delete add "
    "clear size then catch finally next return throw apply call bind name message stack prototype constructor"
)
_BUILT_IN = tuple(_BUILT_IN_TEXT.split())


def propose(problem: Problem) -> Iterator[Proposal]:
    """The likeliest members."""
    reported, diagnostic = reported_name(problem), problem.diagnostic
    if reported is None or diagnostic is None or _SUGGESTED.search(diagnostic.message):
        return
    name, span = reported
    found: dict[str, tuple[float, str]] = {}
    for doubt, why, known in _known(problem, name):
        for each in known:
            alike = likelihood(name, each) - doubt
            if alike >= _AT_LEAST and alike > found.get(each, (0.0, ""))[0]:
                found[each] = (alike, why)
    ranked = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))
    for each, (certainty, why) in ranked[:_MOST]:
        yield Proposal(
            RULE.name,
            f"Replace '{name}' with '{each}'",
            (Replacement(span, each),),
            certainty,
            why,
        )


def _known(problem: Problem, name: str) -> Iterator[tuple[float, str, Iterable[str]]]:
    """Doubt, reason and names of each place that may know better."""
    for imported in imports_of(problem.tree):
        if imported.name == name and imported.item.start == _start(problem):
            path = resolved(problem, imported.source)
            if path:
                yield 0.0, f"'{imported.source}' exports this name.", exports_of(problem, path)
            return
    diagnostic, index = problem.diagnostic, problem.index
    named = _TYPE.search(diagnostic.message) if diagnostic is not None else None
    if named is not None and index is not None:
        owner = named[1] or named[2]
        hits = index.definitions([owner]).get(owner, [])
        members = {member.name for hit in hits for member in index.members(owner, hit.path)}
        yield 0.0, f"'{owner}' has a member of this name.", members
    receiver, counts = _receiver(problem), _members_read(problem)
    own = {member for (owner, member), n in counts.items() if owner == receiver and (member != name or n > 1)}
    yield _SAME_RECEIVER, f"'{receiver}' is asked for this name elsewhere in the file.", own - {name}
    yield _ANYTHING, "The file asks something for this name.", {member for _, member in counts} - {name}
    yield _ANYTHING, "Texts, lists and the like have a member of this name.", _BUILT_IN
    yield _WORD, "The file has this word.", [word for word in words_of(problem.tree) if word != name]


def _start(problem: Problem) -> object:
    reported = reported_name(problem)
    return reported[1].start if reported is not None else None


def _receiver(problem: Problem) -> str:
    reported = reported_name(problem)
    node = problem.tree.node_at(reported[1].start) if reported is not None else None
    parent = node.parent if node is not None else None
    owner = parent.field("object") if parent is not None and parent.kind == "member_expression" else None
    return owner.text if owner is not None else ""


def _members_read(problem: Problem) -> Counter[tuple[str, str]]:
    root = problem.tree.root
    found: Counter[tuple[str, str]] = Counter()
    for node in root.of_kind("member_expression") if root is not None else ():
        owner, member = node.field("object"), node.field("property")
        if owner is not None and member is not None:
            found[owner.text if not owner.named_children else "", member.text] += 1
    return found


RULE = Rule(
    "ts_misspelt_member",
    propose,
    languages=ECMA,
    codes=codes("2339", "2551", "2353", "2561", "2305", "2724", "2694", "2576", "2550"),
    message=words(r"does not exist on type", r"does not exist in type", r"has no exported member"),
)
