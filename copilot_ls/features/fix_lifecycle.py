"""Follows each fix from the wish to its end, and makes one event of every transition.

A diagnostic is *gone* when the document has fewer of its kind (reporter, rule, wording) than before the edit; *undone*
is an edit after which the text is again what it was. A fix is *resolved* when its diagnostics were gone at the next
report, are still gone five minutes after the edit, and it was not undone. What the editor does not tell stays unknown.

Protocol-free, on the event loop; told by the rim and by the documents. Whether to mend and how is `fixing`'s part.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.diagnostics import DiagnosticBoard
    from copilot_ls.features.fix_events import FixEvents
    from copilot_ls.features.fixing.outcome import FixOutcome, FixTask
    from copilot_ls.features.suggestion_chain import Cancellable
    from copilot_ls.text import TextSnapshot

# DESIGN: a resolved fix is one that was not undone within five minutes.
RESOLVED_AFTER_S = 300.0
_MAX_OFFERED = 5_000
# Proposals that the user may still come back to.
_MAX_PROPOSED = 64
_RULE = re.compile(r"[\w.:/@+-]{1,60}")


@dataclass(slots=True)
class _Applied:
    """A fix whose end is awaited. `before` is the text before the edit, `n_before` how many there were of each kind."""

    fix_id: str
    uri: str
    before: TextSnapshot
    n_before: dict[tuple[str, str, str], int]
    timer: Cancellable | None = None
    gone: bool | None = None
    is_made: bool = False


class FixLifecycle:
    """The fixes of one server's run."""

    def __init__(
        self,
        events: FixEvents,
        diagnostics: DiagnosticBoard,
        *,
        call_later: Callable[[float, Callable[[], None]], Cancellable],
    ) -> None:
        self._events = events
        self._diagnostics = diagnostics
        self._call_later = call_later
        self._offered: set[tuple[str, tuple[str, str, str]]] = set()
        self._counted: dict[str, dict[tuple[str, str, str], int]] = {}
        self._applied: dict[str, _Applied] = {}
        diagnostics.on_published.append(self._published)

    def offered(self, uri: str, language: str, diagnostics: Iterable[Diagnostic]) -> None:
        """Code actions that mend these were offered."""
        for each in diagnostics:
            key = (uri, each.identity)
            if key in self._offered:
                continue
            if len(self._offered) >= _MAX_OFFERED:
                self._offered.clear()
            self._offered.add(key)
            self._events.fix_offered(uri=uri, language=language, rule=rule_of(each))

    def opened(self, fix_id: str, task: FixTask) -> None:
        """The user asked for it, and the work begins."""
        self._events.fix_opened(
            fix_id,
            uri=task.document.uri,
            language=task.document.language_id,
            rule=rule_of(task.diagnostics[0]) if task.diagnostics else "",
            kind=task.kind,
            n_diagnostics=len(task.diagnostics),
        )

    def proposed(self, outcome: FixOutcome) -> None:
        """The work has come to an end, with an edit or without."""
        self._counted[outcome.fix_id] = self._count(outcome.task)
        if len(self._counted) > _MAX_PROPOSED:
            del self._counted[next(iter(self._counted))]
        self._events.fix_proposed(outcome)

    def cancelled(self, fix_id: str, uri: str, latency_ms: float) -> None:
        """The user, or a deadline, put an end to the work."""
        self._events.fix_cancelled(fix_id, uri=uri, latency_ms=latency_ms)

    def dropped(self, fix_id: str, uri: str, reason: str) -> None:
        """The edit was not made: it was `stale`, or `refused`."""
        self._events.fix_dropped(fix_id, uri=uri, reason=reason)

    def applied(self, outcome: FixOutcome, before: TextSnapshot, now_is: TextSnapshot) -> None:
        """The editor made the edit; `before` is the document's text right before it, `now_is` as far as is known now.

        Editors tell of the change before they answer, or after.
        """
        uri = outcome.task.document.uri
        n_before = self._counted.pop(outcome.fix_id, None)
        if n_before is None:
            n_before = self._count(outcome.task)
        applied = _Applied(outcome.fix_id, uri, before, n_before, is_made=now_is.text != before.text)
        applied.timer = self._call_later(RESOLVED_AFTER_S, lambda: self._end(applied, None))
        self._applied[outcome.fix_id] = applied
        self._events.fix_applied(outcome.fix_id, uri=uri)

    def document_changed(self, uri: str, text: TextSnapshot) -> None:
        """The document was edited; an undone fix shows by its text."""
        for applied in [each for each in self._applied.values() if each.uri == uri]:
            if text.n_lines != applied.before.n_lines or text.n_chars != applied.before.n_chars:
                applied.is_made = True
            elif applied.is_made and text.text == applied.before.text:
                self._events.fix_undone(applied.fix_id, uri=uri)
                self._end(applied, "undone")
            else:
                applied.is_made = applied.is_made or text.text != applied.before.text

    def document_closed(self, uri: str) -> None:
        """The document's fixes can be followed no further."""
        for applied in [each for each in self._applied.values() if each.uri == uri]:
            self._end(applied, "document_closed")

    def close(self) -> None:
        """The session ends."""
        for applied in list(self._applied.values()):
            self._end(applied, "session_ended")

    def _published(self, uri: str) -> None:
        for applied in [each for each in self._applied.values() if each.uri == uri and each.gone is None]:
            applied.gone = self._is_gone(applied)
            self._events.fix_checked(applied.fix_id, uri=uri, gone=applied.gone)

    def _count(self, task: FixTask) -> dict[tuple[str, str, str], int]:
        """How many there are of each kind that the task is to mend."""
        now = Counter(each.identity for each in self._diagnostics.of(task.document.uri))
        # What the board has not heard of is there all the same: the task came with it.
        wanted = Counter(each.identity for each in task.diagnostics)
        return {identity: max(now[identity], n) for identity, n in wanted.items()}

    def _is_gone(self, applied: _Applied) -> bool:
        now = Counter(each.identity for each in self._diagnostics.of(applied.uri))
        return all(now[identity] < n for identity, n in applied.n_before.items())

    def _end(self, applied: _Applied, reason: str | None) -> None:
        """The end of a fix: for `reason`, or because its time is over."""
        if self._applied.pop(applied.fix_id, None) is None:
            return
        if applied.timer is not None:
            applied.timer.cancel()
        resolved: bool | None = None
        if reason == "undone":
            resolved = False
        elif reason is None and not applied.n_before:
            resolved, reason = True, "gone"  # nothing was reported, and it was kept
        elif reason is None and applied.gone is None:
            reason = "not_reported"
        elif reason is None:
            still_gone = self._is_gone(applied)
            resolved = bool(applied.gone) and still_gone
            reason = "gone" if resolved else "came_back" if applied.gone else "still_there"
        self._events.fix_resolved(applied.fix_id, uri=applied.uri, resolved=resolved, reason=reason or "")


def rule_of(diagnostic: Diagnostic) -> str:
    """Who reports and by which rule, `ruff:F401`. What looks like no rule's name is left out: it may be anything."""
    parts = [diagnostic.source.lower(), diagnostic.code]
    return ":".join(part for part in parts if _RULE.fullmatch(part))
