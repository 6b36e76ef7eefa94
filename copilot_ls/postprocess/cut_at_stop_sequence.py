"""End the text where a stop sequence completes, for servers that do not do it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation


def cut_at_stop_sequence(text: str, situation: Situation) -> str | None:
    """Cut before the stop sequence that is complete first; of several that end together, before the longest.

    The first to be complete, rather than the first to begin, is what a server cuts at that sees one token at a time,
    and it does not change when more text comes.
    """
    best: tuple[int, int] | None = None
    for stop in situation.stop:
        wanted = stop.replace("\r\n", "\n").replace("\r", "\n")
        start = text.find(wanted) if wanted else -1
        if start >= 0 and (best is None or (start + len(wanted), start) < best):
            best = (start + len(wanted), start)
    return text if best is None else text[: best[1]]
