"""From LSP's types to ours: places, changes, diagnostics, addresses. The only reader of client positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls import uris

from copilot_ls.diagnostic import Diagnostic, RelatedPlace
from copilot_ls.text import Point, PositionEncoding, Span, TextSnapshot, column_from_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.diagnostic import Severity
    from copilot_ls.features.documents import Change
    from copilot_ls.features.suggestion import TriggerKind

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
# A compiler's message may quote a page of code; nobody reads on.
_MAX_MESSAGE_CHARS = 4_000
_MAX_RELATED = 20

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


def diagnostic(said: types.Diagnostic, text: TextSnapshot, encoding: PositionEncoding) -> Diagnostic:
    """A diagnostic of a request's context."""
    related = [
        RelatedPlace(path, max(each.location.range.start.line, 0), _message(each.message))
        for each in (said.related_information or ())[:_MAX_RELATED]
        if (path := path_of(each.location.uri))
    ]
    return Diagnostic(
        span(said.range, text, encoding),
        _message(said.message),
        said.source or "",
        "" if said.code is None else str(said.code),
        _severity(said.severity),
        tuple(related),
    )


def plain_diagnostics(said: object, text: TextSnapshot, encoding: PositionEncoding) -> list[Diagnostic] | None:
    """Diagnostics as JSON has them; those that make no sense are left out. None where it is no list at all."""
    if not isinstance(said, list):
        return None
    result = []
    for each in said:
        try:
            result.append(_plain_diagnostic(each, text, encoding))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return result


def _plain_diagnostic(said: dict[str, Any], text: TextSnapshot, encoding: PositionEncoding) -> Diagnostic:
    start, end = (
        types.Position(int(at["line"]), int(at["character"])) for at in map(said["range"].get, ("start", "end"))
    )
    message = said["message"]
    if isinstance(message, dict):  # LSP 3.18 allows markup
        message = message["value"]
    code = said.get("code")
    related = []
    for each in (said.get("relatedInformation") or ())[:_MAX_RELATED]:
        location = each["location"]
        if path := path_of(location["uri"]):
            line = max(int(location["range"]["start"]["line"]), 0)
            related.append(RelatedPlace(path, line, _message(each.get("message") or "")))
    return Diagnostic(
        span(types.Range(start, end), text, encoding),
        _message(message),
        str(said.get("source") or ""),
        "" if code is None else str(code),
        _severity(said.get("severity")),
        tuple(related),
    )


def _message(said: str) -> str:
    return said[:_MAX_MESSAGE_CHARS]


def _severity(said: int | None) -> Severity:
    """An error where the client does not say: LSP leaves it to us."""
    return _SEVERITIES[said - 1] if isinstance(said, int) and 1 <= said <= len(_SEVERITIES) else "error"
