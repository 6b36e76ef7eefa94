"""What the fix loop works with, each part a function, so that tests can exchange one. Made by `assembly`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from copilot_ls.checking.base import Checker
    from copilot_ls.config.fix_settings import ToolUse
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.features.fixing.budget import FixLimits
    from copilot_ls.features.fixing.transcript import Transcript
    from copilot_ls.features.request_events import RequestEvents
    from copilot_ls.fixers.base import Problem, Proposals
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.routing.router import Router
    from copilot_ls.text import DocumentSnapshot, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class FixerParts:
    """What a `CodeFixer` works with.

    `checkers` are those that may run for a document, `check_timeout_s` is for each of them. `propose` is called in a
    thread.
    """

    router: Callable[[], Router]
    limits: Callable[[], FixLimits]
    check_timeout_s: Callable[[], float]
    propose: Callable[[Problem], Proposals]
    checkers: Callable[[DocumentSnapshot], Sequence[Checker]]
    why_ignored: Callable[[DocumentSnapshot], Awaitable[str | None]]
    gather: Callable[[DocumentSnapshot, Point, str], Awaitable[Sequence[ContextSnippet]]]
    prompt_tokens: Callable[[str], int]
    relative_path: Callable[[DocumentSnapshot], str]
    root_of: Callable[[DocumentSnapshot], Path | None]
    index_of: Callable[[str], WorkspaceIndex | None]
    open_documents: Callable[[], Sequence[DocumentSnapshot]]
    tool_use: Callable[[], ToolUse]
    exclude: Callable[[], Sequence[str]]
    transcript: Callable[[str], Transcript | None]
    events: RequestEvents
    on_turn: Callable[[], None]
    now: Callable[[], float]
    new_id: Callable[[], str]
