"""Overhead: what the server itself adds to a suggestion, with a backend that answers at once.

Each figure is the time until the answer is in the client's hands, so the pipes and the client's JSON are in it.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.sources import python_source
from tests.bench.table import Row, median, quantile
from tests.bench.wire import INLINE_COMPLETION, MINIMAL, OURS, Wire, configure

URI = "file:///bench/document.py"
# An answer that nobody types by accident, so that each key goes the whole way; the second is typed on purpose.
STATEMENT = "v{}_outcome = order.find_account(account_id, limit - 3).ledger"
SETTINGS = """
[completion]
debounce_max_ms = 0
prefetch = false
[cache]
enable = false
[index]
enable = false
[backend.instant]
kind = "scripted"
[[backend.instant.options.answers]]
prefix = 'typed_out = $'
text = "follow_the_suggestion_key_by_key(until, everything, stands, there, none, left)"
[[backend.instant.options.answers]]
text = "(zebra, quagga)"
[[route.completion]]
backend = "instant"
"""


def rows() -> list[Row]:
    """Keystrokes at three document lengths, hits of the caches, and the bare protocol."""
    result = []
    for size, n_keys, p50, p99 in ((1_000, 400, None, None), (10_000, 400, 3.0, 15.0), (50_000, 150, 25.0, None)):
        (ours, cpu), theirs = keystrokes(size, n_keys), minimal_keystrokes(size, n_keys if size < 50_000 else 60)
        name = f"overhead: didChange + ghost text, {size:,} lines"
        result += [
            Row(f"{name}, p50", median(ours), baseline=median(theirs), at_most=p50),
            Row(f"{name}, CPU, mean", cpu),
            Row(f"{name}, p99", quantile(ours, 0.99), baseline=quantile(theirs, 0.99), at_most=p99),
        ]
    open_brackets, _ = keystrokes(10_000, 400, closes_brackets=False)
    result.append(
        Row("overhead: the same, 10,000 lines, p50", median(open_brackets), note="editor leaves brackets open")
    )
    return [*result, *hit_rows(), round_trip_row()]


def keystrokes(size: int, n_keys: int, *, closes_brackets: bool = True) -> tuple[list[float], float]:
    """Milliseconds from sending a key to its ghost text, and those of the processor on average.

    Every key is a new place that no cache knows. Most editors close a bracket as it is opened. Where they do not, the Python
    grammar reads the rest of the file as the inside of that bracket until it is closed, and parses all of it anew.
    """
    with tempfile.TemporaryDirectory() as folder, Wire(OURS, configure(Path(folder), SETTINGS)) as wire:
        line = warm_up(wire, size)
        figures: list[float] = []
        before = wire.cpu_ms()
        statement = 0
        while len(figures) < n_keys:
            statement += 1
            # A new line each time: its number sees to it that no cache knows it.
            wire.change(URI, ((line, 0), (line, 0), "    \n"))
            column = 4
            for key in STATEMENT.format(statement):
                if key == ")" and closes_brackets:
                    column += 1  # typed over
                    continue
                pair = key + ")" if key == "(" and closes_brackets else key
                start = time.perf_counter()
                items = key_and_ghost_text(wire, line, column, pair, cursor=column + 1)
                figures.append((time.perf_counter() - start) * 1000)
                column += 1
            assert items, f"no ghost text after {STATEMENT.format(statement)!r}"
        return figures, (wire.cpu_ms() - before) / len(figures)


def minimal_keystrokes(size: int, n_keys: int) -> list[float]:
    """The same in the baseline, which parses nothing and always says the same."""
    with Wire(MINIMAL) as wire:
        line = warm_up(wire, size)
        figures = []
        for at in range(n_keys):
            start = time.perf_counter()
            key_and_ghost_text(wire, line, at % 50, "a")
            figures.append((time.perf_counter() - start) * 1000)
        return figures


def hit_rows() -> list[Row]:
    """Typing what is suggested, and coming back to a place that was answered before."""
    with tempfile.TemporaryDirectory() as folder, Wire(OURS, configure(Path(folder), SETTINGS)) as wire:
        line = warm_up(wire, 1_000)
        typed_out, hits = [], []
        for turn in range(12):
            text = f"    value_{turn}_typed_out = "
            wire.change(URI, ((line, 0), (line, 0), text + "\n"))
            (item, *_) = wire.complete(URI, line, len(text))
            rest = item["insertText"][len(text) - item["range"]["start"]["character"] :]
            for key in rest[:40]:
                start = time.perf_counter()
                items = key_and_ghost_text(wire, line, len(text), key)
                typed_out.append((time.perf_counter() - start) * 1000)
                assert items, f"typing {key!r} of the suggestion lost it"
                text += key
            column = len(text)
            wire.change(URI, ((line, column), (line, column), "["))
            wire.complete(URI, line, column + 1)
            for _ in range(10):
                wire.change(URI, ((line, column), (line, column + 1), ""), ((line, column), (line, column), "["))
                start = time.perf_counter()
                assert wire.complete(URI, line, column + 1)
                hits.append((time.perf_counter() - start) * 1000)
    return [
        Row("overhead: typed as suggested, p50", median(typed_out), at_most=0.5, note="didChange in it"),
        Row("overhead: cache hit, p50", median(hits), at_most=0.5),
    ]


def round_trip_row() -> Row:
    """A request and its answer, with nothing to do between them; both servers, by turns."""
    figures: dict[str, list[float]] = {"ours": [], "minimal": []}
    with (
        tempfile.TemporaryDirectory() as folder,
        Wire(OURS, configure(Path(folder), SETTINGS)) as ours,
        Wire(MINIMAL) as minimal,
    ):
        for wire in (ours, minimal):
            warm_up(wire, 100)
        for _ in range(600):
            for name, wire in (("ours", ours), ("minimal", minimal)):
                start = time.perf_counter()
                wire.round_trip()
                figures[name].append((time.perf_counter() - start) * 1000)
    return Row(
        "overhead: protocol round trip, p50", median(figures["ours"]), baseline=median(figures["minimal"]), at_most=0.25
    )


def key_and_ghost_text(wire: Wire, line: int, column: int, key: str, cursor: int = -1) -> list[dict[str, object]]:
    """Type one key and ask, as an editor does: two messages, one after the other."""
    wire.change(URI, ((line, column), (line, column), key))
    cursor = column + len(key) if cursor < 0 else cursor
    return wire.answer(wire.ask(INLINE_COMPLETION, wire.completion_params(URI, line, cursor)))["result"]["items"]


def warm_up(wire: Wire, size: int) -> int:
    """Open a document of `size` lines, and pass the first suggestions, which load things; returns a line between functions."""
    source = python_source(size)
    lines = source.split("\n")
    line = next(at for at in range(len(lines) // 2, len(lines)) if lines[at].startswith("def ")) + 2
    wire.initialize()
    wire.open(URI, source)
    for at in range(20):
        wire.change(URI, ((line, 0), (line, 0), f"    warm_{at} = {at}\n"))
        wire.complete(URI, line, len(f"    warm_{at} = {at}"))
    return line
