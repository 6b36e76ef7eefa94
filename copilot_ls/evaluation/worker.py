"""One process that carries out units: a line of JSON for each in, a line for each record out, and one at its end.

Ends when its input does: whoever started it is gone, and nobody would read what it makes. Started by `crew`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import queue
import sys
import threading
import time
from typing import IO, Any

from copilot_ls.errors import CopilotLsError, place_of
from copilot_ls.evaluation.units import Record, Unit, carry_out_of

_NICENESS = 5


def main() -> None:
    """Do what comes in, until nothing comes any more."""
    logging.disable(logging.CRITICAL)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    # Whatever a backend's package prints must not come between the lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, waiting), daemon=True).start()
    with contextlib.suppress(OSError, KeyboardInterrupt):
        while True:
            _say(out, do(Unit.of(waiting.get()), lambda record: _say(out, {"record": record.as_json()})))


def do(unit: Unit, emit: Any) -> dict[str, Any]:  # noqa: ANN401 - takes a record
    """Carry a unit out; what is said at its end: `done`, the processor's time, and the problem if there was one."""
    cpu = time.process_time()
    problem = ""
    try:
        asyncio.run(carry_out_of(unit.kind)(unit, emit))
    except CopilotLsError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}"
    except Exception as error:  # noqa: BLE001 - one unit less; the message might quote source text
        problem = f"a mistake in copilot-ls: {place_of(error)}"
    return {"done": unit.id, "problem": problem, "cpu_s": round(time.process_time() - cpu, 3)}


def _say(out: IO[str], what: dict[str, Any]) -> None:
    out.write(json.dumps(what) + "\n")
    out.flush()


def _read(stream: IO[bytes], waiting: queue.SimpleQueue[bytes]) -> None:
    for line in stream:
        waiting.put(line)
    os._exit(0)


def carried_out(line: str) -> list[str]:
    """Carry out a unit that came over a network, all at once: the lines that `main` would print.

    What another copilot-ls has planned is refused, because the numbers would not belong together.
    """
    from copilot_ls import __version__

    unit = Unit.of(line)
    if unit.version != __version__:
        problem = (
            f"this worker has copilot-ls {__version__}, and {unit.version} planned the evaluation; install the same"
        )
        return [json.dumps({"done": unit.id, "problem": problem, "cpu_s": 0.0})]
    lines: list[str] = []

    def emit(record: Record) -> None:
        lines.append(json.dumps({"record": record.as_json()}))

    end = do(unit, emit)
    return [*lines, json.dumps(end)]


if __name__ == "__main__":
    main()
