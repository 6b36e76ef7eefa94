"""A suggestion: what is left of a generation after post-processing, with one id for its whole life.

Made by `inline_completion`, followed by `lifecycle`, put on the wire by `copilot_ls.lsp`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from copilot_ls.features.calibration.show_gate import Decision
    from copilot_ls.text import Span

Source = Literal["backend", "cache", "disk_cache", "typed_as_suggested", "in_flight", "prefetch"]
TriggerKind = Literal["invoked", "automatic"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text offered at a place of one document version.

    `text` replaces `replaced`, which lies on one line, ends at or after the cursor and starts at it. `source` says how
    it was come by, `backend` and `model` who generated it, `cut_by` which filters shortened it, `origin` where an
    in-process backend learnt it, `decision` why it is shown to this user. `input_tokens` and `output_tokens` are None
    where the backend did not say.
    """

    suggestion_id: str
    request_id: str
    uri: str
    version: int
    language_id: str
    text: str
    replaced: Span
    source: Source
    backend: str
    model: str
    trigger_kind: TriggerKind
    multiline: bool
    latency_ms: float
    confidence: float | None = None
    cut_by: tuple[str, ...] = ()
    origin: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    decision: Decision | None = None
