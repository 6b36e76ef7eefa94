"""What became of suggestions, in few words: rows as the telemetry gives them, and stores full of events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from copilot_ls_telemetry import events
from copilot_ls_telemetry.store import Store

from copilot_ls.features.calibration.state import State

if TYPE_CHECKING:
    from pathlib import Path

AT = 1_800_000_000.0


def features(said: float | None, begins: float = 0.0, **of: float) -> str:
    """What was recorded with a decision."""
    gain = 10.0 * (0.3 if said is None else said)
    content = {"said": said, "whole": said, "begins": begins, "least": None, "n": 0, "gain": gain, "usual": gain}
    return json.dumps({**content, "of": {"always": 1.0, **of}})


def judged(
    number: int, outcome: str, *, said: float | None = None, backend: str = "model", **more: Any
) -> dict[str, Any]:
    """A suggestion that was shown."""
    taken = {"accepted": 10, "partially_accepted": 4}.get(outcome, 0)
    return {
        "id": number, "outcome": outcome, "language": "python", "backend": backend, "source": "backend",
        "multiline": 0, "n_chars": 10, "confidence": said, "p_accept": said, "request_id": f"r{number}",
        "accepted_chars": taken, "kept": None, "features": features(said, **more),
    }  # fmt: skip


def state_where(backend: str, *, least: float, n: float = 500.0) -> State:
    """A state in which a backend's suggestions have to be so likely, and nothing else is known."""
    state = State()
    policy = state.policy(backend)
    assert policy is not None
    policy.n, policy.least = n, least
    return state


def record(path: Path, *more: events.Event) -> None:
    """Write events to a telemetry database."""
    store = Store(path, max_bytes=64_000_000, retention_days=36_500, wall_clock=lambda: AT)
    try:
        store.write(more)
    finally:
        store.close()


def life(number: int, outcome: str, *, at: float = AT, backend: str = "model", **more: Any) -> list[events.Event]:
    """All events of one suggestion that was shown and ended so."""
    common = {"at": at, "session_id": "s"}
    chain = {**common, "suggestion_id": f"s{number}", "chain_id": f"s{number}"}
    fields: dict[str, Any] = {"features": features(more.get("confidence")), "decision": "show", **more}
    offer = events.Generated(
        **chain, request_id=f"r{number}", language="python", backend=backend, model="m", source="backend",
        trigger_kind="automatic", multiline=False, n_chars=10, n_lines=1, latency_ms=5.0, **fields,
    )  # fmt: skip
    endings: dict[str, events.Event] = {
        "accepted": events.Accepted(**chain, how="command", accepted_length=10),
        "partially_accepted": events.PartiallyAccepted(**chain, how="edit", accepted_length=4),
        "typed": events.Typed(**chain),
        "rejected": events.Rejected(**chain),
        "ignored": events.Ignored(**chain, reason="typing_disagreed"),
        "left": events.Ignored(**chain, reason="cursor_left"),
    }
    return [offer, events.Shown(**chain, inferred=True), endings[outcome]]
