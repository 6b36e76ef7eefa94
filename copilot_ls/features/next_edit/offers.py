"""Follows each next edit from its offer to its end, and makes one event of every transition.

*Shown* when the client says so, or when it was left standing for 750 ms; *accepted* by its command or by a change that
makes just this edit; *rejected* on the client's word; *ignored* when another takes its place or its text is edited
otherwise. The same edit offered anew continues a chain. What was turned down is not offered again.

On the event loop. What to offer is `proposing`'s; events are `events`'.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.edits import Shift
from copilot_ls.features.lifecycle import SHOWN_AFTER_S
from copilot_ls.text import Span, split_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from copilot_ls.features.next_edit.candidate import Candidate
    from copilot_ls.features.next_edit.events import NextEditEvents
    from copilot_ls.features.next_edit.proposing import NextEdit
    from copilot_ls.features.suggestion_chain import Cancellable, How
    from copilot_ls.text import AppliedEdit, Point, TextSnapshot

# How long an accept command may lag behind its change, as in `lifecycle`.
_SETTLE_S = 0.4
_MOST_KEPT = 64
# So many of one pattern turned down, and it is not meant to be repeated.
_ENOUGH_REFUSALS = 2


@dataclass(slots=True, eq=False)
class _Offer:
    """One next edit; `span` is where its text stands now, `uri` in which document."""

    suggestion_id: str
    chain_id: str
    uri: str
    edit: NextEdit
    span: Span
    shown: bool = False
    timer: Cancellable | None = None
    accepted: How | None = None
    ended: bool = False

    @property
    def key(self) -> tuple[str, Span, str]:
        return self.uri, self.span, self.edit.replacement.text


class NextEditOffers:
    """The next edits of one server's run; `call_later` starts a timer."""

    def __init__(
        self, events: NextEditEvents, *, call_later: Callable[[float, Callable[[], None]], Cancellable]
    ) -> None:
        self._events = events
        self._call_later = call_later
        self._live: _Offer | None = None
        self._offers: OrderedDict[str, _Offer] = OrderedDict()
        self._refused: OrderedDict[Hashable, None] = OrderedDict()
        self._refusals: Counter[Hashable] = Counter()
        self._client_says_shown = False

    def offered(self, edit: NextEdit, suggestion_id: str) -> str:
        """An edit was answered to the client; returns the id of the chain that it continues, or begins."""
        before = self._live
        offer = _Offer(suggestion_id, suggestion_id, edit.document.uri, edit, edit.replacement.span)
        if before is not None and not before.ended and before.key == offer.key:
            offer.chain_id, offer.shown = before.chain_id, before.shown
            self._stop(before)
            before.ended = True
        else:
            self.withdrawn()
        self._live = offer
        self._offers[suggestion_id] = offer
        if len(self._offers) > _MOST_KEPT:
            self._offers.popitem(last=False)
        if not offer.shown and not self._client_says_shown:
            offer.timer = self._call_later(SHOWN_AFTER_S, lambda: self._infer_shown(offer))
        return offer.chain_id

    def withdrawn(self, reason: str = "displaced") -> None:
        """What was offered is offered no longer."""
        if self._live is not None:
            self._ignore(self._live, reason)
            self._live = None

    def shown(self, suggestion_id: str) -> None:
        """The client says that it is visible. From then on its word is waited for."""
        self._client_says_shown = True
        offer = self._offers.get(suggestion_id)
        if offer is not None:
            self._mark_shown(offer, inferred=False)

    def accepted(self, suggestion_id: str) -> None:
        """The client ran the command of the edit, which has usually been made by then."""
        offer = self._offers.get(suggestion_id)
        if offer is None:
            return
        if offer.accepted is not None:  # its change was seen, and the end is still to be recorded
            offer.accepted = "command"
        if not offer.ended:
            self._end_accepted(offer, "command")

    def rejected(self, suggestion_id: str) -> None:
        """The client says that the user turned it down: it does not come again."""
        offer = self._offers.get(suggestion_id)
        if offer is None or offer.ended:
            return
        from copilot_ls.features.next_edit.evidence import signature_of

        candidate = offer.edit.candidate
        self._refused[_what(candidate)] = None
        if len(self._refused) > _MOST_KEPT:
            self._refused.popitem(last=False)
        self._refusals.update(signature_of(candidate.made))
        self._mark_shown(offer, inferred=True)
        self._close(offer)
        self._events.next_edit_rejected(offer.suggestion_id, offer.chain_id, uri=offer.uri)

    def is_turned_down(self, candidate: Candidate) -> bool:
        """Whether the user said no to this edit, or twice to the like."""
        from copilot_ls.features.next_edit.evidence import signature_of

        if _what(candidate) in self._refused:
            return True
        return any(self._refusals[part] >= _ENOUGH_REFUSALS for part in signature_of(candidate.made))

    def document_changed(self, uri: str, edits: Sequence[AppliedEdit], text: TextSnapshot) -> None:
        """A document was edited: the offer moves along, is made, or is none any more. No edits: all was replaced."""
        offer = self._live
        if offer is None or offer.ended or offer.uri != uri or offer.accepted is not None:
            return
        wanted = _plain(offer.edit.replacement.text)
        start, end = offer.span
        touched = not edits
        for edit in edits:
            shift = Shift.of(edit)
            if shift.old_end < start:
                start, end = shift.behind(start), shift.behind(end)
            elif shift.start <= end:
                touched = True
                start = min(start, shift.start)
                end = max(shift.behind(end), shift.new_end) if shift.old_end <= end else shift.new_end
        offer.span = Span(start, end)
        if not touched:
            return
        if _stands(text, offer.edit.replacement.span.start if not edits else start, end, wanted):
            offer.accepted = "edit"
            self._stop(offer)
            offer.timer = self._call_later(_SETTLE_S, lambda: self._end_accepted(offer, offer.accepted or "edit"))
        else:
            self.withdrawn("typing_disagreed")

    def document_closed(self, uri: str) -> None:
        """The document is gone, and what was offered in it."""
        if self._live is not None and self._live.uri == uri:
            self.withdrawn("document_closed")

    def close(self) -> None:
        """The session ends."""
        self.withdrawn("session_ended")

    def _end_accepted(self, offer: _Offer, how: How) -> None:
        if offer.ended:
            return
        self._mark_shown(offer, inferred=True)
        self._close(offer)
        n_chars = len(_plain(offer.edit.replacement.text))
        self._events.next_edit_accepted(offer.suggestion_id, offer.chain_id, uri=offer.uri, how=how, n_chars=n_chars)

    def _ignore(self, offer: _Offer, reason: str) -> None:
        if offer.ended:
            return
        if offer.accepted is not None:
            self._end_accepted(offer, offer.accepted)
            return
        self._close(offer)
        self._events.next_edit_ignored(offer.suggestion_id, offer.chain_id, uri=offer.uri, reason=reason)

    def _infer_shown(self, offer: _Offer) -> None:
        if not offer.ended and not self._client_says_shown:
            self._mark_shown(offer, inferred=True)

    def _mark_shown(self, offer: _Offer, *, inferred: bool) -> None:
        if not offer.shown:
            offer.shown = True
            self._events.next_edit_shown(offer.suggestion_id, offer.chain_id, uri=offer.uri, inferred=inferred)

    def _close(self, offer: _Offer) -> None:
        self._stop(offer)
        offer.ended = True
        if self._live is offer:
            self._live = None

    @staticmethod
    def _stop(offer: _Offer) -> None:
        if offer.timer is not None:
            offer.timer.cancel()
            offer.timer = None


def _what(candidate: Candidate) -> Hashable:
    """An edit, wherever its lines move to."""
    return candidate.page.uri, tuple(candidate.page.lines[candidate.first : candidate.end]), candidate.new


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _stands(text: TextSnapshot, start: Point, end: Point, wanted: str) -> bool:
    """Whether the wanted text stands within what was edited, which may begin left of it and end right of it."""
    line, column = start
    if not 0 <= line < text.n_lines:
        return False
    content = _plain("".join(text.lines(line, min(end.line, text.n_lines - 1) + 1)))
    if not wanted:
        return Span(start, end) == Span(start, start)
    return wanted in content[column if len(split_lines(content)) == 1 else 0 :]
