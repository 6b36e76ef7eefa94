"""Several servers write one database at once and are killed in the midst of it: what is lost, what is doubled.

Each server is a process of its own with a real recorder, on a database whose past is taken into the daily totals
meanwhile. It notes every event in a file of its own once `record` has taken it; after the last kill these files are held
against the database. Used by `test_durability` in short and by `tests.bench.telemetry` at length.
"""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.telemetry.histories import write_days

if TYPE_CHECKING:
    from pathlib import Path

N_SERVERS = 8
_DEADLINE_S = 120.0
_SERVER = textwrap.dedent("""
    import os, sys, time
    from pathlib import Path
    from copilot_ls_telemetry.events import Requested
    from copilot_ls_telemetry.recorder import Recorder
    database, notes, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    told = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    recorder = Recorder(database, on_problem=lambda message: os.write(told, f"problem {message}\\n".encode()))
    number = 0
    while True:
        at = time.time()
        recorder.record(Requested(at=at, session_id=name, request_id=str(number), language="x", trigger_kind="automatic"))
        os.write(told, f"{number} {at!r}\\n".encode())
        number += 1
        time.sleep(0.004)  # some 200 events a second: a server makes ten
""")


@dataclass(slots=True)
class Outcome:
    """What a storm did. `oldest_lost_s` is the age, when its server was killed, of the oldest event that was lost."""

    n_kills: int = 0
    n_events: int = 0
    n_lost: int = 0
    n_doubled: int = 0
    oldest_lost_s: float = 0.0
    integrity: str = ""
    n_totalled: int = 0
    problems: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


class _Server:
    """One process, and what it has noted so far."""

    def __init__(self, database: Path, folder: Path, name: str) -> None:
        self.name, self.notes = name, folder / name
        self._process = subprocess.Popen([sys.executable, "-c", _SERVER, str(database), str(self.notes), name])

    def wait_for(self, n_noted: int) -> None:
        deadline = time.monotonic() + _DEADLINE_S
        while not self.notes.exists() or self.notes.stat().st_size < 20 * n_noted:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise AssertionError(f"{self.name} records nothing")
            time.sleep(0.005)

    def kill(self) -> float:
        self._process.send_signal(signal.SIGKILL)
        killed_at = time.time()
        self._process.wait()
        return killed_at


def storm(folder: Path, *, n_kills: int, seed: int = 1) -> Outcome:
    """Kill servers `n_kills` times, each at a moment of its own, and start others in their place."""
    chooser, outcome = random.Random(seed), Outcome()
    database = folder / "telemetry.db"
    write_days(database, 8, pace=200, until=time.time() - 3 * 86_400)
    servers = [_Server(database, folder, f"server{number}") for number in range(N_SERVERS)]
    killed: list[tuple[_Server, float]] = []
    try:
        while outcome.n_kills < n_kills:
            place = chooser.randrange(N_SERVERS)
            servers[place].wait_for(chooser.choice([1, 20, 100, 250]) + chooser.randrange(40))
            killed.append((servers[place], servers[place].kill()))
            outcome.n_kills += 1
            servers[place] = _Server(database, folder, f"server{N_SERVERS + outcome.n_kills}")
    finally:
        killed += [(each, each.kill()) for each in servers]
    with closing(sqlite3.connect(database)) as connection:
        ((outcome.integrity,),) = connection.execute("PRAGMA integrity_check")
        ((outcome.n_totalled,),) = connection.execute("SELECT coalesce(sum(n_events), 0) FROM totalled")
        for server, killed_at in killed:
            _compare(connection, server, killed_at, outcome)
    return outcome


def _compare(connection: sqlite3.Connection, server: _Server, killed_at: float, outcome: Outcome) -> None:
    """Hold what a server noted against what is in the database."""
    if not server.notes.exists():  # killed before its first event
        return
    words = [
        line.split(maxsplit=1) for line in server.notes.read_text().splitlines(keepends=True) if line.endswith("\n")
    ]
    outcome.problems += [rest.strip() for first, rest in words if first == "problem"]
    noted = {int(number): float(at) for number, at in words if number != "problem"}
    rows = connection.execute("SELECT request_id FROM events WHERE session_id = ?", (server.name,))
    kept = sorted(int(number) for (number,) in rows)
    outcome.n_events += len(kept)
    outcome.n_doubled += len(kept) - len(set(kept))
    if sorted(set(kept)) != list(range(len(set(kept)))):
        outcome.gaps.append(server.name)
    lost = [at for number, at in noted.items() if number not in set(kept)]
    outcome.n_lost += len(lost)
    outcome.oldest_lost_s = max([outcome.oldest_lost_s, *(killed_at - at for at in lost)])
