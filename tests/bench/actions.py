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
    """Unasked, as after a keystroke, and asked for; the lengths take turns with nothing."""
    result = []
    for size in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder, Wire(OURS, private_folders(Path(folder))) as wire:
            settle(wire, python_source(size))
            for kind, trigger in (("unasked", 2), ("asked for", 1)):
                offered, empty = _turns(wire, size, trigger)
                measure = f"actions: {kind} after a keystroke, {size:,} lines, {N_DIAGNOSTICS} diagnostics"
                result.append(Row(measure, offered, "ms", empty, at_most=3))
    return result


def _turns(wire: Wire, size: int, trigger: int) -> tuple[float, float]:
    """Median milliseconds of a request for actions right after an edit, and of a round trip that does nothing."""
    offered, empty = [], []
    line = size // 2
    _publish(wire, size)
    for turn in range(TURNS):
        typed = turn % 2 == 0
        wire.write(wire.change_frame(URI, ((line, 0), (line, 0 if typed else 1), "x" if typed else "")))
        wire.round_trip()
        at = {"line": line + turn % 5, "character": 4}
        context = {"diagnostics": [], "triggerKind": trigger}
        start = time.perf_counter()
        wire.call(
            "textDocument/codeAction",
            {"textDocument": {"uri": URI}, "range": {"start": at, "end": at}, "context": context},
        )
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
