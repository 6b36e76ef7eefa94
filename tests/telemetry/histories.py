"""Months of statistics as a developer makes them, for tests and measurements: the same seed makes the same months.

Working days with hours, sessions and workspaces; requests of which most come to nothing; suggestions that are offered for
key after key, shown, taken, typed out, dismissed or passed over; looks at what stays; turns of backends with tokens,
prices and faults; what was written; fixes. Languages and backends differ as they do in life, so that there is something
to be seen: `TRUTH` says what was put in. `fill` writes such months into a database many times as fast as a server would.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copilot_ls_telemetry import events
from copilot_ls_telemetry.store import Store

from copilot_ls.features.short_id import N_SIGNS, short_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY_S = 86_400.0
# Monday, 2026-01-05, at midnight in UTC.
BEGINNING = 1_767_571_200.0
MOMENTS = ("15s", "30s", "save", "120s", "300s", "600s", "commit")


@dataclass(frozen=True, slots=True)
class Habit:
    """Chances with suggestions of one language: weight in a day's work, acceptance, survival of what was accepted."""

    weight: float
    accepts: float
    survives: float


@dataclass(frozen=True, slots=True)
class Served:
    """What a backend does: weight, model, median milliseconds, cost of a turn (None without prices), share of faults."""

    weight: float
    model: str
    latency_ms: float
    cost: float | None
    faults: float
    accepts: float


TRUTH = {
    "python": Habit(0.5, 0.34, 0.80),
    "typescript": Habit(0.3, 0.27, 0.72),
    "rust": Habit(0.15, 0.16, 0.40),
    "markdown": Habit(0.05, 0.08, 0.60),
}
BACKENDS = {
    "embedded": Served(0.55, "", 4.0, None, 0.0, 0.9),
    "local": Served(0.30, "qwen2.5-coder:7b", 180.0, None, 0.02, 1.1),
    "cloud": Served(0.15, "codestral-latest", 420.0, 0.00042, 0.03, 1.15),
}
WORKSPACES = ("3f9c2a71d0b8e645", "91d7e0c4ab5f3826", "c05b6e19f7a2d483")


def identifier(chooser: random.Random) -> str:
    """An id as servers make them."""
    return short_id(chooser.getrandbits(N_SIGNS * 5))


class Developer:
    """One person's days. `pace` is how many requests an hour of work makes."""

    def __init__(self, seed: int = 1, *, pace: int = 150, beginning: float = BEGINNING) -> None:
        self._chooser = random.Random(seed)
        self._pace = pace
        self._beginning = beginning

    def days(self, n_days: int) -> Iterator[list[events.Event]]:
        """Each day's events in the order in which they were recorded; weekends are nearly free."""
        for day in range(n_days):
            yield list(self.day(day))

    def day(self, day: int) -> Iterator[events.Event]:
        """The events of one day."""
        chooser = self._chooser
        if day % 7 in (5, 6) and chooser.random() < 0.8:
            return
        for n_th in range(2):
            session = _Session(chooser, identifier(chooser), chooser.choice(WORKSPACES))
            began = self._beginning + day * DAY_S + (8.5 if n_th == 0 else 13.5) * 3600 + chooser.gauss(0, 1200)
            yield from session.work(began, hours=chooser.uniform(2.0, 3.8), pace=self._pace)


