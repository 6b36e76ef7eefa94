"""Whether ghost text is on: for everything, for a language, for a path; by the settings, and by the user's last word.

What the user says in a session (pause for some minutes, on, off, this language off) stands above the settings and ends
with the session. Whether a place is worth asking for is `gate`'s, what an editor is told of it `status`'s. Asked by
`inline_completion`, `next_edit` and `document_report`; the words come from `lsp.handlers.status`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.config.completion_settings import CompletionSettings
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.suggestion import TriggerKind
    from copilot_ls.features.suggestion_chain import Cancellable
    from copilot_ls.index.ignore import PathPatterns
    from copilot_ls.text import DocumentSnapshot

OffReason = Literal["disabled", "snoozed", "secret_file", "language_disabled", "path_disabled"]

SNOOZE_MINUTES = 10.0
"""How long a pause is when nobody says."""
LONGEST_SNOOZE_MINUTES = 7 * 24 * 60.0

_MINUTE_S = 60.0
# Documents whose paths were judged; what is open is a handful.
_MOST_JUDGED = 256


class Switches:
    """The switches of one server. `wall_clock` is unix time in seconds; `on_change` hears when any was turned."""

    def __init__(
        self,
        settings: Callable[[], CompletionSettings],
        relative_path: Callable[[DocumentSnapshot], str],
        *,
        wall_clock: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], Cancellable],
        on_change: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._relative_path = relative_path
        self._wall_clock = wall_clock
        self._call_later = call_later
        self._on_change = on_change
        self._snoozed_until: float | None = None
        self._wakes: Cancellable | None = None
        self._on: bool | None = None
        self._languages: dict[str, bool] = {}
        self._patterns: tuple[tuple[str, ...], PathPatterns | None] = ((), None)
        self._judged: dict[str, bool] = {}

    @property
    def is_on(self) -> bool:
        """Whether ghost text is offered at all; a pause does not count."""
        return self._settings().enable if self._on is None else self._on

    @property
    def snoozed_until(self) -> float | None:
        """When the pause ends, in unix seconds; None where there is none."""
        until = self._snoozed_until
        return until if until is not None and until > self._wall_clock() else None

    def is_language_on(self, language_id: str) -> bool:
        """Whether ghost text is offered in a language."""
        said = self._languages.get(language_id)
        return language_id not in self._settings().languages_disable if said is None else said

    def why_off(self, document: OpenDocument, trigger_kind: TriggerKind = "automatic") -> OffReason | None:
        """Why nothing is offered in a document, None where something may be. Who asks in words is not kept waiting."""
        if not self.is_on:
            return "disabled"
        if trigger_kind == "automatic":
            if not self._settings().automatic:
                return "disabled"
            if self.snoozed_until is not None:
                return "snoozed"
        return self._why_off_there(document)

    def why_no_edit(self, document: OpenDocument, trigger_kind: TriggerKind) -> OffReason | None:
        """As `why_off`, for next edits, which have a setting of their own: whether ghost text is on does not count."""
        if self._on is False:
            return "disabled"
        if trigger_kind == "automatic" and self.snoozed_until is not None:
            return "snoozed"
        return self._why_off_there(document)

    def _why_off_there(self, document: OpenDocument) -> OffReason | None:
        if document.is_secret:
            return "secret_file"
        if not self.is_language_on(document.language_id):
            return "language_disabled"
        return "path_disabled" if self._is_path_off(document) else None

    def snooze(self, minutes: float = SNOOZE_MINUTES) -> None:
        """Offer nothing by itself for so long, from now; at most a week."""
        minutes = min(minutes, LONGEST_SNOOZE_MINUTES)
        self._stop_waiting()
        self._snoozed_until = self._wall_clock() + minutes * _MINUTE_S
        self._wakes = self._call_later(minutes * _MINUTE_S, self._on_change)
        self._on_change()

    def resume(self) -> None:
        """End the pause."""
        self._stop_waiting()
        self._snoozed_until = None
        self._on_change()

    def toggle(self, language_id: str | None = None) -> None:
        """Turn ghost text off where it is on and on where it is off: in a language, or altogether."""
        if language_id is None:
            self._on = not self.is_on
        else:
            self._languages[language_id] = not self.is_language_on(language_id)
        self._on_change()

    def close(self) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._wakes is not None:
            self._wakes.cancel()
            self._wakes = None

    def _is_path_off(self, document: OpenDocument) -> bool:
        wanted = self._settings().paths_disable
        if not wanted:
            return False
        if self._patterns[0] != wanted or len(self._judged) > _MOST_JUDGED:
            from copilot_ls.index.ignore import PathPatterns

            self._patterns = (wanted, PathPatterns(wanted))
            self._judged.clear()
        patterns = self._patterns[1]
        if document.uri not in self._judged and patterns is not None:
            self._judged[document.uri] = patterns.match(self._relative_path(document.snapshot()))
        return self._judged[document.uri]
