"""A file as the store has it, put together again: what `changed_facts` begins with. Called by `reading`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_ls.index import schema
from copilot_ls.index.changed_facts import Known
from copilot_ls.index.facts import BaseRow, Declaration, Facts, ImportRow

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[[str, tuple[object, ...]], list[tuple[Any, ...]]]


def saved_state(ask: Ask, file: int) -> Known | None:
    """The lines and the facts of a file; None until its syntax has been looked at, and for what has none."""
    if not ask("SELECT 1 FROM files WHERE id = ? AND finished", (file,)):
        return None
    used = ask("SELECT data FROM used WHERE file = ?", (file,))
    if not used:
        return None
    blocks = ask(
        "SELECT text FROM blocks WHERE id BETWEEN ? AND ? ORDER BY id",
        (file << schema.CHUNK_BITS, ((file + 1) << schema.CHUNK_BITS) - 1),
    )

    def rows(kind: type[Any], table: str) -> list[Any]:
        query = f"SELECT {', '.join(kind._fields)} FROM {table} WHERE file = ? ORDER BY rowid"  # noqa: S608 -- own names
        return [kind(*row) for row in ask(query, (file,))]

    return Known(
        [line for (text,) in blocks for line in text.split("\n")],
        Facts(rows(Declaration, "definitions"), used[0][0], "", rows(ImportRow, "imports"), rows(BaseRow, "bases")),
    )
