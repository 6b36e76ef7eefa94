"""Whether accepted text stays: each is looked at after 15 seconds to 10 minutes, at save, at close and at commit.

Acceptance alone flatters: what is accepted and rewritten at once was worth little. A text that a document was closed
with is looked for on disk; while another branch is checked out, nobody can say, and nothing is recorded. A commit
counts once, with the file as it is in it.

Keeps accepted text in memory, in no event. Protocol-free, on the event loop; what reads files or asks git is injected
and calls back. How much is left is `kept_text`'s to say. Called by `lifecycle` through `on_accepted`, and by the rim.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from copilot_ls.features.kept_text import KeptText
from copilot_ls.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from copilot_ls.features.diagnostics import DiagnosticBoard
    from copilot_ls.features.request_events import RequestEvents
    from copilot_ls.features.suggestion import Suggestion
    from copilot_ls.features.suggestion_chain import Cancellable
    from copilot_ls.text import AppliedEdit, Span

# The field's moments: Copilot looks after 15 s to 10 min, Amazon Q after 5 min.
MOMENTS_S = (15, 30, 120, 300, 600)
# How long, and how many texts, wait for a commit. Who commits later has forgotten what was suggested.
_COMMIT_WITHIN_S = 24 * 3600.0
_LOOK_FOR_COMMITS_S = 60.0
_MOST_FOLLOWED = 400
_LONGEST_TEXT = 20_000


class Surroundings(Protocol):
    """What a file is in. Those that wait for something call back on the loop, with None for no answer."""

    def branch(self, path: str) -> str:
        """What is checked out where the file lies: a branch's name or a commit, empty outside of repositories."""
        ...

    def read(self, path: str, then: Callable[[str | None], None]) -> None:
        """The file as it is on disk."""
        ...

    def committed(self, path: str, then: Callable[[tuple[str, str] | None], None]) -> None:
        """The file as it is in the last commit: an id that changes with its content, and its text."""
        ...


@dataclass(slots=True)
class _Followed:
    """One accepted text. `blob` is the committed file that was there before; None until it is known."""

    suggestion_id: str
    chain_id: str
    uri: str
    path: str
    kept: KeptText
    branch: str
    is_open: bool = True
    is_away: bool = False
    blob: str | None = None
    timers: list[Cancellable] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    reported: Counter[tuple[str, str, str]] | None = None
    is_over: bool = False


