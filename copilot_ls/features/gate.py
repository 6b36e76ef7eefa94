"""Decides whether a completion is worth asking for at all, before anything is parsed or sent.

Pure: judges one request by its text; whether suggestions are on there at all is for `switches` to say. The reasons are
stable names; telemetry counts by them. Called by `inline_completion`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.features.suggestion import TriggerKind
    from copilot_ls.text import DocumentSnapshot, Point

# What may stand right of the cursor while typing: closers and what ends a statement. Anything else means that the
# user edits within a line. Copilot's client and Amazon's server draw the same line.
_ONLY_CLOSERS = re.compile(r"""[\s)\]}>"'`;:,{]*\Z""")
# Past these, a document is data rather than code: a suggestion would cost more than it is worth.
_MAX_BYTES = 8 * 1024 * 1024
_MAX_LINE_CHARS = 20_000


def is_too_large(document: DocumentSnapshot) -> bool:
    """Whether the document is data rather than code, by its size."""
    return document.text.n_bytes > _MAX_BYTES


def reason_to_skip(
    document: DocumentSnapshot,
    cursor: Point,
    trigger_kind: TriggerKind,
) -> str | None:
    """Why nothing should be asked for here, or None. An explicit request passes what is only a matter of taste."""
    line = document.text.line_text(cursor.line)
    reasons = {
        "document_too_large": is_too_large(document),
        "line_too_long": len(line) > _MAX_LINE_CHARS,
        "binary": "\0" in line,
        "mid_line": trigger_kind == "automatic" and not _ONLY_CLOSERS.match(line, cursor.column),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
