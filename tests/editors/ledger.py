"""A session that is written down by hand, and the rows that it must leave behind in whatever editor it is played.

A scripted model says the same at the same places, so that every ghost text is known beforehand. `EXPECTED` is the ledger: one
entry for each ghost text that was seen, in their order, each row as (event, how, code points accepted in all, reason). What
depends on time alone, such as being looked at after 15 seconds, is left out; so are ghost texts that were gone before anybody
can have seen them, which must have left nothing but `ignored`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from copilot_ls_telemetry.store import NothingRecordedError, reading

from tests.editors.conftest import wait_until

ANSWERS = {
    "total": "compute_total(basket)",
    "label": "render_label(basket, locale)",
    "price": "amount",
    "flag": "is_ready(basket)",
    "name": "describe(basket)",
    "tax": "rate_of(basket)",
}
CONFIG = (
    '[backend.script]\nkind = "scripted"\n'
    + "".join(
        f"[[backend.script.options.answers]]\nprefix = '{word} = \\Z'\ntext = '{text}'\n"
        for word, text in ANSWERS.items()
    )
    + '[route]\ncompletion = ["script"]\n[cache]\nenable = false\n'
)
WHOLE = len(ANSWERS["total"])
EXPECTED = [
    # total: taken whole
    [("shown",), ("accepted", "command", WHOLE), ("save", 1.0), ("close", 1.0)],
    # label: its first word taken, then written on in another way
    [("shown",), ("partially_accepted", len("render_label")), ("save", 1.0), ("close", 1.0)],
    # price: typed out
    [("shown",), ("typed",)],
    # flag: dismissed
    [("shown",), ("rejected",)],
    # name: written in another way
    [("shown",), ("ignored", "typing_disagreed")],
    # tax: taken whole, and undone
    [("shown",), ("accepted", "command", len(ANSWERS["tax"])), ("save", 0.0), ("close", 0.0)],
]


class Person(Protocol):
    """What a person does in an editor, by keys."""

    def begin_line(self, text: str) -> None: ...
    def type(self, text: str) -> None: ...
    def wait_ghost_text(self, text: str) -> None: ...
    def wait_line(self, text: str) -> None: ...
    def accept(self) -> None: ...
    def accept_word(self) -> None: ...
    def dismiss(self) -> None: ...
    def undo_line(self, text: str) -> None: ...
    def save(self) -> None: ...
    def close(self) -> None: ...


def play(person: Person, database: Path) -> None:
    """The session."""

    def see(word: str) -> str:
        """Write up to the place, and look at the ghost text until it counts as shown."""
        before = count(database, "shown")
        person.begin_line(f"{word} = ")
        person.wait_ghost_text(ANSWERS[word])
        wait_until(lambda: count(database, "shown") == before + 1, f"{word} to be shown")
        return f"{word} = "

    line = see("total")
    person.accept()
    person.wait_line(line + ANSWERS["total"])
    wait_until(lambda: count(database, "accepted") == 1, "the acceptance")

    line = see("label")
    person.accept_word()
    person.wait_line(line + "render_label")
    person.wait_ghost_text("(basket, locale)")
    person.type(" + name_of(locale)")
    wait_until(lambda: count(database, "partially_accepted") == 1, "the word")

    see("price")
    for at, key in enumerate(ANSWERS["price"], 1):
        person.type(key)
        if at < len(ANSWERS["price"]):
            person.wait_ghost_text(ANSWERS["price"][at:])
    wait_until(lambda: count(database, "typed") == 1, "what was typed out")

    see("flag")
    person.dismiss()
    wait_until(lambda: count(database, "rejected") == 1, "the dismissal")

    see("name")
    person.type("zz")
    wait_until(
        lambda: [row for row in lives(database) if ("ignored", "typing_disagreed") in row], "what was typed over"
    )

    line = see("tax")
    person.accept()
    person.wait_line(line + ANSWERS["tax"])
    wait_until(lambda: count(database, "accepted") == 2, "the second acceptance")
    person.undo_line(line + ANSWERS["tax"])

    person.save()
    wait_until(lambda: moments(database).count("save") == 3, "the look at what was saved")
    person.close()
    wait_until(lambda: moments(database).count("close") == 3, "the look at what was closed")


def check(database: Path) -> None:
    """The rows are those of the ledger, and every request has one end."""
    told = lives(database)
    assert [life for life in told if ("shown",) in life] == EXPECTED
    unseen = [life for life in told if ("shown",) not in life]
    assert all(len(life) == 1 and life[0][0] == "ignored" for life in unseen), unseen
    ends: dict[str, set[str]] = {}
    requested = []
    for row in rows(database):
        if row["event"] == "requested":
            requested.append(row["request_id"])
        elif row["event"] in {"skipped", "superseded", "discarded", "generated"}:
            ends.setdefault(row["request_id"], set()).add(row["event"])
    assert len(set(requested)) == len(requested)
    assert set(requested) == ends.keys()
    assert all(len(each) == 1 for each in ends.values())


def lives(database: Path) -> list[list[tuple[Any, ...]]]:
    """What became of each ghost text, in the order in which they were first offered; rows in the order of their time."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in sorted(rows(database), key=lambda row: row["at"]):
        chain, event = row["chain_id"], row["event"]
        if chain is None:
            continue
        life = found.setdefault(chain, [])
        if event == "accepted":
            life.append((event, row["how"], row["accepted_length"]))
        elif event == "partially_accepted":
            life.append((event, row["accepted_length"]))
        elif event == "ignored":
            life.append((event, row["reason"]))
        elif event == "retention_checked" and not row["moment"].endswith("s"):
            life.append((row["moment"], row["kept"]))
        elif event in {"shown", "typed", "rejected"}:
            life.append((event,))
    return list(found.values())


def moments(database: Path) -> list[str]:
    return [row["moment"] for row in rows(database) if row["event"] == "retention_checked"]


def count(database: Path, event: str) -> int:
    return sum(row["event"] == event for row in rows(database))


def rows(database: Path) -> list[dict[str, Any]]:
    """All events, oldest first."""
    try:
        with reading(database) as connection:
            return [dict(row) for row in connection.execute("SELECT * FROM events ORDER BY id")]
    except NothingRecordedError:
        return []
