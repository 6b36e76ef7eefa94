"""Folds what the telemetry recorded into what is known of the user, and keeps that in a file of the state folder.

The record is the one truth: what is learned is a fold over its rows in their order, from the id where the last fold
ended. So several servers that share a record come to the same, one that is killed loses nothing, a file that is broken
is learned anew, and deleting the record is forgetting. An outcome counts two minutes later, when it is known whether
what was accepted stayed. Everything here may wait for disk: `user_history` calls it in a thread.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

from copilot_ls.features.calibration import moment
from copilot_ls.features.calibration.acceptance import base_log_odds
from copilot_ls.features.calibration.policy import Moment
from copilot_ls.features.calibration.state import State, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from copilot_ls_telemetry.decisions import Row

# After this, the look at what stays two minutes after an acceptance is over.
SETTLED_S = 130.0
# What an outcome leaves of the number that a backend's policy rests on.
_KEPT = 0.9985
_TAKEN = {"accepted", "partially_accepted", "typed"}


def load(path: Path) -> State:
    """The state in the file; an empty one where there is none that can be read."""
    try:
        return read(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return State()


def save(state: State, path: Path) -> None:
    """Write the file; an error only means that it is learned anew."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        partial.write_text(json.dumps(state.as_dict(), separators=(",", ":")) + "\n", encoding="utf-8")
        partial.replace(path)


def catch_up(path: Path, database: Path, now: float) -> State:
    """What is known by `now` (unix time): the file's state and what the record holds beyond. What is new is written."""
    from copilot_ls_telemetry.decisions import history
    from copilot_ls_telemetry.store import NothingRecordedError, StoreError

    state = load(path)
    try:
        found = history(database, after=state.seen, settled_before=now - SETTLED_S)
    except NothingRecordedError:
        return State()
    except (StoreError, OSError):
        return state
    if found.seen < state.seen:
        state = State()
    if found.seen > state.seen:
        learn(state, found.judged, found.silences, found.asked)
        state.seen = found.seen
        save(state, path)
    return state


def learn(state: State, judged: Sequence[Row], silences: Sequence[Row], asked: Sequence[Row] = ()) -> None:
    """Take in what became of suggestions, in their order. Rows are those of `copilot_ls_telemetry.decisions`."""
    first = _asked_first(asked)
    for turn in first.values():
        state.routes.asked(
            turn["backend"],
            turn["language"] or "",
            waited_s=(turn["latency_ms"] or 0.0) / 1000,
            cost=turn["cost"] or 0.0,
        )
    for row in sorted([*judged, *silences], key=lambda row: row["id"]):
        was_shown = "request_id" in row
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):  # a row that nobody of us wrote
            _learn_one(state, row, was_shown=was_shown)
        if was_shown and (opened := first.get(row["request_id"])) is not None and opened["backend"] == row["backend"]:
            kept = row["kept"] if row["kept"] is not None else 1.0
            state.routes.kept(row["backend"], row["language"] or "", kept * (row["accepted_chars"] or 0))
    for policy in state.policies.values():
        policy.reckon()


def _learn_one(state: State, row: Row, *, was_shown: bool) -> None:
    said, features, content = _circumstances(row)
    outcome = row["outcome"]
    if was_shown:
        taken = outcome in _TAKEN
        kept = row["kept"] if taken and row["kept"] is not None else 1.0
        share = (row["accepted_chars"] or 0) / max(1, row["n_chars"]) if outcome in _TAKEN - {"typed"} else None
        state.shares.learn(
            in_part=outcome == "partially_accepted",
            likely_part=max(0.0, float(content.get("begins") or 0.0) - float(content.get("whole") or 0.0)),
            share=None if share is None else min(1.0, share),
        )
        state.model.learn(features, said, kept if taken else 0.0)
    else:
        state.model.learn(features, said, {"right": 1.0, "part": state.shares.taking_parts}.get(outcome, 0.0))
    policy = state.policy(row["backend"])
    if policy is not None:
        policy.n = _KEPT * policy.n + was_shown
        likely = row["p_accept"]
        if likely is None:
            likely = state.model.likelihood(features, said).probability
        gain = float(content.get("gain", likely * (row.get("n_chars") or 0)))
        policy.moments.append(Moment(likely, gain, float(content.get("usual", gain))))


def _circumstances(row: Row) -> tuple[float | None, dict[str, float], Mapping[str, Any]]:
    """What was known when it was decided; of an event without it, what its other columns say."""
    if row["features"] is not None:
        content = json.loads(row["features"])
        features = {
            str(name)[:80]: float(value[0] if isinstance(value, list) else value)
            for name, value in list(content["of"].items())[:40]
        }
        said = content["said"]
        return None if said is None else float(said), features, content
    said = row["confidence"]
    features = {"always": 1.0, f"language:{(row['language'] or '')[:24]}": 1.0}
    features |= moment.of_length(
        row["n_chars"] or 0,
        several_lines=bool(row["multiline"]),
        backend=row["backend"] or "",
        source=row["source"] or "",
        said_log_odds=None if said is None else base_log_odds(said),
    )
    return said, features, {"whole": said, "begins": said}


def _asked_first(asked: Iterable[Row]) -> dict[str, Row]:
    first: dict[str, Row] = {}
    for turn in asked:
        first.setdefault(turn["request_id"], turn)
    return first
