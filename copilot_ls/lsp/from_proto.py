"""From LSP's types to ours: places, changes, addresses. The only reader of client positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls import uris

from copilot_ls.text import Point, PositionEncoding, Span, TextSnapshot, column_from_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.features.documents import Change
    from copilot_ls.features.suggestion import TriggerKind

ContentChange = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


def path_of(uri: str) -> str:
    """The file's path; empty for a document that is no file (`untitled:`, `git:`, …)."""
    if not uri.startswith("file:"):
        return ""
    try:
        return uris.to_fs_path(uri) or ""
    except ValueError:
        return ""


def encoding_of(kind: str) -> PositionEncoding:
    """The unit of columns that was agreed upon; utf-16 where it is none of the three (LSP's default)."""
    value = kind.value if isinstance(kind, types.PositionEncodingKind) else kind
    return PositionEncoding(value) if value in {one.value for one in PositionEncoding} else PositionEncoding.UTF16


def point(position: types.Position, text: TextSnapshot, encoding: PositionEncoding) -> Point:
    """The place in `text`, clipped to it: a client may be a keystroke ahead or behind."""
    line = min(max(position.line, 0), text.n_lines - 1)
    if position.line > line:
        return Point(line, len(text.line_text(line)))
    return Point(line, column_from_units(text.line(line), max(position.character, 0), encoding))


def span(range_: types.Range, text: TextSnapshot, encoding: PositionEncoding) -> Span:
    """The span in `text`, clipped to it, its ends in order."""
    ends = sorted((point(range_.start, text, encoding), point(range_.end, text, encoding)))
    return Span(ends[0], ends[1])


def changes(content_changes: Sequence[ContentChange]) -> list[Change]:
    """The changes of one notification, in the client's units: the buffer translates against the text as it then is."""
    result: list[Change] = []
    for change in content_changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = change.range.start, change.range.end
            result.append(((start.line, start.character), (end.line, end.character), change.text))
        else:
            result.append((None, None, change.text))
    return result


def trigger_kind(context: types.InlineCompletionContext | None) -> TriggerKind:
    """Why the client asks; `automatic` where it does not say."""
    if context is not None and context.trigger_kind == types.InlineCompletionTriggerKind.Invoked:
        return "invoked"
    return "automatic"
