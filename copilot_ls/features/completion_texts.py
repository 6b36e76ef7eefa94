"""What was suggested, where, and what the user wrote there in the end: kept on this machine, only where the user asked.

`telemetry.store_text` is off by default. Where it is on, each suggestion that was seen becomes one line of JSON once
it is clear what came of it: the text before and behind it, what was shown, how it ended, and what stands there two
minutes later, or when the document is closed. Secrets are taken out first; nothing of an ignored file, or one that
holds keys, is kept. `copilot-ls export` makes data sets of the lines, `copilot-ls telemetry delete` deletes them.

Hears of suggestions from the journal, of their ends by their events, of edits from the workbench; on the event loop.
Writing is `text_files`', in a thread. Where it is turned off, each of these costs one question.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from copilot_ls.edits import Shift
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls_telemetry.events import Event

    from copilot_ls.features.suggestion import Suggestion
    from copilot_ls.features.suggestion_chain import Cancellable
    from copilot_ls.text import AppliedEdit, DocumentSnapshot, TextSnapshot

VERSION = 1
# As much as the models that complete code are given around a place.
PREFIX_CHARS = 8_000
SUFFIX_CHARS = 4_000
_MOST_LINES = 300
_LONGEST_TEXT = 20_000
# When it is looked what the user wrote: by then most rewriting of a suggestion is over.
LOOKED_AFTER_S = 120.0
_MOST_FOLLOWED = 200


@dataclass(slots=True)
class _Followed:
    """One ghost text. `region` is where it belongs and what was written there; None once an edit swept over it."""

    first: Suggestion
    document: DocumentSnapshot
    prefix: str
    suffix: str
    text: str
    region: Span | None
    now: TextSnapshot
    at: float = 0.0
    chain_id: str = ""
    session_id: str = ""
    workspace: str | None = None
    shown: bool = False
    outcome: str = ""
    reason: str = ""
    accepted_length: int = 0
    timer: Cancellable | None = None


class CompletionTexts:
    """The texts of one server's run.

    `may_keep` says whether a document's text may be kept; `write` takes a finished record and the document it is of,
    and must neither raise nor wait.
    """

    def __init__(
        self,
        *,
        is_on: Callable[[], bool],
        may_keep: Callable[[DocumentSnapshot], bool],
        write: Callable[[dict[str, Any], DocumentSnapshot], None],
        call_later: Callable[[float, Callable[[], None]], Cancellable],
    ) -> None:
        self._is_on = is_on
        self._may_keep = may_keep
        self._write = write
        self._call_later = call_later
        self._offers: dict[str, _Followed] = {}  # the newest answer's, until its event names its chain
        self._chains: dict[str, _Followed] = {}

    def offered(self, suggestions: Sequence[Suggestion], document: DocumentSnapshot) -> None:
        """Suggestions were answered; of alternatives, the first is the one that is seen."""
        self._offers.clear()
        if not suggestions or not self._is_on() or not self._may_keep(document):
            return
        first, text = suggestions[0], document.text
        start, end = first.replaced
        self._offers[first.suggestion_id] = _Followed(
            first, document, _before(text, start), _behind(text, end), first.text, first.replaced, text
        )

    def take(self, event: Event) -> None:
        """An event was recorded; those of suggestions say what became of them."""
        if not self._offers and not self._chains:
            return
        kind, chain_id = type(event).__name__, getattr(event, "chain_id", None)
        if chain_id is None:
            return
        if kind == "Generated":
            self._generated(event)
            return
        followed = self._chains.get(chain_id)
        if followed is None:
            return
        followed.accepted_length = getattr(event, "accepted_length", followed.accepted_length)
        if kind == "Shown":
            followed.shown = True
        elif kind in _ENDINGS:
            followed.outcome = _ENDINGS[kind]
            followed.reason = getattr(event, "reason", "")
            if not followed.shown and kind != "Typed":
                self._forget(followed)  # nobody can have seen it
            elif followed.timer is None:
                followed.timer = self._call_later(LOOKED_AFTER_S, partial(self._finish, followed))

    def document_changed(self, uri: str, edits: Sequence[AppliedEdit], text: TextSnapshot) -> None:
        """The document was edited; without edits, all of it was replaced."""
        for followed in self._of(uri):
            if not edits:
                followed.region = None
            for edit in edits:
                if followed.region is not None:
                    followed.region = _moved(followed.region, edit)
            followed.now = text

    def document_closed(self, uri: str) -> None:
        """The document is gone, with what stands in it."""
        for followed in self._of(uri):
            self._finish(followed)

    def close(self) -> None:
        """The session ends."""
        for followed in list(self._chains.values()):
            self._finish(followed)

    def _generated(self, event: Any) -> None:  # noqa: ANN401 - a Generated, which is imported with the first event only
        offer = self._offers.pop(event.suggestion_id, None)
        known = self._chains.get(event.chain_id)
        if known is not None:
            if offer is not None:
                known.text = known.text[: event.chain_offset] + offer.text
        elif offer is not None and event.suggestion_id == event.chain_id:
            offer.at, offer.session_id, offer.chain_id = event.at, event.session_id, event.chain_id
            offer.workspace = event.workspace
            self._chains[event.chain_id] = offer
            while len(self._chains) > _MOST_FOLLOWED:
                self._finish(next(iter(self._chains.values())))

    def _of(self, uri: str) -> list[_Followed]:
        if not self._chains:
            return []
        return [followed for followed in self._chains.values() if followed.first.uri == uri]

    def _finish(self, followed: _Followed) -> None:
        self._forget(followed)
        if not followed.outcome or len(followed.text) > _LONGEST_TEXT or not self._is_on():
            return
        written = None if followed.region is None else followed.now.slice(followed.region)
        first = followed.first
        record = {
            "version": VERSION,
            "at": followed.at,
            "session_id": followed.session_id,
            "chain_id": followed.chain_id,
            "workspace": followed.workspace,
            "language": first.language_id,
            "backend": first.backend,
            "model": first.model,
            "prefix": followed.prefix,
            "suffix": followed.suffix,
            "shown": followed.text,
            "was_shown": followed.shown,
            "outcome": followed.outcome,
            "reason": followed.reason,
            "accepted_length": followed.accepted_length,
            "written": written if written is None or len(written) <= _LONGEST_TEXT else None,
        }
        self._write(record, followed.document)

    def _forget(self, followed: _Followed) -> None:
        if followed.timer is not None:
            followed.timer.cancel()
        self._chains.pop(followed.chain_id, None)


_ENDINGS = {
    "Accepted": "accepted",
    "PartiallyAccepted": "partially_accepted",
    "Typed": "typed",
    "Rejected": "rejected",
    "Ignored": "ignored",
}


def _before(text: TextSnapshot, point: Point) -> str:
    """The last `PREFIX_CHARS` before a place, or fewer where lines are short."""
    whole = "".join(text.lines(point.line - _MOST_LINES, point.line)) + text.line(point.line)[: point.column]
    # Cut at a line, so that no half of a secret is left that nobody would know as one.
    return whole if len(whole) <= PREFIX_CHARS else whole[-PREFIX_CHARS:].partition("\n")[2]


def _behind(text: TextSnapshot, point: Point) -> str:
    """The first `SUFFIX_CHARS` behind a place, or fewer where lines are short."""
    below = text.lines(point.line + 1, point.line + 1 + _MOST_LINES)
    whole = text.line(point.line)[point.column :] + "".join(below)
    return whole if len(whole) <= SUFFIX_CHARS else whole[:SUFFIX_CHARS].rpartition("\n")[0] + "\n"


def _moved(region: Span, edit: AppliedEdit) -> Span | None:
    """Where the region lies after an edit, with what was written at its ends; None where one swept over an end."""
    shift, (start, end) = Shift.of(edit), region
    if start <= edit.start and edit.old_end <= end:
        return Span(start, shift.behind(end))
    if edit.start >= end:
        return region
    if edit.old_end <= start:
        return Span(shift.behind(start), shift.behind(end))
    return None
