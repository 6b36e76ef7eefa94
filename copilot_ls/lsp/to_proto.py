"""From our types to LSP's: suggestions as inline completion items, or as completion items for clients without them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from copilot_ls.text import Point, PositionEncoding, Span, TextSnapshot, units_from_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.features.suggestion import Suggestion

ACCEPT_COMMAND = "copilot-ls.didAcceptCompletionItem"
REJECT_COMMAND = "copilot-ls.didRejectCompletion"

COPILOT_ACCEPT_COMMAND = "github.copilot.didAcceptCompletionItem"
"""The same under the name that clients of GitHub's server know."""

_WORD_BEFORE = re.compile(r"\w*\Z")


def position(point: Point, text: TextSnapshot, encoding: PositionEncoding) -> types.Position:
    """The client's position of a point."""
    return types.Position(point.line, units_from_column(text.line(point.line), point.column, encoding))


def range_(span: Span, text: TextSnapshot, encoding: PositionEncoding) -> types.Range:
    """The client's range of a span."""
    return types.Range(position(span.start, text, encoding), position(span.end, text, encoding))


def _accept(suggestion: Suggestion, command: str = ACCEPT_COMMAND) -> types.Command:
    return types.Command(title="Accepted a suggestion", command=command, arguments=[suggestion.suggestion_id])


def inline_completion_list(
    suggestions: Sequence[Suggestion], text: TextSnapshot, encoding: PositionEncoding, accept_command: str
) -> types.InlineCompletionList:
    """Ghost text, best first, with the command that says that one was accepted."""
    return types.InlineCompletionList(
        items=[
            types.InlineCompletionItem(
                insert_text=suggestion.text,
                range=range_(suggestion.replaced, text, encoding),
                command=_accept(suggestion, accept_command),
            )
            for suggestion in suggestions
        ]
    )


def completion_list(
    suggestions: Sequence[Suggestion], text: TextSnapshot, encoding: PositionEncoding
) -> types.CompletionList:
    """The same for a completion menu. An entry starts at the word being typed, lest the client sort it out."""
    items = []
    for rank, suggestion in enumerate(suggestions):
        start, end = suggestion.replaced
        typed = text.line(start.line)[: start.column]
        word = typed[_WORD_BEFORE.search(typed).start() :]  # type: ignore[union-attr]  # the pattern always matches
        new_text = word + suggestion.text
        replaced = Span(Point(start.line, start.column - len(word)), end)
        first_line, _, more = new_text.partition("\n")
        fence = "```"
        items.append(
            types.CompletionItem(
                label=first_line.strip() + (" …" if more else ""),
                kind=types.CompletionItemKind.Snippet if more else types.CompletionItemKind.Text,
                detail="copilot-ls",
                documentation=types.MarkupContent(
                    types.MarkupKind.Markdown, f"{fence}{suggestion.language_id}\n{new_text}\n{fence}"
                ),
                sort_text=f"0{rank:02}",
                filter_text=new_text if word else first_line.strip(),
                preselect=rank == 0,
                insert_text_format=types.InsertTextFormat.PlainText,
                insert_text_mode=types.InsertTextMode.AsIs,
                text_edit=types.TextEdit(range_(replaced, text, encoding), new_text),
                command=_accept(suggestion),
            )
        )
    return types.CompletionList(is_incomplete=True, items=items)
