"""Offering code actions: what each request costs, after a keystroke, in documents with many diagnostics.

VS Code asks after every cursor move and edit. The baseline is the same server's cheapest round trip in the same turn.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.keystroke import URI, settle
from tests.bench.sources import python_source
from tests.bench.table import Row, median
from tests.bench.wire import OURS, Wire, private_folders

N_DIAGNOSTICS = 50
TURNS = 200


def rows() -> list[Row]:
    """Unasked, right after a keystroke; asked for, in a text that is at rest; and asked for right after a keystroke."""
    result = []
    for size in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder, Wire(OURS, private_folders(Path(folder))) as wire:
            settle(wire, python_source(size))
            _publish(wire, size)
            for kind, trigger, rests in _KINDS:
                offered, empty = _turns(wire, size, trigger, rests=rests)
                measure = f"actions: {kind}, {size:,} lines, {N_DIAGNOSTICS} diagnostics"
                # What a keystroke unsettles has to be parsed once, by whoever asks first; ghost text does, usually.
                result.append(Row(measure, offered, "ms", empty, at_most=None if trigger == 1 and not rests else 3))
    return result


_KINDS = (
    ("unasked, after a keystroke", 2, False),
    ("asked for, at rest", 1, True),
    ("asked for, after a keystroke, parsing included", 1, False),
)


def _turns(wire: Wire, size: int, trigger: int, *, rests: bool) -> tuple[float, float]:
    """Median milliseconds of a request for actions after an edit, and of a round trip that does nothing."""
    offered, empty = [], []
    line = size // 2

    def ask(turn: int) -> None:
        at = {"line": line + turn % 5, "character": 4}
        context = {"diagnostics": [], "triggerKind": trigger}
        params = {"textDocument": {"uri": URI}, "range": {"start": at, "end": at}, "context": context}
        wire.call("textDocument/codeAction", params)

    for turn in range(TURNS):
        typed = turn % 2 == 0
        wire.write(wire.change_frame(URI, ((line, 0), (line, 0 if typed else 1), "x" if typed else "")))
        wire.round_trip()
        if rests:
            ask(turn)
        start = time.perf_counter()
        ask(turn + 1 if rests else turn)
        offered.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        wire.round_trip()
        empty.append((time.perf_counter() - start) * 1000)
    return median(offered), median(empty)


def _publish(wire: Wire, size: int) -> None:
    found = []
    for n in range(N_DIAGNOSTICS):
        line = (size // 2 + n // 5) if n < N_DIAGNOSTICS // 2 else n * size // N_DIAGNOSTICS
        span = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 9}}
        found.append({"range": span, "message": f"problem {n}", "source": "Ruff", "code": "X", "severity": 1 + n % 4})
    wire.notify("copilot-ls/didPublishDiagnostics", {"uri": URI, "diagnostics": found})
