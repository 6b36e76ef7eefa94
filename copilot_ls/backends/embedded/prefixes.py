"""How far to go: each beginning of each continuation, and numbers that tell whether the user types exactly that.

What to say is often clear for some tokens and then not; the longest beginning that is likely enough is worth more than
the likeliest whole line. A beginning ends at the end of a token. Its numbers (`FEATURES`) come from the cursor's
surroundings (`surroundings`), from the votes that pass through it, and from what it is made of; `confidence` turns them
into a probability. Pure. Called by `propose`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from copilot_ls.backends.embedded import lexing, surroundings
from copilot_ls.backends.embedded.beginnings import looked_at
from copilot_ls.backends.embedded.evidence import VOTING, Engine
from copilot_ls.backends.embedded.surroundings import UNSEEN, character_class, keyword_class

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.embedded.beginnings import Beginning
    from copilot_ls.backends.embedded.evidence import Continuation
    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.surroundings import Known

# Engines whose finds are no votes; each has a level of its own.
OTHER_ENGINES = tuple(engine for engine in get_args(Engine) if engine not in VOTING)

BEGINNING_FEATURES = (
    "share_mild",
    "share_steep",
    "share_all",
    "escape",
    "step",
    "rival",
    "weakest",
    "goes_on",
    "rank",
    "children",
    "count",
    "places",
    "level",
    "lag",
    "tokens",
    "length",
    "ends",
    "end_share",
    "distance",
    "sources",
    "whole_head",
    "lines_above",
    "follows",
    "likeness",
    "likeness_lag",
    "renamed_share",
    "renamed_level",
    "renamed_count",
    "aligned_share",
    "aligned_count",
    "aligned_likeness",
    "aligned_lag",
    "recent_share",
    "recent_votes",
    "recent_level",
    "engines",
    "agree",
    "series",
    "chance",
    "chance_step",
    "ending_chance",
    *(f"level_{engine}" for engine in OTHER_ENGINES),
    "unseen_words",
    "word_distance",
    "last_word_distance",
    "words",
    "words_on_line",
    "fresh_words",
    "literal_characters",
    "first_class",
    "last_class",
    "opens",
    "closes",
    "in_string",
    "continues_word",
    "spaced",
    "repeats_near",
    "repeats_below",
    "repeats_import",
    "like_above",
    "line_keyword",
)
FEATURES = (*surroundings.FEATURES, *BEGINNING_FEATURES)
_LINES_BELOW = 12
_NO_LEVELS = (0,) * len(OTHER_ENGINES)


@dataclass(slots=True)
class _Words:
    """What a beginning is made of; made from that of its parent and the last token."""

    unseen: int = 0
    farthest: int = 0
    last: int = 0
    n: int = 0
    on_line: int = 0
    fresh: int = 0
    literal: int = 0
    opens: int = 0
    closes: int = 0
    quote: str = ""

    def add_word(self, distance: int | None, *, fresh: bool) -> None:
        """One more word, last seen so many lines away, or never; `fresh`: it was given a value, and not used since."""
        self.n += 1
        self.fresh += fresh
        self.unseen += distance is None
        self.on_line += distance == 0
        self.last = UNSEEN if distance is None else distance
        self.farthest = max(self.farthest, self.last)

    def add_mark(self, mark: str) -> None:
        """One more bracket, or what is none."""
        if mark in lexing.OPENING:
            self.opens += 1
        elif mark in ")]}":
            if self.opens:
                self.opens -= 1
            else:
                self.closes += 1


def describe(
    nodes: Sequence[Beginning], continuations: list[Continuation], situation: Situation, known: Known
) -> tuple[list[float], list[list[float]]]:
    """The numbers of the cursor (`surroundings.FEATURES`), and of each beginning (`BEGINNING_FEATURES`)."""
    used = looked_at(continuations)
    mild = sum(one.mild for one in used) or 1.0
    steep = sum(one.steep for one in used) or 1.0
    renamed = sum(one.renamed for one in used)
    aligned = sum(one.aligned for one in used)
    every = (mild + renamed) or 1.0
    recent = sum(one.recent for one in used)
    top_aligned = max((one.levels.get("alignment", 0) for one in used), default=0)
    top_level = max((one.level for one in used), default=0)
    likeness = max((one.likeness for one in used), default=0.0)
    head, partial = situation.head, situation.partial
    near = situation.previous
    below = frozenset(line.strip() for line in situation.near_below[:_LINES_BELOW])
    imports = _imports(situation)
    known_partial = partial in situation.last_use
    above = near[0] if near else ""
    near_lines = "\n" + "\n".join(near)
    keyword = surroundings.known_keyword_class(head)
    in_common = _common(head, above)
    above_rest = above[len(head) :] if in_common == len(head) else ""
    rows: list[list[float]] = []
    words: dict[int, _Words] = {0: _Words()}
    for node in nodes:
        text, parent, levels = node.text, node.parent, node.levels
        made = _words_of(node, words, situation, partial)
        line = head + text
        first = text[0]
        continues = 0
        if partial and lexing.is_word(first):
            continues = 2 if known_partial else 1
        rows.append([
            node.mild / mild,
            node.steep / steep,
            (node.mild + node.renamed) / every,
            node.escape,
            node.step,
            node.rival,
            node.weakest,
            node.goes_on,
            node.rank,
            node.children,
            node.count,
            node.places,
            node.level,
            top_level - node.level,
            node.n_tokens,
            len(text),
            1 if node.whole else 0,
            node.ending / (node.weight or 1.0),
            node.distance,
            node.sources,
            node.whole_head,
            node.lines_above,
            node.follows,
            node.likeness,
            likeness - node.likeness,
            node.renamed / renamed if renamed else 0.0,
            node.renamed_level,
            node.renamed_count,
            node.aligned / aligned if aligned else 0.0,
            node.aligned_count,
            node.aligned_likeness,
            top_aligned - levels.get("alignment", 0),
            node.recent / (node.weight or 1.0),
            node.recent / recent if recent else 0.0,
            node.recent_level,
            _engines(node),
            (4 if node.aligned else 0) + (2 if node.renamed else 0) + (1 if node.steep else 0),
            node.series,
            node.chance,
            node.chance / parent.chance if parent is not None and parent.chance else node.chance,
            node.ending_chance,
            *([levels.get(engine, 0) for engine in OTHER_ENGINES] if levels else _NO_LEVELS),
            made.unseen,
            made.farthest,
            made.last,
            made.n,
            made.on_line,
            made.fresh,
            made.literal,
            character_class(first),
            character_class(text[-1]),
            made.opens,
            made.closes,
            1 if made.quote else 0,
            continues,
            1 if first.isspace() else 0,
            2 if line in near else 1 if "\n" + line in near_lines else 0,
            1 if line in below else 0,
            1 if imports and line in imports else 0,
            in_common + _common(text, above_rest) if above_rest else in_common,
            keyword_class(line) if keyword is None else keyword,
        ])  # fmt: skip
    return surroundings.describe(situation, used, known), rows


def _engines(node: Beginning) -> int:
    """How many engines found it."""
    return bool(node.steep) + bool(node.renamed) + bool(node.series) + len(node.levels)


def _words_of(node: Beginning, known: dict[int, _Words], situation: Situation, partial: str) -> _Words:
    """What `node` is made of; `known` keeps it for its children, under 0 the empty beginning."""
    at = id(node) if node.parent is not None else 0
    made = known.get(at)
    if made is None and node.parent is not None:
        made = _with_token(_words_of(node.parent, known, situation, partial), node, situation, partial)
        known[at] = made
    return made or _Words()


def _with_token(parent: _Words, node: Beginning, situation: Situation, partial: str) -> _Words:
    """The parent's numbers, and the last token added to them."""
    token = node.token.lstrip()
    made = _Words(
        parent.unseen, parent.farthest, parent.last, parent.n, parent.on_line,
        parent.fresh, parent.literal, parent.opens, parent.closes, parent.quote,
    )  # fmt: skip
    first = token[0]
    if made.quote:
        made.literal += len(node.token)
    if first.isalpha() or first == "_":
        begun = node.n_tokens == 1 and token == node.token
        word = partial + token if begun else token
        made.add_word(situation.last_use.get(word), fresh=word in situation.fresh_names)
    elif first.isdigit():
        made.literal += len(token)
    elif first in "\"'`":
        made.quote = token if not made.quote else "" if made.quote == token else made.quote
    elif not made.quote:
        made.add_mark(first)
    return made


_IMPORT = re.compile(r"(?:from|import|use|using|require|#include|@import|const \w+ = require)\b")


def _imports(situation: Situation) -> str:
    """The import lines of the document, each after a line end."""
    if not _IMPORT.match(situation.head) and situation.head:
        return ""
    return "\n".join(line.strip() for line in situation.near_above if _IMPORT.match(line))


def _common(line: str, above: str) -> int:
    """How many characters the line has in common with the one above, from the start of both."""
    n = 0
    for one, other in zip(line, above, strict=False):
        if one != other:
            break
        n += 1
    return n
