"""The network: how often a session without a configured backend uses it. Seen by an audit hook in every Python process."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.table import Row
from tests.socket_audit.audited import session


def rows() -> list[Row]:
    """One session with ghost text, an acceptance and the index's own process."""
    with tempfile.TemporaryDirectory() as folder:
        events, watched, offered = session(Path(folder))
    if not offered or not watched:
        raise RuntimeError("the session offered no ghost text, or was not watched: it would prove nothing")
    return [
        Row(
            "sockets: opened without a configured backend",
            len(events),
            "",
            at_most=0,
            note=f"{watched} processes watched",
        )
    ]
