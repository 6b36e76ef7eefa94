"""A session under the socket audit: everything that a user does in a day, with no backend configured.

Called by the test that forbids any use of the network, and by the benchmark that counts it.
"""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.wire import OURS, Wire, private_folders

AUDIT = Path(__file__).parent
SOURCE = "def place(order):\n    notify(order.customer, template='placed')\n\n\ndef ship(order):\n    notify(order.customer, template='shipped')\n\n\n"


def variables(log: Path) -> dict[str, str]:
    """Environment that has a Python process, and its children, write their use of the network to `log`."""
    return {"PYTHONPATH": str(AUDIT), "COPILOT_LS_TEST_SOCKET_AUDIT": str(log)}


def session(folder: Path) -> tuple[list[str], int, bool]:
    """Run one; returns the events, the number of processes watched, and whether ghost text was offered."""
    log, workspace = folder / "sockets.log", folder / "workspace"
    workspace.mkdir()
    for number in range(20):
        (workspace / f"module_{number}.py").write_text(SOURCE, "utf-8")
    uri = (workspace / "open.py").as_uri()
    typed = "    notify(order.cus"
    offered = False
    with Wire(OURS, private_folders(folder) | variables(log)) as wire:
        wire.initialize(workspace)
        wire.open(uri, SOURCE)
        wire.change(uri, ((8, 0), (8, 0), "def refund(order):\n" + typed))
        end = time.monotonic() + 15
        while time.monotonic() < end and not offered:
            items = wire.complete(uri, 9, len(typed), trigger_kind=1)
            offered = bool(items)
        if items and items[0].get("command"):
            wire.change(uri, ((9, 0), (9, len(typed)), items[0]["insertText"]))
            wire.call(
                "workspace/executeCommand",
                {"command": items[0]["command"]["command"], "arguments": items[0]["command"]["arguments"]},
            )
        wire.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        wire.round_trip()
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    watched = [line for line in lines if " watching " in line]
    return [line for line in lines if line not in watched], len(watched), offered
