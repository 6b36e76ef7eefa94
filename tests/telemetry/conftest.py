"""Events in few words, and a database of one's own."""

from __future__ import annotations

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.recorder import Recorder

AT = 1_800_000_000.0


def common(at=AT, session_id="session"):
    return {"at": at, "session_id": session_id}


def requested(number, **fields):
    fields = {**common(), "language": "python", "trigger_kind": "automatic", **fields}
    return events.Requested(request_id=f"r{number}", **fields)


def generated(number, **fields):
    fields = {
        **common(),
        "request_id": f"r{number}",
        "chain_id": f"s{number}",
        "language": "python",
        "backend": "embedded",
        "model": "",
        "source": "backend",
        "trigger_kind": "automatic",
        "multiline": False,
        "n_chars": 10,
        "n_lines": 1,
        "latency_ms": 5.0,
        **fields,
    }
    return events.Generated(suggestion_id=f"s{number}", **fields)


def of_chain(kind, number, **fields):
    """`Shown`, `Accepted`, … of the chain that suggestion `number` began."""
    defaults = {
        events.Shown: {"inferred": True},
        events.Accepted: {"how": "command", "accepted_length": 10},
        events.PartiallyAccepted: {"how": "edit", "accepted_length": 4},
        events.Ignored: {"reason": "displaced"},
    }
    fields = {**common(), "suggestion_id": f"s{number}", "chain_id": f"s{number}", **defaults.get(kind, {}), **fields}
    return kind(**fields)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "telemetry.db"


@pytest.fixture
def problems():
    return []


@pytest.fixture
def make_recorder(path, problems):
    recorders = []

    def make(**options):
        recorders.append(
            Recorder(options.pop("path", path), on_problem=problems.append, wall_clock=lambda: AT, **options)
        )
        return recorders[-1]

    yield make
    for recorder in recorders:
        recorder.close()
