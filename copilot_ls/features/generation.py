"""One run through the backends for one place in one document, which several requests may wait for.

A generation outlives the request that began it as long as the document goes the way it says: an editor that stops
waiting still finds the answer at the next key. It ends, down to the socket, as soon as the document goes another way.

Leaves what to ask and what to make of the answer to `inline_completion`, which makes and ends generations.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from copilot_ls.features.calibration.show_gate import UserTaste
    from copilot_ls.features.suggestion import TriggerKind
    from copilot_ls.text import AppliedEdit, DocumentSnapshot, Point


@dataclass(slots=True, eq=False)
class Generation:
    """What was asked for, what has come so far, and what the user has typed of it since.

    `text` is the first alternative as far as it has streamed, `speaker` the stream that it comes from; `typed` how much
    of it the document has followed; `is_prefetch` marks one for a document that does not exist yet, `expects` being the
    text that would bring it about. `taste` is what is known of the user. `early` is done when there is an answer while
    a better one is still awaited.
    """

    request_id: str
    document: DocumentSnapshot
    cursor: Point
    asked: Hashable
    trigger_kind: TriggerKind
    n: int
    is_prefetch: bool = False
    expects: str = ""
    taste: UserTaste | None = None
    text: str = ""
    speaker: object | None = None
    typed: str = ""
    end: Point | None = None
    task: asyncio.Task[None] | None = None
    finished: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    early: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def running(self) -> bool:
        """Whether a backend may still be at work."""
        return not self.finished.done()

    def cancel(self) -> None:
        """End it, and with it the connection that it reads from."""
        if self.task is not None and not self.task.done():
            self.task.cancel()

    def fall_silent(self) -> None:
        """What has streamed so far came to nothing: the next backend may speak."""
        self.speaker, self.text = None, ""

    def follow(self, edits: Sequence[AppliedEdit]) -> bool:
        """Whether the document still goes the way of this generation after `edits`.

        Typing goes its way when the text that has streamed says the same; where nothing has streamed yet, nothing is
        known, and asking anew is better than waiting for an answer to another question.
        """
        said = self.expects if self.is_prefetch else self.text
        for edit in edits:
            at = self.end if self.end is not None else self.cursor
            if edit.start != at or edit.removed or not said.startswith(self.typed + edit.text):
                return False
            self.typed += edit.text
            self.end = edit.new_end
        return True
