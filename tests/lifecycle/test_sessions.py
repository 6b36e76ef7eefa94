"""Random sessions through the whole of `features`, against a ledger: nothing is lost, doubled or out of order.

Several documents, requests that overlap and are cancelled, backends that are late or fail; acceptance whole, by word and by line,
typing through, dismissing, undoing, switching and closing. What was recorded is read back from the database, by the view that
every metric reads, and must say what the ledger says.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.events import EVENT_NAMES
from copilot_ls_telemetry.store import Store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import virtual_loop
from tests.lifecycle.paper_session import MOMENTS_S, UNSEEN, Entry, PaperSession

N_SESSIONS = 1000

# What is done, and how often compared with the rest: most of a session is asking and answering to what is seen. Times are odd,
# so that no two things are due at the same moment.
WEIGHTS = {
    ("ask and wait", 0.20317): 6,
    ("ask and wait", 0.50731): 8,
    ("ask and wait", 1.30273): 8,
    ("ask", "automatic"): 3,
    ("ask", "invoked"): 2,
    ("cancel",): 2,
    ("type", "q"): 2,
    ("type", " "): 1,
    ("type", "("): 1,
    ("type", "\n"): 2,
    ("type", "we"): 1,
    ("type_along", 1): 3,
    ("type_along", 2): 3,
    ("type_along", 5): 2,
    ("type_along", 99): 3,
    ("backspace",): 3,
    ("paste", "pasted text"): 1,
    ("paste", "two\nlines of it"): 1,
    ("accept", 0.0): 2,
    ("accept", 0.13411): 2,
    ("accept", 0.31607): 1,
    ("accept", None): 3,
    ("accept_part", "word", ""): 3,
    ("accept_part", "word", "before"): 2,
    ("accept_part", "word", "after"): 2,
    ("accept_part", "line", ""): 1,
    ("accept_part", "line", "after"): 1,
    ("reject",): 3,
    ("undo",): 3,
    ("edit_above",): 1,
    ("move", 5): 1,
    ("move", 13): 1,
    ("move", 30): 1,
    ("switch",): 1,
    ("open", "one"): 1,
    ("open", "two"): 1,
    ("open", "three"): 1,
    ("close",): 1,
    ("fail", True): 1,
    ("fail", False): 3,
    ("repeat", "accepted"): 1,
    ("repeat", "rejected"): 1,
    ("repeat", "shown"): 1,
    ("wait", 0.07193): 2,
    ("wait", 0.29237): 2,
    ("wait", 0.61357): 2,
    ("wait", 1.90519): 2,
    ("wait", 17.3): 1,
    ("wait", 131.7): 1,
}
OPERATIONS = st.sampled_from([operation for operation, weight in WEIGHTS.items() for _ in range(weight)])


async def play(session_id: str, seed: int, says_shown: bool, operations: list[Any]) -> PaperSession:
    session = PaperSession(session_id, seed, says_shown=says_shown)
    for name, *given_with in operations:
        match name:
            case "ask and wait":
                session.ask()
                await session.wait(*given_with)
            case "wait":
                await session.wait(*given_with)
            case "accept":
                await session.accept(*given_with)
            case "fail":
                session.backend.fails = given_with[0]
            case "ask":
                session.ask(*given_with)
                await session.wait(0)
            case _:
                getattr(session, name)(*given_with)
    await session.finish()
    return session


def check(session: PaperSession) -> None:
    """The events by themselves, and beside the ledger."""
    recorded = session.events
    alike = Counter(event for event in recorded if not isinstance(event, events.Written))  # two documents' may be alike
    assert not [event for event, n in alike.items() if n > 1], "no event is there twice"
    of_requests(session, recorded)
    chains: dict[str, list[Any]] = {}
    for event in recorded:
        if hasattr(event, "chain_id"):
            chains.setdefault(event.chain_id, []).append(event)
    assert chains.keys() == session.ledger.keys()
    for chain_id, told in chains.items():
        entry = session.ledger[chain_id]
        # Order is by time; what is recorded later may have happened before.
        told = sorted(told, key=lambda event: event.at)
        names = [EVENT_NAMES[type(event)] for event in told]
        assert names[0] == "generated", (chain_id, names)
        counts = Counter(names)
        assert counts["shown"] == entry.shown, (chain_id, entry, names)
        endings = [name for name in names if name in {"accepted", "partially_accepted", "typed", "rejected", "ignored"}]
        assert endings, (chain_id, entry, names)
        assert is_so(endings[-1], entry), (chain_id, entry, names)
        assert set(endings[:-1]) <= {"partially_accepted"}, (chain_id, names)
        if entry.was_accepted or entry.ending == "rejected":
            assert names.index("shown") < names.index(endings[0]), (chain_id, names)
        lengths = [event.accepted_length for event in told if hasattr(event, "accepted_length")]
        assert lengths == sorted(lengths), (chain_id, lengths)
        assert (lengths or [0])[-1] == entry.n_accepted, (chain_id, entry, lengths)
        after = [name for name in names if name in {"retention_checked", "accept_reported"}]
        assert not after or entry.was_accepted, (chain_id, names)
        moments = [event.moment for event in told if isinstance(event, events.RetentionChecked)]
        assert len(set(moments)) == len(moments), (chain_id, moments)


def is_so(ending: str, entry: Entry) -> bool:
    """Whether the ledger agrees that it ended so."""
    return ending in {"typed", "ignored"} if entry.ending == UNSEEN else ending == entry.ending


def of_requests(session: PaperSession, recorded: list[Any]) -> None:
    """Each request ends once, after it began; what a backend did belongs to one."""
    begun: set[str] = set()
    ended: dict[str, str] = {}
    n_ends: Counter[tuple[str, str]] = Counter()
    for event in recorded:
        name = EVENT_NAMES[type(event)]
        if name == "requested":
            assert event.request_id not in begun
            begun.add(event.request_id)
        elif name in {"skipped", "superseded", "discarded", "generated"}:
            assert event.request_id in begun, f"{name} before requested"
            # Several alternatives may be generated; nothing else comes twice, and nothing beside them.
            assert {ended.setdefault(event.request_id, name), name} == {"generated"} or ended[
                event.request_id
            ] is name, event
            n_ends[event.request_id, name] += 1
            assert name == "generated" or n_ends[event.request_id, name] == 1, event
    assert begun == ended.keys()
    assert len(begun) == session.n_requested


def of_writing(session: PaperSession) -> None:
    """What was written adds up."""
    told = [event for event in session.events if isinstance(event, events.Written)]
    for name in ("n_typed", "n_inserted", "n_deleted"):
        own = {"n_typed": "n_keys"}.get(name, name)
        assert sum(getattr(event, name) for event in told) == sum(getattr(each, own) for each in session.written), name


def of_retention(session: PaperSession) -> None:
    """Who stayed long enough after an acceptance, with the document open, has looked at every moment that passed."""
    looked = Counter(
        (event.chain_id, event.moment) for event in session.events if isinstance(event, events.RetentionChecked)
    )
    still_open = {document.uri for document in session.documents.values()}
    first_opened = {document.uri: document for document in session.written}
    for chain_id, entry in session.ledger.items():
        if entry.accepted_at is None:
            continue
        document = next((each for each in session.written if entry.place in each.places), None)
        if document is None or document.uri not in still_open or first_opened[document.uri] is not document:
            continue
        if sum(each.uri == document.uri for each in session.written) > 1:
            continue  # closed and opened again
        lasted = session.loop.time() - entry.accepted_at
        due = {f"{moment}s" for moment in MOMENTS_S if lasted > moment + 0.01}
        seen = {
            moment for (chain, moment) in looked if chain == chain_id and moment.endswith("s") and moment[0].isdigit()
        }
        assert seen == due, (chain_id, entry, lasted, seen)


def in_database(sessions: list[PaperSession], path: Path) -> None:
    """Every event is a row, and the view of chains says of each ghost text what the ledger says."""
    with closing(Store(path, max_bytes=10**9, retention_days=10**6, wall_clock=lambda: 0.0)) as store:
        for session in sessions:
            store.write(session.events)
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT event, count(*) AS n FROM events GROUP BY event").fetchall()
        told = Counter(EVENT_NAMES[type(event)] for session in sessions for event in session.events)
        assert {row["event"]: row["n"] for row in rows} == told
        chains = {row["chain_id"]: row for row in connection.execute("SELECT * FROM chains")}
    expected = {chain: entry for session in sessions for chain, entry in session.ledger.items()}
    assert chains.keys() == expected.keys()
    for chain, entry in expected.items():
        row = chains[chain]
        assert is_so(row["outcome"], entry), (dict(row), entry)
        assert (bool(row["shown"]), row["accepted_chars"]) == (entry.shown, entry.n_accepted)


@pytest.mark.timeout(600)
def test_a_thousand_sessions_are_accounted_for(tmp_path: Path) -> None:
    played: list[PaperSession] = []

    @given(st.integers(0, 9), st.booleans(), st.lists(OPERATIONS, min_size=10, max_size=80))
    # The same thousand each time: what they say is about a change of the code. FRESH_SESSIONS=1 takes new ones.
    @settings(
        max_examples=N_SESSIONS,
        derandomize=not os.environ.get("FRESH_SESSIONS"),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def one(seed: int, says_shown: bool, operations: list[Any]) -> None:
        session = virtual_loop.run(play(f"session{len(played)}", seed, says_shown, operations))
        check(session)
        of_writing(session)
        of_retention(session)
        played.append(session)

    one()
    in_database(played, tmp_path / "telemetry.db")
    outcomes = Counter(entry.ending for session in played for entry in session.ledger.values())
    # A test that never saw one of them would say nothing of it.
    assert all(outcomes[name] >= 20 for name in ("accepted", "partially_accepted", "typed", "rejected", "ignored")), (
        outcomes
    )


def test_a_fault_of_ours_ends_the_request_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def break_down() -> list[str]:
        session = PaperSession("session", 0, says_shown=False)
        monkeypatch.setattr(session.bench.completion, "_question", None)
        session.ask()
        with pytest.raises(TypeError):
            await session.finish()
        return [f"{type(event).__name__} {getattr(event, 'reason', '')}" for event in session.events]

    assert virtual_loop.run(break_down()) == ["Requested ", "Discarded failed"]
