"""Trees of one document's text and of drafts of it. Made for one task by `fixer`; used in threads, one at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.syntax import SyntaxTree
    from copilot_ls.text import DocumentSnapshot, TextSnapshot


class DraftParser:
    """Parses whole texts anew, since the document's own tree belongs to the event loop; the document's is kept."""

    def __init__(self, document: DocumentSnapshot) -> None:
        self._document = document
        self._own: SyntaxTree | None = None
        self._parsing = threading.Lock()

    def __call__(self, text: TextSnapshot) -> SyntaxTree:
        """The tree of a text; of lines alone, where there is no grammar."""
        from copilot_ls.syntax import SyntaxDocument

        document = self._document
        with self._parsing:
            if text is document.text and self._own is not None:
                return self._own
            tree = SyntaxDocument(document.language_id, document.path).tree_at(text)
            if text is document.text:
                self._own = tree
            return tree
