"""Follows each suggestion from its request to its end, and makes one event of every transition.

It hears of edits, commands and notifications, in whatever order an editor sends them, and decides: *shown* when the
client says so or the cursor has stayed within the ghost text for 750 ms; *accepted* by the item's command or by a
change that inserts all that is left; *partially accepted* by a change that inserts words or lines; *typed* key by key;
*rejected* on the client's word; *ignored* otherwise. `offered_text` judges the edits.

The same ghost text offered anew for the next key continues a *chain*, which counts once. How a chain ended is recorded
a moment after it seemed to end, because editors send the change first and the accept command after it; `at` is still
the moment itself.

Protocol-free; `inline_completion` and the rim call it, on the event loop only. Whether accepted text stays is left to
retention, which hears of it through `on_accepted`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.features.fix_events import FixEvents
from copilot_ls.features.next_edit.events import NextEditEvents
from copilot_ls.features.offered_text import OfferedText
from copilot_ls.features.request_events import Common
from copilot_ls.features.suggestion_chain import Chain, Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls_telemetry.events import Event

    from copilot_ls.features.offered_text import Step, Verdict
    from copilot_ls.features.suggestion import Suggestion
    from copilot_ls.features.suggestion_chain import Cancellable, How
    from copilot_ls.text import AppliedEdit, Point, Span, TextSnapshot

# Visible this long counts as shown: the field's threshold (Cody, Amazon Q), about the time that reading a line takes.
SHOWN_AFTER_S = 0.75
# How long an accept command may lag behind its change. With the recorder's quarter second it stays below the second of
# events that a killed server may lose.
_SETTLE_S = 0.4
# Changes that are remembered per document, to place an answer to an older version.
_KEPT_CHANGES = 32
_KEPT_CHARS = 4096
_MAX_ALTERNATIVES = 16


@dataclass(slots=True)
class _Document:
    """What is offered in a document, and its latest changes; those up to version `forgotten` are not known any more."""

    snapshot: TextSnapshot | None = None
    live: list[Chain] = field(default_factory=list)
    changes: deque[tuple[int, Sequence[AppliedEdit]]] = field(default_factory=deque)
    forgotten: int | None = None

    def remember(self, version: int, edits: Sequence[AppliedEdit]) -> None:
        if not edits or sum(len(edit.text) for edit in edits) > _KEPT_CHARS:
            self.changes.clear()
            self.forgotten = version
        else:
            self.changes.append((version, edits))
            if len(self.changes) > _KEPT_CHANGES:
                self.forgotten, _ = self.changes.popleft()

    def edits_after(self, version: int) -> list[AppliedEdit] | None:
        """The edits since a version, in their order; None when some of them are not known any more."""
        if self.forgotten is not None and version < self.forgotten:
            return None
        return [edit for changed_to, edits in self.changes if changed_to > version for edit in edits]


class Lifecycle(FixEvents, NextEditEvents):
    """The suggestions of one server's run.

    `record` takes events and must not raise; `now` is a monotonic clock and `wall_clock` unix time, both in seconds;
    `workspace_of` names the folder that a document belongs to, of which events carry a hash only; `on_accepted` hears
    of each span that accepted text fills, by the chain's id and newest offer, and of the text that it lies in;
    `on_withdrawn` of a chain that was not accepted after all, because the command named an alternative;
    `on_judged` of each suggestion that was seen and then taken or typed (True), or rejected or typed on past (False),
    with the line before it, and whether it was accepted rather than typed.
    """

    def __init__(
        self,
        record: Callable[[Event], None],
        *,
        now: Callable[[], float],
        wall_clock: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], Cancellable],
        session_id: str,
        workspace_of: Callable[[str], str | None] | None = None,
        on_accepted: Callable[[str, Suggestion, Span, TextSnapshot], None] | None = None,
        on_withdrawn: Callable[[str], None] | None = None,
        on_judged: Callable[[Suggestion, str, bool, bool], None] | None = None,
    ) -> None:
        super().__init__(record, wall_clock=wall_clock, session_id=session_id, workspace_of=workspace_of)
        self._now = now
        self._call_later = call_later
        self._on_accepted = on_accepted
        self._on_withdrawn = on_withdrawn
        self._on_judged = on_judged
        self._documents: dict[str, _Document] = {}
        self._chains: dict[str, Chain] = {}  # by every suggestion_id, until the end is recorded
        self._client_says_shown = False
        self._client_says_accepted = False

    def cursor_at(self, uri: str, cursor: Point) -> None:
        """The cursor is there, as a request says: what is offered elsewhere, in any document, has been left."""
        for its_uri, document in self._documents.items():
            for chain in tuple(document.live):
                if its_uri != uri or not chain.offered.holds(cursor):
                    self._end(chain, Ending("ignored", self._wall_clock(), "cursor_left"))

    def offered(
        self,
        suggestions: Sequence[Suggestion],
        snapshot: TextSnapshot | None = None,
        *,
        first_token_ms: float | None = None,
    ) -> None:
        """Suggestions of one request, the best first, were answered to the client and not superseded.

        `snapshot` is the document at their version; without it, the text after the last change is taken.
        """
        if not suggestions:
            return
        document = self._documents.setdefault(suggestions[0].uri, _Document())
        before, document.live = document.live, []
        for suggestion in suggestions[:_MAX_ALTERNATIVES]:
            offered, verdict = self._place(suggestion, document, snapshot)
            chain = _continued(before, offered)
            if chain is None:
                chain = self._new_chain(suggestion, offered)
            else:
                before.remove(chain)
                chain.go_on(suggestion, offered)
            self._chains[suggestion.suggestion_id] = chain
            document.live.append(chain)
            self._record_generated(chain, suggestion, offered.text[offered.head :], first_token_ms)
            if verdict == "disagreed":
                self._end(chain, Ending("ignored", self._wall_clock(), "typing_disagreed"))
            elif not offered.remaining:
                self._end(chain, Ending("typed", self._wall_clock()))
            elif suggestion is suggestions[0]:
                # The others are there for the asking; that they were looked at, only the client can say.
                self._wait_until_shown(chain)
        for chain in before:
            self._end(chain, Ending("ignored", self._wall_clock(), "displaced"))

    def shown(self, suggestion_id: str) -> None:
        """The client says that the suggestion is visible. From then on its word is waited for, and nothing inferred."""
        self._client_says_shown = True
        chain = self._chains.get(suggestion_id)
        if chain is not None:
            self._mark_shown(chain, inferred=False)

    def document_changed(
        self,
        uri: str,
        edits: Sequence[AppliedEdit],
        snapshot: TextSnapshot,
        version: int | None = None,
    ) -> None:
        """A change of a document: its edits in their order (none when all was replaced), and the text after it."""
        document = self._documents.setdefault(uri, _Document())
        document.snapshot = snapshot
        if version is not None:
            document.remember(version, edits)
        if not document.live:
            return
        gathers_keys = self._client_says_accepted
        steps = [(chain, chain.offered.follow(edits, snapshot, gathers_keys=gathers_keys)) for chain in document.live]
        for chain, step in steps:
            if step.verdict != "disagreed":
                chain.before = chain.position(step.before)
        at = self._wall_clock()
        whole = _first(steps, "taken_whole")
        if whole is not None:
            self._taken_whole(whole, at)
        else:
            part = _first(steps, "taken_part")
            if part is not None:
                self._take_part(part, part.before, part.position(part.offered.progress), "edit")
        self._end_others(steps, whole, at)

    def accepted(self, suggestion_id: str) -> None:
        """The client ran the item's command. Its change has usually come before, and is not counted twice."""
        self._client_says_accepted = True
        chain = self._chains.get(suggestion_id)
        if chain is None:
            return  # recorded long ago, or not ours
        ending = chain.ending
        if ending is None or ending.outcome != "accepted":
            # Its change has been followed, and was judged to be something else.
            followed = ending is not None and (ending.outcome == "typed" or ending.reason == "alternative_taken")
            chain.take(chain.before if followed else chain.position(chain.offered.progress), chain.length)
            ending = chain.ending = Ending("accepted", self._wall_clock() if ending is None else ending.at)
            self._tell_accepted(chain)
        ending.how = "command"
        for other in set(self._chains.values()) - {chain}:
            # Its change looked like the acceptance of an alternative with the same text.
            if (
                other.newest.request_id == chain.newest.request_id
                and other.ending
                and other.ending.outcome == "accepted"
            ):
                other.accepted_length = 0
                other.ending = Ending("ignored", other.ending.at, "alternative_taken")
                if self._on_withdrawn is not None:
                    self._on_withdrawn(other.chain_id)
        self._settle(chain)

    def partially_accepted(self, suggestion_id: str, accepted_length: int) -> None:
        """The client says that the first `accepted_length` code points of the item's text have been taken, in all."""
        chain = self._chains.get(suggestion_id)
        if chain is None or chain.ending is not None:
            return
        end = min(chain.offsets[suggestion_id] + accepted_length, chain.length)
        here = chain.position(chain.offered.progress)
        # The change may have come before the notification, or is still to come.
        self._take_part(chain, chain.before if here >= end else here, end, "command")

    def rejected(self, suggestion_id: str) -> None:
        """The client says that the user dismissed the suggestion."""
        chain = self._chains.get(suggestion_id)
        if chain is None or (chain.ending is not None and chain.ending.outcome == "accepted"):
            return
        chain.ending = Ending("rejected", self._wall_clock())
        self._settle(chain)

    def document_closed(self, uri: str) -> None:
        """The document is gone, and what was offered in it."""
        self._forget(uri, "document_closed")

    def close(self) -> None:
        """The session ends: everything still open is recorded now."""
        for uri in tuple(self._documents):
            self._forget(uri, "session_ended")
        for chain in dict.fromkeys(self._chains.values()):
            self._settle(chain)

    def _forget(self, uri: str, reason: str) -> None:
        document = self._documents.pop(uri, None)
        for chain in tuple(document.live) if document else ():
            chain.ending = Ending("ignored", self._wall_clock(), reason)
            self._settle(chain)

    def _place(
        self, suggestion: Suggestion, document: _Document, snapshot: TextSnapshot | None
    ) -> tuple[OfferedText, Verdict]:
        """The text where it belongs now, also when the document has gone on since the suggestion's version."""
        later = document.edits_after(suggestion.version)
        if later == [] or document.snapshot is None:
            return OfferedText(suggestion.text, suggestion.replaced, snapshot or document.snapshot), "untouched"
        offered = OfferedText(suggestion.text, suggestion.replaced, snapshot)
        # No edits: it is looked for in the text as if all of that had been replaced.
        return offered, offered.follow(later or [], document.snapshot).verdict

    def _new_chain(self, suggestion: Suggestion, offered: OfferedText) -> Chain:
        return Chain(
            chain_id=suggestion.suggestion_id,
            newest=suggestion,
            offered=offered,
            workspace=self._workspace(suggestion.uri),
            offsets={suggestion.suggestion_id: 0},
        )

    def _record_generated(
        self, chain: Chain, suggestion: Suggestion, ghost_text: str, first_token_ms: float | None
    ) -> None:
        from copilot_ls_telemetry.events import Generated

        # Only the first offer of a ghost text was decided about.
        decision = suggestion.decision if suggestion.suggestion_id == chain.chain_id else None
        self._record(
            Generated(
                **self._common(chain.workspace),
                request_id=suggestion.request_id,
                suggestion_id=suggestion.suggestion_id,
                chain_id=chain.chain_id,
                language=suggestion.language_id,
                backend=suggestion.backend,
                model=suggestion.model,
                source=suggestion.source,
                trigger_kind=suggestion.trigger_kind,
                multiline=suggestion.multiline,
                n_chars=len(ghost_text),
                n_lines=ghost_text.count("\n") + 1,
                latency_ms=suggestion.latency_ms,
                chain_offset=chain.offsets[suggestion.suggestion_id],
                first_token_ms=first_token_ms,
                confidence=suggestion.confidence,
                cut_by=suggestion.cut_by,
                input_tokens=suggestion.input_tokens,
                output_tokens=suggestion.output_tokens,
                p_accept=decision.likely if decision is not None else None,
                decision=decision.kind if decision is not None else None,
                features=decision.features if decision is not None else None,
            )
        )

    def _wait_until_shown(self, chain: Chain) -> None:
        if chain.visible_from is None and not chain.shown:
            chain.visible_from = self._now()
            chain.shown_timer = self._call_later(SHOWN_AFTER_S, lambda: self._infer_shown(chain))

    def _infer_shown(self, chain: Chain) -> None:
        if chain.ending is None and not self._client_says_shown:
            self._mark_shown(chain, inferred=True)

    def _mark_shown(self, chain: Chain, *, inferred: bool, at: float | None = None) -> None:
        from copilot_ls_telemetry.events import Shown

        if chain.shown:
            return
        chain.shown = True
        if at is None and chain.ending is not None:
            at = chain.ending.at  # the client's word came after its change, and nothing is seen after its end
        if chain.shown_timer is not None:
            chain.shown_timer.cancel()
        self._record(Shown(**self._names(chain, at), inferred=inferred))

    def _end_others(self, steps: Sequence[tuple[Chain, Step]], whole: Chain | None, at: float) -> None:
        for chain, step in steps:
            if chain is whole:
                continue
            if step.verdict == "typed_out":
                self._end(chain, Ending("typed", at))
            elif whole is not None:
                self._end(chain, Ending("ignored", at, "alternative_taken"))
            elif step.verdict == "disagreed":
                self._end(chain, Ending("ignored", at, "typing_disagreed"))

    def _taken_whole(self, chain: Chain, at: float) -> None:
        chain.take(chain.before, chain.length)
        self._end(chain, Ending("accepted", at))
        self._tell_accepted(chain)

    def _take_part(self, chain: Chain, start: int, end: int, how: How) -> None:
        from copilot_ls_telemetry.events import PartiallyAccepted

        if chain.take(start, end):
            chain.partly = True
            self._mark_shown(chain, inferred=True)
            self._record(PartiallyAccepted(**self._names(chain), how=how, accepted_length=chain.accepted_length))
        self._tell_accepted(chain)

    def _tell_accepted(self, chain: Chain) -> None:
        document = self._documents.get(chain.newest.uri)
        taken = chain.taken
        # A notification may come before its change: then the change tells.
        stands = chain.position(chain.offered.progress) >= chain.reach
        if (
            self._on_accepted is not None
            and taken is not None
            and stands
            and document
            and document.snapshot is not None
        ):
            self._on_accepted(chain.chain_id, chain.newest, taken, document.snapshot)

    def _end(self, chain: Chain, ending: Ending) -> None:
        """The chain seems to have ended so; it settles in a moment, unless a command says otherwise before."""
        if chain.visible_from is not None and self._now() - chain.visible_from >= SHOWN_AFTER_S:
            self._infer_shown(chain)  # the timer is due, and the loop has been busy
        chain.ending = ending
        live = self._documents[chain.newest.uri].live
        if chain in live:
            live.remove(chain)
        chain.settle_timer = self._call_later(_SETTLE_S, lambda: self._settle(chain))

    def _settle(self, chain: Chain) -> None:
        """Record how the chain ended, and forget it."""
        for timer in (chain.shown_timer, chain.settle_timer):
            if timer is not None:
                timer.cancel()
        document = self._documents.get(chain.newest.uri)
        if document is not None and chain in document.live:
            document.live.remove(chain)
        for suggestion_id in chain.offsets:
            self._chains.pop(suggestion_id, None)
        if chain.ending is not None:
            self._record_end(chain, chain.ending)
            self._tell_judgement(chain, chain.ending, document)

    def _record_end(self, chain: Chain, ending: Ending) -> None:
        from copilot_ls_telemetry.events import Accepted, Ignored, Rejected, Typed

        if ending.outcome == "accepted" or (ending.outcome == "rejected" and not chain.partly):
            self._mark_shown(chain, inferred=True, at=ending.at)
        names = self._names(chain, ending.at)
        if ending.outcome == "accepted":
            self._record(Accepted(**names, how=ending.how, accepted_length=chain.accepted_length))
        elif chain.partly:
            pass  # what was taken in part is recorded, and is how it ended
        elif ending.outcome == "typed":
            self._record(Typed(**names))
        elif ending.outcome == "rejected":
            self._record(Rejected(**names))
        else:
            self._record(Ignored(**names, reason=ending.reason))

    def _tell_judgement(self, chain: Chain, ending: Ending, document: _Document | None) -> None:
        right = chain.partly or ending.outcome in {"accepted", "typed"}
        wrong = ending.outcome == "rejected" or (ending.outcome == "ignored" and ending.reason == "typing_disagreed")
        if self._on_judged is None or not chain.shown or not (right or wrong):
            return
        start, snapshot = chain.offered.start, document.snapshot if document is not None else None
        before = snapshot.line_text(start.line)[: start.column] if snapshot and start.line < snapshot.n_lines else ""
        self._on_judged(chain.newest, before, right, chain.partly or ending.outcome == "accepted")

    def _names(self, chain: Chain, at: float | None = None) -> _Names:
        return {
            **self._common(chain.workspace, at),
            "suggestion_id": chain.newest.suggestion_id,
            "chain_id": chain.chain_id,
        }


class _Names(Common):
    suggestion_id: str
    chain_id: str


def _first(steps: Sequence[tuple[Chain, Step]], verdict: Verdict) -> Chain | None:
    """Of alternatives that a change agrees with, the first is the one that was on top."""
    return next((chain for chain, step in steps if step.verdict == verdict), None)


def _continued(chains: Sequence[Chain], offered: OfferedText) -> Chain | None:
    """The chain whose ghost text this is: at the same place, the same text, or one the beginning of the other."""
    for chain in chains:
        left, new = chain.offered.remaining, offered.remaining
        if left and new and chain.offered.cursor == offered.cursor and (left.startswith(new) or new.startswith(left)):
            return chain
    return None
