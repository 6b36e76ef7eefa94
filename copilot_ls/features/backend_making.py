"""Makes a backend by its name in the settings, and hands it what it may know of the user's work.

A backend says by its methods what it can use: the index (`attach`), what was edited lately (`attach_edits`), a file to
keep what it learns in (`adapt_in`). What leaves this process is redacted first. Called by `workbench`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from copilot_ls.backends.base import Backend
    from copilot_ls.backends.embedded.workspace import LineIndex
    from copilot_ls.config.settings import Settings
    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.features.redaction import Redaction


def make_backend(
    name: str,
    settings: Settings,
    redaction: Redaction,
    *,
    index_of: Callable[[str], LineIndex | None],
    recent_edits: Callable[[], Sequence[RecentEdit]],
    adapt_in: Path | None,
) -> Backend:
    """The backend `name`. `adapt_in` is None where nothing may be learnt from what the user takes.

    Raises:
        SettingsError: there is no such backend, or its settings do not do.
    """
    from copilot_ls.backends.chat import ChatBackend
    from copilot_ls.backends.registry import create
    from copilot_ls.config.settings import EMBEDDED, BackendSettings

    chosen = settings.backend.get(name)
    if chosen is None:
        if name != EMBEDDED:
            known = ", ".join([*settings.backend, EMBEDDED])
            raise SettingsError(f"backend {name!r} is not configured; there are {known}; [backend.{name}] adds it")
        chosen = BackendSettings(kind=EMBEDDED)
    backend = create(name, chosen)
    if (attach := getattr(backend, "attach", None)) is not None:
        attach(index_of)
    if (attach_edits := getattr(backend, "attach_edits", None)) is not None:
        attach_edits(recent_edits)
    if adapt_in is not None and (adapt := getattr(backend, "adapt_in", None)) is not None:
        adapt(adapt_in)
    if isinstance(backend, ChatBackend) and not getattr(backend, "in_process", False):
        return redaction.for_chat(backend)  # type: ignore[return-value]  # which is a Backend as well
    return backend