class _Session:
    """One run of one server."""

    def __init__(self, chooser: random.Random, session_id: str, workspace: str) -> None:
        self._chooser = chooser
        self._common = {"session_id": session_id, "workspace": workspace}
        self._later: list[events.Event] = []

    def work(self, began: float, *, hours: float, pace: int) -> Iterator[events.Event]:
        at, minute = began, began
        language = self._language()
        while at < began + hours * 3600:
            at += self._chooser.expovariate(pace / 3600)
            if self._chooser.random() < 0.01:
                language = self._language()
            if at - minute > 60:
                typed, came = round(self._chooser.gammavariate(2, 60)), round(self._chooser.gammavariate(1, 15))
                minute = at
                yield events.Written(
                    **self._at(at), language=language, n_typed=typed, n_inserted=came, n_deleted=typed // 5
                )
            yield from sorted((each for each in self._later if each.at <= at), key=lambda each: each.at)
            self._later = [each for each in self._later if each.at > at]
            yield from self._request(at, language)
            if self._chooser.random() < 0.004:
                yield from self._fix(at, language)
        yield from sorted(self._later, key=lambda each: each.at)

    def _language(self) -> str:
        return self._chooser.choices(list(TRUTH), [habit.weight for habit in TRUTH.values()])[0]

    def _at(self, at: float) -> dict[str, object]:
        return {"at": round(at, 3), **self._common}

    def _request(self, at: float, language: str) -> Iterator[events.Event]:
        chooser = self._chooser
        request_id = identifier(chooser)
        trigger = "invoked" if chooser.random() < 0.03 else "automatic"
        about = {"request_id": request_id, "language": language}
        yield events.Requested(**self._at(at), **about, trigger_kind=trigger)
        fate = chooser.random()
        if fate < 0.30:
            why = chooser.choice(["mid_word", "mid_word", "in_comment", "after_closer", "selection"])
            yield events.Skipped(**self._at(at), **about, reason=why)
            return
        backend = chooser.choices(list(BACKENDS), [each.weight for each in BACKENDS.values()])[0]
        served = BACKENDS[backend]
        took = chooser.lognormvariate(0, 0.45) * served.latency_ms
        if fate < 0.45:
            yield events.Superseded(**self._at(at + 0.1), **about)
            if served.model:
                yield self._asked(at, about, backend, took / 2, "cancelled")
            return
        if chooser.random() < served.faults:
            how = chooser.choice(["timeout_first_byte", "refused", "http_429"])
            yield events.BackendFault(
                **self._at(at + 0.3), backend=backend, model=served.model, fault=how, latency_ms=took, **about
            )
            yield self._asked(at, about, backend, took, "failed")
            return
        yield self._asked(at, about, backend, took, "answered")
        if fate < 0.62:
            cuts = chooser.choice([(), ("drop_repeated",), ("limit_to_scope", "drop_blank")])
            yield events.Discarded(
                **self._at(at + took / 1000), **about, backend=backend, model=served.model,
                reason="cut" if cuts else "empty", cut_by=cuts, latency_ms=took,
            )  # fmt: skip
            return
        yield from self._chain(at + took / 1000, request_id, language, trigger, backend, took)

    def _asked(self, at: float, about: dict[str, str], backend: str, took: float, outcome: str) -> events.Event:
        served, chooser = BACKENDS[backend], self._chooser
        tokens: dict[str, object] = {}
        if served.model:
            tokens = {
                "input_tokens": round(chooser.gauss(1400, 300)), "output_tokens": round(chooser.expovariate(1 / 30)),
                "cached_input_tokens": 900 if chooser.random() < 0.6 else 0, "cost": served.cost,
                "first_token_ms": took * 0.4,
            }  # fmt: skip
        return events.BackendAsked(
            **self._at(at + took / 1000), **about, backend=backend, model=served.model, outcome=outcome,
            n_tries=2 if chooser.random() < 0.02 else 1, latency_ms=took, **tokens,
        )  # fmt: skip

    def _chain(
        self, at: float, request_id: str, language: str, trigger: str, backend: str, took: float
    ) -> Iterator[events.Event]:
        chooser, served = self._chooser, BACKENDS[backend]
        chain_id = suggestion_id = identifier(chooser)
        multiline = chooser.random() < 0.25
        n_lines = chooser.randint(2, 8) if multiline else 1
        n_chars = max(3, round(chooser.gammavariate(2, 14))) * n_lines
        sure = min(1.0, max(0.0, chooser.gauss(0.7, 0.12))) if backend == "embedded" else None
        offer = events.Generated(
            **self._at(at), request_id=request_id, suggestion_id=chain_id, chain_id=chain_id, language=language,
            backend=backend, model=served.model, source="backend", trigger_kind=trigger, multiline=multiline,
            n_chars=n_chars, n_lines=n_lines, latency_ms=took, confidence=sure,
            cut_by=("limit_to_scope",) if chooser.random() < 0.2 else (),
        )  # fmt: skip
        yield offer
        offset = 0
        for _ in range(chooser.choices([0, 1, 2, 4], [5, 3, 2, 1])[0]):  # keys along it
            at, offset = at + chooser.uniform(0.1, 0.3), offset + 1
            if offset >= n_chars - 1:
                break
            request_id, suggestion_id = identifier(chooser), identifier(chooser)
            yield events.Requested(**self._at(at), request_id=request_id, language=language, trigger_kind="automatic")
            yield replace(
                offer, at=round(at, 3), request_id=request_id, suggestion_id=suggestion_id, chain_offset=offset,
                n_chars=n_chars - offset, source="typed_as_suggested", latency_ms=chooser.uniform(0.2, 1.5),
            )  # fmt: skip
        of_chain = {"suggestion_id": suggestion_id, "chain_id": chain_id}
        if chooser.random() < 0.35:
            yield events.Ignored(**self._at(at + 0.4), **of_chain, reason="typing_disagreed")
            return
        at += 0.75
        yield events.Shown(**self._at(at), **of_chain, inferred=True)
        habit = TRUTH[language]
        at += chooser.expovariate(1 / 1.5)
        accepts = habit.accepts * served.accepts * (0.7 if multiline else 1.0)
        fate = chooser.random()
        if fate < accepts:
            if chooser.random() < 0.08:
                length = max(1, n_chars // 3)
                yield events.PartiallyAccepted(**self._at(at), **of_chain, how="edit", accepted_length=length)
            else:
                length = n_chars - offset
                yield events.Accepted(**self._at(at), **of_chain, how="command", accepted_length=length)
            self._look_later(at, of_chain, length, habit)
        elif fate < accepts + 0.06:
            yield events.Typed(**self._at(at), **of_chain)
        elif fate < accepts + 0.10:
            yield events.Rejected(**self._at(at), **of_chain)
        else:
            why = chooser.choice(["typing_disagreed", "typing_disagreed", "cursor_left", "displaced"])
            yield events.Ignored(**self._at(at), **of_chain, reason=why)

    def _look_later(self, at: float, of_chain: dict[str, str], length: int, habit: Habit) -> None:
        chooser = self._chooser
        stays = chooser.random() < habit.survives
        left = (
            1.0
            if stays and chooser.random() < 0.6
            else chooser.uniform(0.55, 1.0)
            if stays
            else chooser.random() * 0.45
        )
        for n_th, moment in enumerate(MOMENTS):
            share = 1.0 if n_th == 0 and chooser.random() < 0.5 else left
            seconds = {"save": 70.0, "commit": 3000.0}.get(moment) or float(moment[:-1])
            self._later.append(
                events.RetentionChecked(
                    **self._at(at + seconds), **of_chain, moment=moment, kept=round(share, 4), survives=share >= 0.5,
                    n_lexemes=max(1, length // 4), kept_chars=round(share * length),
                )
            )  # fmt: skip

    def _fix(self, at: float, language: str) -> Iterator[events.Event]:
        chooser, fix_id = self._chooser, identifier(self._chooser)
        rule = chooser.choice(["ruff:F401", "ruff:F841", "pyright:reportMissingImports", "rustc:E0308"])
        mended = chooser.random() < 0.8
        yield events.FixOpened(**self._at(at), fix_id=fix_id, language=language, rule=rule, kind="fix", n_diagnostics=1)
        yield events.FixProposed(
            **self._at(at + 2), fix_id=fix_id, verdict="verified" if mended else "gave_up", backend="embedded", model="",
            n_tries=1, latency_ms=chooser.uniform(50, 2000), fixer=rule.split(":")[1],
        )  # fmt: skip
        if mended:
            yield events.FixApplied(**self._at(at + 3), fix_id=fix_id)
            yield events.FixChecked(**self._at(at + 4), fix_id=fix_id, gone=True)
            self._later.append(events.FixResolved(**self._at(at + 304), fix_id=fix_id, resolved=True, reason="gone"))


def write_days(path: Path, n_days: int, *, seed: int = 1, pace: int = 150, until: float | None = None) -> int:
    """Write so many days, the last of which ends at `until` (unix time), if that is given; returns how many events."""
    beginning = BEGINNING if until is None else until - n_days * DAY_S
    n_events = 0
    with closing(Store(path, max_bytes=10**13, retention_days=36_500, wall_clock=lambda: beginning)) as opened:
        for recorded in Developer(seed, pace=pace, beginning=beginning).days(n_days):
            opened.write(recorded)
            n_events += len(recorded)
    return n_events


def fill(path: Path, n_events: int, *, until: float, pace: int = 1200) -> int:
    """Write about `n_events`, ending at `until`: weeks of one developer, repeated with other ids. Returns how many."""
    weeks = 2
    per_copy = write_days(path, 7 * weeks, pace=pace, until=BEGINNING + 7 * weeks * DAY_S)
    n_copies = max(1, round(n_events / per_copy))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        columns = [name for (_, name, *_) in connection.execute("PRAGMA table_info(events)") if name != "id"]
        others = ", ".join(name for name in columns if name not in ("at", "session_id"))
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TEMP TABLE pattern AS SELECT * FROM events ORDER BY id")
        connection.execute("DELETE FROM events")
        for copy in range(n_copies):
            shift = until - (n_copies - copy) * 7 * weeks * DAY_S - BEGINNING
            connection.execute(
                f"INSERT INTO events (at, session_id, {others}) "
                f"SELECT at + ?, substr(session_id, 5) || ?, {others} FROM pattern ORDER BY id",
                (shift, f"{copy:04x}"),
            )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return n_copies * per_copy
