"""Whether a completion at the cursor should be a block or only the rest of the line.

More than a line is wanted where a block has just been opened and is empty, on a blank line among statements, and
after a statement that ends there for certain. Within a statement, call or literal, or with text right of the cursor,
it is one line: longer guesses are wrong there more often than they are right. Called by `copilot_ls.syntax.tree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.syntax.mask import MASK
from copilot_ls.syntax.surroundings import Surroundings, indent_width
from copilot_ls.text import Point

if TYPE_CHECKING:
    from copilot_ls_grammars import LanguageSpec

Reason = Literal[
    "empty_body",
    "blank_line",
    "completed_statement",
    "in_comment",
    "in_string",
    "text_follows",
    "in_arguments",
    "in_brackets",
    "statement_goes_on",
    "among_imports",
    "body_follows",
    "within_statement",
    "unknown_language",
]


class MultilineDecision(NamedTuple):
    """The decision and the rule that made it."""

    multiline: bool
    reason: Reason


# What an editor may have closed by itself to the right of the cursor, or a statement's end.
_HARMLESS_AFTER = " \t)]}>;,:{'\"`" + MASK

# A line that ends so is not finished, wherever the next begins.
_GOES_ON = tuple("\\,=+-*/%&|^.?([")


def decide(around: Surroundings) -> MultilineDecision:  # noqa: PLR0911 - a list of rules, the first that applies
    """The decision for the cursor of `around`."""
    if around.kind != "code":
        return MultilineDecision(False, "in_comment" if around.kind == "comment" else "in_string")
    after = around.after.strip()
    if after.strip(_HARMLESS_AFTER):
        return MultilineDecision(False, "text_follows")
    container = around.container
    if container.kind in ("arguments", "brackets"):
        return MultilineDecision(False, "in_arguments" if container.kind == "arguments" else "in_brackets")
    blank = not around.before.strip()
    opened = _opened_body(around, blank=blank)
    if opened is not None:
        return opened
    if around.spec is None:
        return MultilineDecision(False, "unknown_language")
    if after.strip("})]"):
        return MultilineDecision(False, "text_follows")
    return _on_blank_line(around, around.spec) if blank else _at_line_end(around, around.spec)


def _opened_body(around: Surroundings, *, blank: bool) -> MultilineDecision | None:
    """The decision when the nearest code before the cursor opens a block; None when it does not."""
    line = around.line_above() if blank else around.point.line
    if line < 0:
        return None
    first, text = around.header(line)
    header_indent = around.indent(first)
    spec = around.spec
    opens = text.endswith("{") and around.container.opener == "{"
    if opens:
        opens = around.container.start >= Point(first, 0)
    elif spec is None:
        opens = text.endswith((":", " do", " then"))
    elif spec.opener is not None and spec.opener.search(text):
        # A dedented cursor has left the body already, where only indentation shows it.
        opens = not (blank and spec.block_style == "indent" and indent_width(around.before) <= header_indent)
    if not opens:
        return None
    if _nothing_below(around, header_indent):
        return MultilineDecision(True, "empty_body")
    return MultilineDecision(True, "blank_line") if blank else MultilineDecision(False, "body_follows")


def _nothing_below(around: Surroundings, header_indent: int) -> bool:
    """Whether the body that was opened at that indentation is still empty after the cursor."""
    if around.after.strip():
        return True
    line = around.line_below()
    return line < 0 or around.indent(line) <= header_indent or _ends_block(around, line)


def _ends_block(around: Surroundings, line: int) -> bool:
    text = around.masked.line(line).strip()
    if text.startswith(("}", ")", "]")):
        return True
    sign = text.split(None, 1)[0] if text else ""
    word = sign.rstrip(";:(){}")
    spec = around.spec
    return spec is not None and (word in spec.middles or word in spec.closers or sign in spec.closers)


def _on_blank_line(around: Surroundings, spec: LanguageSpec) -> MultilineDecision:
    above, below = around.line_above(), around.line_below()
    if above >= 0:
        _, text = around.header(above)
        if text.rstrip().endswith(_GOES_ON):
            return MultilineDecision(False, "statement_goes_on")
        adjacent = [line for line in (above, below) if abs(line - around.point.line) == 1]
        if spec.import_line and any(spec.import_line.search(around.masked.line(line)) for line in adjacent):
            return MultilineDecision(False, "among_imports")
    return MultilineDecision(True, "blank_line")


def _at_line_end(around: Surroundings, spec: LanguageSpec) -> MultilineDecision:
    below = around.line_below()
    followed = below == around.point.line + 1 and not _ends_block(around, below)
    dedents = below >= 0 and around.indent(below) < around.indent(around.point.line)
    complete = spec.complete is not None and spec.complete.search(around.before.rstrip())
    if complete and (not followed or dedents):
        return MultilineDecision(True, "completed_statement")
    return MultilineDecision(False, "within_statement")
