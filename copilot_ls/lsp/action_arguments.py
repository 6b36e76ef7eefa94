"""The arguments of the commands that actions run: plain JSON from any client, checked, with one clear error.

`[{"uri", "range", "version"?, "scope"?, "explain"?, "diagnostics"?, "wish"?, "question"?}]`. `range` is of `version`,
or of the document as it is; a place that has moved since is followed. Without `diagnostics` those are meant that are
known at the range, or in the whole file with the scope `file`, which needs no range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from copilot_ls.features.diagnostics import carried
from copilot_ls.lsp import from_proto, to_proto
from copilot_ls.text import Span

if TYPE_CHECKING:
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.text import DocumentSnapshot

Scope = Literal["place", "range", "file"]
_MAX_WISH_CHARS = 4_000
_KINDS: dict[str, type] = {"version": int, "scope": str, "explain": bool, "wish": str, "question": str}
_NO_LINE = 2**31 - 1
_EXPECTED = (
    'expected one object {"uri", "range", "version"?, "scope"?: "place" | "range" | "file", "diagnostics"?: [...], '
    '"explain"?, "wish"?, "question"?}'
)


@dataclass(frozen=True, slots=True)
class ActionArguments:
    """What a command is about, in our terms, as of `snapshot`. `wish` and `question` are the user's words."""

    document: OpenDocument
    snapshot: DocumentSnapshot
    span: Span
    diagnostics: tuple[Diagnostic, ...]
    scope: Scope
    explain: bool
    wish: str
    question: str


class _ArgumentError(ValueError):
    """Something in the arguments is not as expected; the message says what."""


def read(command: str, arguments: tuple[Any, ...], workbench: Workbench) -> ActionArguments:
    """The arguments of one call; `JsonRpcInvalidParams` says which is wrong, what it is, and what was expected."""
    try:
        return _read(arguments[0] if arguments else None, workbench)
    except _ArgumentError as refusal:
        raise JsonRpcInvalidParams(f"{command}: {refusal}") from None


def _read(said: object, workbench: Workbench) -> ActionArguments:
    if not isinstance(said, dict):
        raise _unfit("the argument", said)
    uri = said.get("uri")
    document = workbench.documents.get(uri) if isinstance(uri, str) else None
    if document is None:
        raise _unfit("'uri', which must be of an open document,", uri)
    if document.is_secret:
        raise _ArgumentError("the document's name says that it holds keys: nothing is done with it")
    for key, kind in _KINDS.items():
        if said.get(key) is not None and type(said[key]) is not kind:  # a bool is an int otherwise
            raise _unfit(f"'{key}'", said[key])
    scope: Scope = said.get("scope") or "place"
    if scope not in ("place", "range", "file"):
        raise _unfit("'scope'", scope)
    version = said.get("version")
    span = _span_now(workbench, document, _range(said.get("range"), scope), version)
    if span is None:
        raise _ArgumentError("that place of the document was edited meanwhile; ask again")
    return ActionArguments(
        document,
        document.snapshot(),
        span,
        _diagnostics(workbench, document, span, said, version),
        scope,
        bool(said.get("explain")),
        (said.get("wish") or "").strip()[:_MAX_WISH_CHARS],
        (said.get("question") or "").strip()[:_MAX_WISH_CHARS],
    )


def _unfit(what: str, value: object) -> _ArgumentError:
    return _ArgumentError(f"{what} is {repr(value)[:60]}; {_EXPECTED}")


def written(
    document: DocumentSnapshot,
    span: Span,
    workbench: Workbench,
    *,
    diagnostics: tuple[Diagnostic, ...] = (),
    **rest: str | bool,
) -> dict[str, Any]:
    """The argument that `read` makes the same of: what an offered action carries."""
    encoding = workbench.documents.encoding

    def plain(place: Span) -> dict[str, dict[str, int]]:
        found = to_proto.range_(place, document.text, encoding)
        return {
            name: {"line": at.line, "character": at.character}
            for name, at in (("start", found.start), ("end", found.end))
        }

    said: dict[str, Any] = {"uri": document.uri, "version": document.version, "range": plain(span)}
    if diagnostics:
        said["diagnostics"] = [
            {
                "range": plain(each.span),
                "message": each.message,
                "source": each.source,
                "code": each.code,
                "severity": ("error", "warning", "information", "hint").index(each.severity) + 1,
            }
            for each in diagnostics
        ]
    return said | {key: value for key, value in rest.items() if value}


def _range(said: object, scope: Scope) -> types.Range:
    """The range as LSP has it; all of the text where the scope is the file, and no range was given."""
    if said is None and scope == "file":
        return types.Range(types.Position(0, 0), types.Position(_NO_LINE, 0))
    ends = []
    for key in ("start", "end"):
        end = said.get(key) if isinstance(said, dict) else None
        line, character = (end.get("line"), end.get("character")) if isinstance(end, dict) else (None, None)
        if not isinstance(line, int) or not isinstance(character, int):
            raise _unfit("'range'", said)
        ends.append(types.Position(line, character))
    return types.Range(*ends)


def _span_now(workbench: Workbench, document: OpenDocument, place: types.Range, version: int | None) -> Span | None:
    """Where the place lies in the latest version; None when it is gone, or nobody knows."""
    encoding = workbench.documents.encoding
    if version is None or version == document.version:
        return from_proto.span(place, document.buffer.snapshot(), encoding)
    text, shifts = workbench.history.text_at(document.uri, version), workbench.history.since(document.uri, version)
    if shifts is None:
        return None
    span: Span | None = from_proto.span(place, text or document.buffer.snapshot(), encoding)
    for shift in shifts:
        span = None if span is None else shift.carried(span)
    return span


def _diagnostics(
    workbench: Workbench, document: OpenDocument, span: Span, said: dict[str, Any], version: int | None
) -> tuple[Diagnostic, ...]:
    """The diagnostics that are meant: those that were sent, or those that are known."""
    board = workbench.diagnostics
    sent = said.get("diagnostics")
    if said.get("scope") == "file":
        whole = board.of(document.uri)
        if whole or sent is None:
            return whole
    if sent is None:
        lines = Span(span.start._replace(column=0), document.buffer.snapshot().clip(span.end._replace(column=1 << 30)))
        return board.touching(document.uri, span) or board.touching(document.uri, lines)
    text = (workbench.history.text_at(document.uri, version) if version is not None else None) or (
        document.buffer.snapshot()
    )
    found = from_proto.plain_diagnostics(sent, text, workbench.documents.encoding)
    if found is None:
        raise _unfit("'diagnostics'", sent)
    if version is not None and version != document.version:
        shifts = workbench.history.since(document.uri, version)
        found = [] if shifts is None else list(carried(found, shifts))
    # What is known of the same may say more: clients drop what they have no use for.
    known = {(each.identity, each.span): each for each in board.of(document.uri)}
    return tuple(known.get((each.identity, each.span), each) for each in found)
