"""Counts what is written, so that what suggestions wrote can be set against it: code points, and nothing of the text.

One event per document and minute of writing. What came at once may be accepted, pasted or formatted; which of it was
accepted, `lifecycle` records. Told of every edit by the workbench, on the event loop; costs a few additions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.features.request_events import RequestEvents
    from copilot_ls.features.suggestion_chain import Cancellable
    from copilot_ls.text import AppliedEdit

_EVERY_S = 60.0
# A key brings a character, and what the editor adds to it: a closing bracket, the indentation of a new line.
_MOST_BY_A_KEY = 2


@dataclass(slots=True)
class _Tally:
    language: str
    typed: int = 0
    inserted: int = 0
    deleted: int = 0


class WritingTally:
    """The tally of one server's run."""

    def __init__(
        self, events: RequestEvents, *, call_later: Callable[[float, Callable[[], None]], Cancellable]
    ) -> None:
        self._events = events
        self._call_later = call_later
        self._tallies: dict[str, _Tally] = {}
        self._timer: Cancellable | None = None

    def document_changed(self, uri: str, language: str, edits: Sequence[AppliedEdit]) -> None:
        """The document was edited."""
        tally = self._tallies.get(uri)
        if tally is None:
            tally = self._tallies[uri] = _Tally(language)
        for edit in edits:
            tally.deleted += edit.removed
            n = len(edit.text)
            if n <= _MOST_BY_A_KEY or edit.text.isspace():
                tally.typed += min(n, 1)
            else:
                tally.inserted += n
        if self._timer is None:
            self._timer = self._call_later(_EVERY_S, self._write)

    def close(self) -> None:
        """The session ends: write down what has not been."""
        self._write()

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        tallies, self._tallies = self._tallies, {}
        for uri, tally in tallies.items():
            self._events.written(
                uri=uri,
                language=tally.language,
                n_typed=tally.typed,
                n_inserted=tally.inserted,
                n_deleted=tally.deleted,
            )
