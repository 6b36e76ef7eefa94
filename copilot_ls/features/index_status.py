"""How the index of one workspace folder stands, told from what its worker says.

Plain data and one function from a status and an event to the next status. What becomes of it, a bar in the editor or a
line in the log, is the rim's business. Called by `workspaces`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

Phase = Literal["starting", "waiting", "indexing", "ready", "failed", "closed"]


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The state of one folder's index.

    `n_files` of `of_files` are done, where the worker knows how many there are; else `of_files` is 0. `bound` names the
    setting that ended the last pass early, `fault` says in one sentence why there is no index or why it is not kept up
    to date.
    """

    root: Path
    phase: Phase = "starting"
    n_files: int = 0
    n_bytes: int = 0
    of_files: int = 0
    bound: str | None = None
    fault: str | None = None

    def after(self, event: dict[str, Any]) -> IndexStatus:
        """The state after an event of the worker; see `copilot_ls.index.worker`."""
        kind = event.get("event")
        if kind == "waiting":
            return replace(self, phase="waiting", of_files=0)
        if kind in {"started", "progress"}:
            return replace(
                self,
                phase="indexing",
                n_files=_count(event.get("files")),
                n_bytes=_count(event.get("bytes")),
                of_files=_count(event.get("of_files")),
                fault=None,
            )
        if kind == "done":
            return replace(
                self,
                phase="ready",
                n_files=_count(event.get("files")),
                n_bytes=_count(event.get("bytes")),
                of_files=0,
                bound=event.get("bound_reached") or None,
                fault=None,
            )
        if kind == "failed":
            return replace(self, phase="failed", of_files=0, fault=str(event.get("message") or "no message"))
        return self

    def closed(self) -> IndexStatus:
        """The state of a folder that is no longer open."""
        return replace(self, phase="closed", of_files=0)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
