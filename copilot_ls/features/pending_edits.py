"""Carrying an edit that was made for one version of a document over what has been typed since.

Any edit takes time to propose, and the user types on. A replacement whose text nobody touched moves with it; where
somebody did, all of the edit is refused: half a fix is none. Called by `lsp`, before an edit is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import Replacement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.features.document_history import DocumentHistory
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.text import DocumentSnapshot


class Rebased(NamedTuple):
    """An edit of the document as it is now; or why there is none, as one sentence for the user."""

    document: DocumentSnapshot | None
    replacements: tuple[Replacement, ...] = ()
    refused: str = ""


def rebased(
    replacements: Sequence[Replacement],
    made_for: DocumentSnapshot,
    document: OpenDocument | None,
    history: DocumentHistory,
) -> Rebased:
    """The same edit for the latest version of the document; None as a document means that it was closed since."""
    if document is None:
        return Rebased(None, refused="the document was closed meanwhile")
    now = document.snapshot()
    if now.text is made_for.text:
        return Rebased(now, tuple(replacements))
    shifts = history.since(document.uri, made_for.version)
    if shifts is None or document.language_id != made_for.language_id:
        return Rebased(None, refused="the document is another one by now")
    result = []
    for replacement in replacements:
        span = replacement.span
        for shift in shifts:
            carried = None if shift.touches(span) else shift.carried(span)
            if carried is None:
                break
            span = carried
        else:
            if now.text.slice(span) == made_for.text.slice(replacement.span):
                result.append(Replacement(span, replacement.text))
                continue
        if now.text.text == made_for.text.text:  # typed, and taken back
            return Rebased(now, tuple(replacements))
        return Rebased(None, refused=f"line {replacement.span.start.line + 1} was edited meanwhile")
    return Rebased(now, tuple(result))
