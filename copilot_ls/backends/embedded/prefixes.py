"""How far to go: every beginning of every continuation, described by numbers that tell whether the user types exactly that.

What to say is often clear for some tokens and then not; the longest beginning that is likely enough is worth more than the likeliest
whole line. A beginning ends at the end of a token. Its numbers (`FEATURES`) come from the votes that pass through it, from
what it is made of, and from the cursor's surroundings; `confidence` turns them into a probability. Pure. Called by `propose`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.evidence import Continuation, Found
    from copilot_ls.backends.embedded.situation import Situation

# Continuations beyond these carry next to no weight, and each costs time.
_MAX_CONTINUATIONS = 24
_MAX_TOKENS = 30
_FLOOR = -6.0
_UNSEEN = 1000

FEATURES = (
    "bias",
    "log_share_mild",
    "log_share_steep",
    "log_escape",
    "sure",
    "log_count",
    "level",
    "level_sq",
    "lag",
    "log_variety",
    "alone",
    "tokens",
    "length",
    "ends",
    "end_share",
    "line_start",
    "after_space",
    "after_dot",
    "after_open",
    "in_word",
    "string",
    "comment",
    "near",
    "open_only",
    "workspace_only",
    "two_sources",
    "whole_head",
    "lines_above",
    "follows",
    "unseen_words",
    "word_distance",
    "words",
    "literals",
    "ends_in_word",
    "ends_open",
    "ends_close",
    "renamed_share",
    "renamed_level",
    "renamed_only",
    "agree",
    "repeats_above",
    "opens_string",
    "share_x_level",
    "share_x_start",
    "escape_x_tokens",
    "level_x_start",
    "count_x_share",
    "log_renamed_share",
    "renamed_level_sq",
    "series",
    "share_all",
    "renamed_share_x_level",
    "renamed_only_share",
    "renamed_count",
    "gap_depth",
    "context_length",
    "context_x_alone",
    "repeats_near",
    "repeats_import",
    "share_steep",
    "share_steep_sq",
    "share_total",
    "depth",
    "dedent",
    "count_x_level",
    "unseen_x_level",
    "open_brackets",
    "file_length",
)


@dataclass(slots=True)
class Beginning:
    """The beginning of one or more continuations: summed votes, extremes over them, and where the best of them stands."""

    text: str
    n_tokens: int
    mild: float = 0.0
    steep: float = 0.0
    renamed: float = 0.0
    renamed_count: int = 0
    series: int = 0
    count: int = 0
    level: int = 0
    renamed_level: int = 0
    lines_above: int = 0
    whole_head: bool = False
    follows: bool = False
    distance: int = 1_000_000
    sources: int = 0
    ending: float = 0.0
    escape: float = 0.0
    best: Found | None = None
    children: int = 0


_SOURCE_BITS = {"above": 1, "below": 2, "open": 4, "workspace": 8}


def beginnings(continuations: list[Continuation]) -> list[Beginning]:
    """Every beginning, each once; votes of the continuations that share it are added up."""
    root = Beginning("", 0)
    nodes: dict[str, Beginning] = {}
    for continuation in continuations[:_MAX_CONTINUATIONS]:
        _vote(root, continuation)
        text = continuation.text
        cuts = lexing.cut_points(text)[:_MAX_TOKENS]
        parent = root
        for n_tokens, cut in enumerate(cuts, 1):
            beginning = text[:cut]
            node = nodes.get(beginning)
            if node is None:
                node = nodes[beginning] = Beginning(beginning, n_tokens)
                parent.children += 1
            _vote(node, continuation)
            parent = node
        if cuts and cuts[-1] == len(text):
            parent.ending += continuation.steep + continuation.renamed
            parent.children += 1
    _estimate(root, nodes)
    return list(nodes.values())


def _vote(node: Beginning, continuation: Continuation) -> None:
    node.mild += continuation.mild
    node.steep += continuation.steep
    node.renamed += continuation.renamed
    node.renamed_count += continuation.renamed_count
    node.series = max(node.series, continuation.series)
    node.count += continuation.count
    node.level = max(node.level, continuation.level)
    node.renamed_level = max(node.renamed_level, continuation.renamed_level)
    node.lines_above = max(node.lines_above, continuation.lines_above)
    node.whole_head |= continuation.whole_head
    node.follows |= continuation.follows
    node.distance = min(node.distance, continuation.distance)
    for source in continuation.sources:
        node.sources |= _SOURCE_BITS[source]
    if node.best is None:  # continuations come weightiest first
        node.best = continuation.best


def _estimate(root: Beginning, nodes: dict[str, Beginning]) -> None:
    """Write the log of the product of Witten-Bell estimates along the path into `escape`.

    Witten and Bell (1991), method C: P(child) = n(child) / (n(node) + number of distinct children). Counts here are the
    votes in units of one vote at the node's best level, so that one long match and one short one are not one to one.
    """
    nodes[""] = root
    order = sorted(nodes, key=len)
    parents: dict[str, str] = {}
    for text in order[1:]:
        cuts = lexing.cut_points(text)
        parents[text] = text[: cuts[-2]] if len(cuts) > 1 else ""
    for text in order[1:]:
        node, parent = nodes[text], nodes.get(parents[text], root)
        unit = 1.3 * 2.6**parent.level if parent.steep else 1.0
        total = (parent.steep + parent.renamed) / unit
        here = (node.steep + node.renamed) / unit
        estimate = here / (total + max(1, parent.children)) if total else 0.0
        node.escape = max(_FLOOR * 2, parent.escape + math.log(max(estimate, 1e-6)))
    del nodes[""]


def describe(nodes: list[Beginning], continuations: list[Continuation], situation: Situation) -> list[list[float]]:
    """Return the numbers of each beginning, in the order of `FEATURES`."""
    used = continuations[:_MAX_CONTINUATIONS]
    mild = sum(one.mild for one in used) or 1.0
    steep = sum(one.steep for one in used) or 1.0
    renamed = sum(one.renamed for one in used)
    top_level = max((one.level for one in used), default=0)
    variety = math.log(max(1, len(used)))
    start = 1.0 if situation.place == "line_start" else 0.0
    about_cursor = [
        start,
        1.0 if situation.place == "after_space" else 0.0,
        1.0 if situation.place == "after_dot" else 0.0,
        1.0 if situation.place == "after_open" else 0.0,
        1.0 if situation.place == "in_word" else 0.0,
        1.0 if situation.region == "string" else 0.0,
        1.0 if situation.region == "comment" else 0.0,
    ]
    alone = 1.0 if len(used) == 1 else 0.0
    above = situation.previous[0] if situation.previous else ""
    context = math.log(1 + len(situation.head or above))
    near_lines = situation.previous
    imports = _imports(situation)
    dedent = 0.0
    if situation.previous_indents:
        dedent = max(-2.0, min(2.0, (situation.indent - situation.previous_indents[0]) / 4.0))
    rows: list[list[float]] = []
    for node in nodes:
        text = node.text
        line = situation.head + text
        share_mild = _log(node.mild / mild)
        share_steep = _log(node.steep / steep)
        level = min(node.level, 16) / 8.0
        count = math.log1p(node.count)
        unseen, distance, words, literals = _words(text, situation)
        last = text[-1:]
        copied = node.steep > 0
        renamed_level = min(node.renamed_level, 16) / 8.0
        log_renamed = _log(node.renamed / renamed) if renamed else -3.0
        rows.append([
            1.0,
            share_mild,
            share_steep,
            max(_FLOOR, node.escape),
            1.0 if node.steep / steep > 0.97 else 0.0,  # noqa: PLR2004 - next to no dissent
            count,
            level,
            level * level,
            (top_level - node.level) / 4.0,
            variety,
            alone,
            math.log(node.n_tokens),
            math.log(len(text)),
            1.0 if node.ending else 0.0,
            node.ending / ((node.steep + node.renamed) or 1.0),
            *about_cursor,
            1.0 / (1.0 + node.distance / 20.0),
            1.0 if node.sources == 4 else 0.0,  # noqa: PLR2004 - the bit of "open"
            1.0 if node.sources == 8 else 0.0,  # noqa: PLR2004 - the bit of "workspace"
            1.0 if node.sources & (node.sources - 1) else 0.0,
            1.0 if node.whole_head else 0.0,
            node.lines_above / 2.0,
            1.0 if node.follows else 0.0,
            float(min(unseen, 4)),
            distance,
            float(min(words, 6)),
            float(min(literals, 3)),
            1.0 if lexing.is_word(last) else 0.0,
            1.0 if last in lexing.OPENING else 0.0,
            1.0 if last in ")]}:;," else 0.0,
            node.renamed / renamed if renamed else 0.0,
            renamed_level,
            1.0 if renamed and not copied else 0.0,
            1.0 if node.renamed and copied else 0.0,
            1.0 if above and (situation.head + text) == above else 0.0,
            1.0 if text.count('"') % 2 or text.count("'") % 2 else 0.0,
            share_steep * level,
            share_steep * start,
            max(_FLOOR, node.escape) * math.log(node.n_tokens),
            level * start,
            count * share_mild,
            log_renamed,
            renamed_level * renamed_level,
            node.series / 10.0,
            _log((node.mild + node.renamed) / (mild + renamed)),
            log_renamed * renamed_level,
            log_renamed if not copied else 0.0,
            math.log1p(node.renamed_count),
            1.0 if situation.gap and start else 0.0,
            context,
            context * alone,
            _repeats(line, near_lines),
            1.0 if _IMPORT.match(line) and line in imports else 0.0,
            node.steep / steep,
            (node.steep / steep) ** 2,
            (node.mild + node.renamed) / ((mild + renamed) or 1.0),
            min(situation.indent, 16) / 8.0,
            dedent,
            count * level,
            min(unseen, 4) * level,
            min(len(situation.brackets), 3) / 2.0,
            math.log1p(situation.line),
        ])  # fmt: skip
    return rows


_IMPORT = re.compile(r"(?:from|import|use|using|require|#include|@import|const \w+ = require)\b")


def _imports(situation: Situation) -> str:
    """The import lines of the document, each after a line end."""
    if not _IMPORT.match(situation.head) and situation.head:
        return ""
    return "\n".join(line.strip() for line in situation.near_above if _IMPORT.match(line))


def _repeats(line: str, near_lines: tuple[str, ...]) -> float:
    """Whether the line would begin like one of the few above: 1 for a whole line, 0.5 for a beginning."""
    if line in near_lines:
        return 1.0
    return 0.5 if any(near.startswith(line) for near in near_lines) else 0.0


def _log(share: float) -> float:
    return max(_FLOOR, math.log(share)) if share > 0 else _FLOOR


def _words(text: str, situation: Situation) -> tuple[int, float, int, int]:
    """Words never seen near the cursor, log distance of the farthest other one, number of words, and of digits runs and quotes."""
    unseen = words = 0
    farthest = 0
    for match in lexing.WORD.finditer(text):
        word = match[0]
        if match.start() == 0 and situation.place == "in_word" and not text[:1].isspace():
            whole = situation.head[
                len(situation.head.rstrip("".join({c for c in situation.head if lexing.is_word(c)}))) :
            ]
            word = whole + word
        words += 1
        distance = situation.last_use.get(word)
        if distance is None:
            unseen += 1
            distance = _UNSEEN
        farthest = max(farthest, distance)
    literals = text.count('"') + text.count("'") + sum(1 for character in text if character.isdigit())
    return unseen, math.log1p(farthest), words, literals