class Retention:
    """The accepted texts of one server's run."""

    def __init__(
        self,
        events: RequestEvents,
        diagnostics: DiagnosticBoard,
        surroundings: Surroundings,
        *,
        call_later: Callable[[float, Callable[[], None]], Cancellable],
    ) -> None:
        self._events = events
        self._diagnostics = diagnostics
        self._surroundings = surroundings
        self._call_later = call_later
        self._followed: dict[str, _Followed] = {}
        diagnostics.on_published.append(self._published)

    def accepted(self, chain_id: str, suggestion: Suggestion, path: str, span: Span, text: TextSnapshot) -> None:
        """Text of a suggestion stands in the document at `span` because it was accepted, in whole or up to there."""
        kept = KeptText(span, text)
        if not kept.accepted.strip() or len(kept.accepted) > _LONGEST_TEXT:
            return
        known = self._followed.get(chain_id)
        if known is not None:  # another word of the same suggestion
            known.kept = kept
            return
        branch = self._surroundings.branch(path)
        followed = _Followed(suggestion.suggestion_id, chain_id, suggestion.uri, path, kept, branch)
        followed.reported = Counter(each.identity for each in self._diagnostics.of(suggestion.uri))
        for seconds in MOMENTS_S:
            followed.timers.append(self._call_later(seconds, partial(self._look, followed, f"{seconds}s")))
        followed.timers.append(self._call_later(_COMMIT_WITHIN_S, lambda: self._forget(followed)))
        self._followed[chain_id] = followed
        if branch:
            self._surroundings.committed(path, lambda found: self._committed_before(followed, found))
        while len(self._followed) > _MOST_FOLLOWED:
            self._forget(next(iter(self._followed.values())))

    def withdrawn(self, chain_id: str) -> None:
        """It was not this suggestion that was accepted, but another with the same text."""
        if (followed := self._followed.get(chain_id)) is not None:
            self._forget(followed)

    def document_changed(self, uri: str, edits: Sequence[AppliedEdit], text: TextSnapshot) -> None:
        """The document was edited: in their order, or all of it was replaced where there are none."""
        for followed in self._of(uri):
            if followed.kept.is_swept_by(edits) or followed.is_away:
                followed.is_away = self._surroundings.branch(followed.path) != followed.branch
                if followed.is_away:
                    continue
            if followed.kept.text is not text:
                followed.kept.follow(edits, text)

    def document_opened(self, uri: str, path: str, text: TextSnapshot) -> None:
        """A document is there again, perhaps under another name: what was changed meanwhile is seen."""
        for followed in self._all():
            if followed.uri == uri or (path and followed.path == path):
                followed.uri, followed.is_open = uri, True
                followed.is_away = self._surroundings.branch(path) != followed.branch
                if not followed.is_away:
                    followed.kept.compare(text)

    def document_saved(self, uri: str) -> None:
        """The user saved what is there."""
        for followed in self._of(uri):
            self._record(followed, "save")

    def document_closed(self, uri: str) -> None:
        """The document is closed, with what is there."""
        for followed in self._of(uri):
            self._record(followed, "close")
            followed.is_open = False

    def renamed(self, old_path: str, new_uri: str, new_path: str) -> None:
        """A file has another name now."""
        for followed in self._all():
            if followed.path == old_path:
                followed.uri, followed.path = new_uri, new_path

    def close(self) -> None:
        """The session ends; what has not been looked at is not known."""
        for followed in self._all():
            self._forget(followed)

    def _of(self, uri: str) -> list[_Followed]:
        return [followed for followed in self._followed.values() if followed.uri == uri and followed.is_open]

    def _all(self) -> list[_Followed]:
        return list(self._followed.values())

    def _look(self, followed: _Followed, moment: str) -> None:
        """A moment has come."""
        if followed.is_open:
            self._record(followed, moment)
        elif self._surroundings.branch(followed.path) == followed.branch:
            self._surroundings.read(followed.path, lambda text: self._read(followed, moment, text))

    def _read(self, followed: _Followed, moment: str, text: str | None) -> None:
        """The file of a closed document, as it is on disk."""
        if text is None or followed.is_over:
            return
        if not followed.is_open:  # it may have been opened while it was read
            followed.kept.compare(TextSnapshot.of(text))
        self._record(followed, moment)

    def _committed_before(self, followed: _Followed, found: tuple[str, str] | None) -> None:
        followed.blob = found[0] if found is not None else ""
        if not followed.is_over:
            followed.timers.append(self._call_later(_LOOK_FOR_COMMITS_S, lambda: self._look_for_commit(followed)))

    def _look_for_commit(self, followed: _Followed) -> None:
        self._surroundings.committed(followed.path, lambda found: self._committed_now(followed, found))

    def _committed_now(self, followed: _Followed, found: tuple[str, str] | None) -> None:
        if followed.is_over:
            return
        same_branch = self._surroundings.branch(followed.path) == followed.branch
        if found is None or found[0] == followed.blob or not same_branch:
            followed.timers.append(self._call_later(_LOOK_FOR_COMMITS_S, lambda: self._look_for_commit(followed)))
            return
        self._record(followed, "commit", followed.kept.within(TextSnapshot.of(found[1])))
        self._drop_if_done(followed)

    def _record(self, followed: _Followed, moment: str, kept: KeptText | None = None) -> None:
        """One look; of save and close only the first, so that those who save often do not count more."""
        if followed.is_over or followed.is_away or moment in followed.seen:
            return
        followed.seen.add(moment)
        found = (kept or followed.kept).measure()
        self._events.retention_checked(
            uri=followed.uri,
            suggestion_id=followed.suggestion_id,
            chain_id=followed.chain_id,
            moment=moment,
            kept=round(found.share, 4),
            survives=found.survives,
            n_lexemes=found.n_lexemes,
            kept_chars=round(found.share * len(followed.kept.accepted)),
        )
        if moment == f"{MOMENTS_S[-1]}s":
            self._drop_if_done(followed)

    def _drop_if_done(self, followed: _Followed) -> None:
        waits_for_commit = followed.branch and "commit" not in followed.seen
        if not waits_for_commit and f"{MOMENTS_S[-1]}s" in followed.seen:
            self._forget(followed)

    def _forget(self, followed: _Followed) -> None:
        followed.is_over = True
        for timer in followed.timers:
            timer.cancel()
        self._followed.pop(followed.chain_id, None)

    def _published(self, uri: str) -> None:
        """The first report after an acceptance says what it brought and what it mended."""
        now: Counter[tuple[str, str, str]] | None = None
        for followed in self._waiting(uri):
            if now is None:
                now = Counter(each.identity for each in self._diagnostics.of(uri))
            before, followed.reported = followed.reported or Counter(), None
            self._events.accept_reported(
                uri=uri,
                suggestion_id=followed.suggestion_id,
                chain_id=followed.chain_id,
                n_added=(now - before).total(),
                n_removed=(before - now).total(),
            )

    def _waiting(self, uri: str) -> Iterator[_Followed]:
        return (followed for followed in self._of(uri) if followed.reported is not None)
