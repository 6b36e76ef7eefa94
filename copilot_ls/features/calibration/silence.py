"""Follows what was not shown, to see whether the user types it after all.

Typing tells the truth about a silence: a text that was held back is judged `right` when all of it comes to stand where
it was to be, `part` when its beginning does, up to the end of a word, and `wrong` otherwise. One that the cursor
leaves, or that closes with its document, is not judged. Costs nothing while nothing is followed, and O(edit) otherwise.
Protocol-free; called by `inline_completion` when it stays silent, and by `followers` with each change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from copilot_ls.features.offered_text import OfferedText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.features.suggestion import Suggestion
    from copilot_ls.text import AppliedEdit, TextSnapshot

Outcome = Literal["right", "part", "wrong"]

# Silences that are followed in one document at a time; the oldest goes first.
_MOST = 6
# A beginning shorter than this is nothing that anybody would take by itself.
_LEAST_PART = 3


@dataclass(slots=True)
class _Silence:
    request_id: str
    language_id: str
    offered: OfferedText


class Silences:
    """The silences of one server. `on_judged` hears request, document's uri, outcome and the length that was right."""

    def __init__(self, on_judged: Callable[[str, str, Outcome, int], None]) -> None:
        self._on_judged = on_judged
        self._live: dict[str, list[_Silence]] = {}

    def follow(self, suggestion: Suggestion, snapshot: TextSnapshot) -> bool:
        """Begin to follow a suggestion that is not shown; False where it goes on with one that is followed already."""
        live = self._live.setdefault(suggestion.uri, [])
        offered = OfferedText(suggestion.text, suggestion.replaced, snapshot)
        if any(
            silence.offered.cursor == offered.cursor and silence.offered.remaining == offered.remaining
            for silence in live
        ):
            return False
        live.append(_Silence(suggestion.request_id, suggestion.language_id, offered))
        del live[:-_MOST]
        return True

    def document_changed(self, uri: str, edits: Sequence[AppliedEdit], snapshot: TextSnapshot) -> None:
        """A document changed by `edits`, none where all was replaced, into `snapshot`."""
        live = self._live.get(uri)
        if not live:
            return
        for silence in tuple(live):
            offered = silence.offered
            step = offered.follow(edits, snapshot)
            if step.verdict in {"untouched", "typing"}:
                continue
            live.remove(silence)
            if step.verdict == "disagreed":
                part = _right_part(offered, step.before, snapshot)
                self._on_judged(silence.request_id, uri, "part" if part else "wrong", part)
            elif offered.remaining:
                live.append(silence)  # a part of it came at once, from elsewhere: it still agrees
            else:
                self._on_judged(silence.request_id, uri, "right", len(offered.text) - offered.head)

    def document_closed(self, uri: str) -> None:
        """A document is gone: nobody will know."""
        self._live.pop(uri, None)


def right_beginning(text: str, head: int, standing: int, following: str) -> int:
    """Code points of `text` after `head` that were right, up to the end of a word.

    `standing` of it were typed, and then `following`.
    """
    end, after = standing, text[standing : standing + 1] + following
    while end > head and _is_word(text[end - 1]) and any(map(_is_word, after)):
        end -= 1
        after = text[end]
    part = text[head:end]
    return len(part) if len(part.strip()) >= _LEAST_PART else 0


def _right_part(offered: OfferedText, standing: int, snapshot: TextSnapshot) -> int:
    """How much of a text was right, of which `standing` had been typed before the change that disagreed."""
    start = offered.start
    typed = snapshot.line_text(start.line)[start.column :] if start.line < snapshot.n_lines else ""
    # An editor may send several keys as one change: the last of them disagrees, not the first.
    agrees = next((at for at, (one, other) in enumerate(zip(offered.text, typed, strict=False)) if one != other), 0)
    if agrees > standing:
        return right_beginning(offered.text, offered.head, agrees, typed[agrees])
    line, column = offered.place_of(standing)
    following = snapshot.line_text(line)[column : column + 1] if line < snapshot.n_lines else ""
    return right_beginning(offered.text, offered.head, standing, following)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
