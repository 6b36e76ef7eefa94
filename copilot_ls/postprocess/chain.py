"""The order of the filters, and who cut what.

First what only looks backwards, so that it can be judged while the text still comes in; then what needs its end:

    normalise_line_ends        everything else knows LF alone
    cut_at_stop_sequence       what follows was never meant
    drop_fences                before lines are counted, as fences are lines
    drop_repeated_prefix       before the first line is judged by its indentation
    limit_to_line, limit_to_max_lines
    indent_body                before depth is judged
    limit_to_scope
    drop_next_line_overlap     after the scope, which asks less
    cut_repetition             last of these, because it cuts far back
    ----
    drop_copy_of_lines_above
    match_indent_unit          when the lines that stay are known
    drop_suffix_overlap        needs the end as it will stay
    drop_duplicate_closers     what the exact overlap has not found
    trim_trailing_whitespace
    drop_too_short
    agree_with_selected_completion
    drop_invisible_characters  what is judged for safety is what would be shown
    drop_live_secrets
    keep_parseable             judges the very text that would be shown

A cut may give an earlier filter new work (a bracket gone, the lines before it end in a repetition), so the chain runs
until nothing changes. It ends: filters only drop characters, or change indentation in a way that does nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.postprocess.agree_with_selected_completion import agree_with_selected_completion
from copilot_ls.postprocess.cut_at_stop_sequence import cut_at_stop_sequence
from copilot_ls.postprocess.cut_repetition import TOKEN, cut_repetition
from copilot_ls.postprocess.drop_copy_of_lines_above import drop_copy_of_lines_above
from copilot_ls.postprocess.drop_duplicate_closers import drop_duplicate_closers
from copilot_ls.postprocess.drop_fences import drop_fences
from copilot_ls.postprocess.drop_invisible_characters import drop_invisible_characters
from copilot_ls.postprocess.drop_live_secrets import drop_live_secrets
from copilot_ls.postprocess.drop_next_line_overlap import drop_next_line_overlap
from copilot_ls.postprocess.drop_repeated_prefix import drop_repeated_prefix
from copilot_ls.postprocess.drop_suffix_overlap import drop_suffix_overlap
from copilot_ls.postprocess.drop_too_short import drop_too_short
from copilot_ls.postprocess.indent_body import indent_body
from copilot_ls.postprocess.keep_parseable import keep_parseable
from copilot_ls.postprocess.limit_to_line import limit_to_line
from copilot_ls.postprocess.limit_to_max_lines import limit_to_max_lines
from copilot_ls.postprocess.limit_to_scope import comment_leader, limit_to_scope
from copilot_ls.postprocess.match_indent_unit import match_indent_unit
from copilot_ls.postprocess.normalise_line_ends import normalise_line_ends
from copilot_ls.postprocess.replaced_suffix import replaced_suffix
from copilot_ls.postprocess.trim_trailing_whitespace import trim_trailing_whitespace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.postprocess.situation import Filter, Situation

LOOKING_BACK: tuple[Filter, ...] = (
    normalise_line_ends,
    cut_at_stop_sequence,
    drop_fences,
    drop_repeated_prefix,
    limit_to_line,
    limit_to_max_lines,
    indent_body,
    limit_to_scope,
    drop_next_line_overlap,
    cut_repetition,
)
NEEDING_THE_END: tuple[Filter, ...] = (
    drop_copy_of_lines_above,
    match_indent_unit,
    drop_suffix_overlap,
    drop_duplicate_closers,
    trim_trailing_whitespace,
    drop_too_short,
    agree_with_selected_completion,
    drop_invisible_characters,
    drop_live_secrets,
)
FILTERS: tuple[Filter, ...] = LOOKING_BACK + NEEDING_THE_END

# Filters that change nothing that a user would call cut.
_SILENT = frozenset({"normalise_line_ends", "trim_trailing_whitespace"})

# A sign of the private use area, for the end of what may still come.
_PROBE = "\ue000"
# Deeper than any block: a line that has every reason to stay.
_PROBE_INDENT = " " * 400


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left of a generation.

    `text` is None or holds more than whitespace. `cut_by` names the filters that changed it, in order, or that left
    nothing. `replaced_suffix` counts the characters right of the cursor, on its line, that `text` replaces.
    """

    text: str | None
    cut_by: tuple[str, ...]
    replaced_suffix: int


def run(text: str, situation: Situation, *, parses_no_worse: Callable[[str], bool] | None = None) -> Outcome:
    """Send a generation through all filters; never raises for any text, and running it again changes nothing.

    `parses_no_worse` tells whether the document with its argument inserted (and `replaced_suffix(argument, situation)`
    characters gone) has no more syntax errors than without.
    """
    cut_by: dict[str, None] = {}
    current = text
    while True:
        before = current
        for each in FILTERS:
            left = each(current, situation)
            if left is None or not left.strip():
                return _nothing(cut_by, each.__name__ if current.strip() else "drop_blank")
            if left != current and each.__name__ not in _SILENT:
                cut_by[each.__name__] = None
            current = left
        if parses_no_worse is not None:
            left = keep_parseable(current, parses_no_worse)
            if left is None:
                return _nothing(cut_by, keep_parseable.__name__)
            if left != current:
                cut_by[keep_parseable.__name__] = None
            current = left
        if current == before:
            return Outcome(current, tuple(cut_by), replaced_suffix(current, situation))


def stop_early(text_so_far: str, situation: Situation) -> str | None:
    """Name the filter that would cut away whatever may still come, so that the stream can be closed; None: go on.

    Once it names one, `run` gives the same for the text so far as for any continuation of it, so that a suggestion does
    not depend on how a stream happens to be cut into chunks. Cheap unless the text has a line end or is long.
    """
    text = normalise_line_ends(text_so_far, situation) or ""
    if cut_at_stop_sequence(text, situation) != text:
        return cut_at_stop_sequence.__name__
    # The beginning of a stop sequence at the end may yet cut further back than any other filter.
    if any(text.endswith(stop[:length]) for stop in situation.stop for length in range(1, len(stop))):
        return None
    complete, line_end, _ = text.rpartition("\n")
    if line_end:
        likely = _PROBE_INDENT + (comment_leader(situation) or "" if situation.in_comment else "") + _PROBE
        return _who_drops(complete + line_end + likely, situation, LOOKING_BACK)
    # An endless line: only a repetition is certain before its end, and the last token may still grow.
    tokens = list(TOKEN.finditer(text))
    if len(tokens) > 1 and len(text) > len(situation.current_line_prefix):
        reason = _who_drops(text[: tokens[-1].start()] + _PROBE, situation, LOOKING_BACK)
        return reason if reason == cut_repetition.__name__ else None
    return None


def _who_drops(text: str, situation: Situation, filters: Sequence[Filter]) -> str | None:
    for each in filters:
        left = each(text, situation)
        if left is None or not left.endswith(_PROBE):
            return each.__name__
        text = left
    return None


def _nothing(cut_by: dict[str, None], reason: str) -> Outcome:
    return Outcome(None, tuple(dict.fromkeys([*cut_by, reason])), 0)
