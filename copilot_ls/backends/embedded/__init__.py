"""The default backend: completes from the open files and the workspace, needs no model, opens no socket.

Precise rather than talkative: it proposes only what it has seen follow the same words elsewhere, only as far as it is
likely to be right, and nothing at all otherwise. `propose` is its synchronous core, `backend` the rim that speaks the
interface of `copilot_ls.backends.base`. Start-up imports neither: `create` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.backend import EmbeddedBackend


def create(name: str, options: object = None) -> EmbeddedBackend:
    """Make the backend; `options.options` may hold `threshold` and `invoked_threshold`, each from 0 to 1."""
    from copilot_ls.backends.embedded.backend import EmbeddedBackend, Thresholds

    return EmbeddedBackend(name, Thresholds.from_options(getattr(options, "options", None)))
