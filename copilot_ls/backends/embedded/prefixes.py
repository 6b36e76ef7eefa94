"""How far to go: each beginning of each continuation, and numbers that tell whether the user types exactly that.

What to say is often clear for some tokens and then not; the longest beginning that is likely enough is worth more than
the likeliest whole line. A beginning ends at the end of a token. Its numbers (`FEATURES`) come from the votes that pass
through it, from what it is made of, and from the cursor's surroundings; `confidence` turns them into a probability.
Pure. Called by `propose`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.beginnings import MAX_CONTINUATIONS

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.beginnings import Beginning
    from copilot_ls.backends.embedded.evidence import Continuation
    from copilot_ls.backends.embedded.situation import Situation

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
    "series_confirmed",
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
    "likeness",
    "likeness_lag",
    "continues_word",
    "continues_known_word",
    "starts_with_space",
    "partial_length",
    "log_places",
    "step",
    "close_in_step",
    "close_and_ends",
    "chance",
    "chance_only",
    "chance_sq",
    "ending_chance",
    "ngram_level",
)


def describe(nodes: list[Beginning], continuations: list[Continuation], situation: Situation) -> list[list[float]]:
    """Return the numbers of each beginning, in the order of `FEATURES`."""
    used = [one for one in continuations[:MAX_CONTINUATIONS] if one.mild or one.renamed]
    mild = sum(one.mild for one in used) or 1.0
    steep = sum(one.steep for one in used) or 1.0
    renamed = sum(one.renamed for one in used)
    top_level = max((one.level for one in used), default=0)
    likeness = max((one.likeness for one in used), default=0.0)
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
    partial = situation.partial
    known = partial in situation.last_use
    dedent = 0.0
    if situation.previous_indents:
        dedent = max(-2.0, min(2.0, (situation.indent - situation.previous_indents[0]) / 4.0))
    rows: list[list[float]] = []
    for node in nodes:
        text = node.text
        line = situation.head + text
        continues = 1.0 if partial and lexing.is_word(text[0]) else 0.0
        share_mild = _log(node.mild / mild)
        share_steep = _log(node.steep / steep)
        level = min(node.level, 16) / 8.0
        count = math.log1p(node.count)
        unseen, distance, words, literals = _words(text, situation)
        last = text[-1:]
        close = 1.0 if last in ")]}:;," else 0.0
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
            close,
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
            1.0 if node.series else 0.0,
            1.0 if node.series >= 12 else 0.0,  # noqa: PLR2004 - see `series`
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
            node.likeness,
            likeness - node.likeness,
            continues,
            continues if known else 0.0,
            1.0 if partial and text[0].isspace() else 0.0,
            math.log1p(len(partial)) * continues,
            math.log1p(node.places),
            node.step,
            close if node.step > 0.99 else 0.0,  # noqa: PLR2004 - no place goes on otherwise
            close if node.ending else 0.0,
            _log(node.chance),
            _log(node.chance) if not copied else 0.0,
            node.chance * node.chance,
            node.ending_chance,
            node.levels.get("ngram", 0) / 8.0,
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
    """Words not seen near the cursor, log distance of the farthest of all, number of words, of digits and quotes."""
    unseen = words = 0
    partial = situation.partial
    farthest = 0
    for match in lexing.WORD.finditer(text):
        word = match[0]
        if match.start() == 0:
            word = partial + word
        words += 1
        distance = situation.last_use.get(word)
        if distance is None:
            unseen += 1
            distance = _UNSEEN
        farthest = max(farthest, distance)
    literals = text.count('"') + text.count("'") + sum(1 for character in text if character.isdigit())
    return unseen, math.log1p(farthest), words, literals
