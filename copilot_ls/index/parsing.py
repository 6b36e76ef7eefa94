"""The second half of a pass: the syntax of the files that the first half has put in.

What was put in last comes first. Texts are those of the store, so that facts and text agree whatever happens on disk
meanwhile; each batch is one transaction, and a pass that was cut off goes on where it stood. Called by `worker`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.index.facts import file_facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.index.facts import Facts
    from copilot_ls.index.store import IndexStore

_BATCH_BYTES = 2 * 1024 * 1024
_BATCH_FILES = 500


def parse_workspace(store: IndexStore, progress: Callable[[int, int], None] = lambda *_: None) -> tuple[int, int]:
    """Find the facts of all files that have none yet; returns how many files and bytes were looked at.

    `progress` is told both after each batch.
    """
    n_files = n_bytes = n_bytes_before = 0
    batch: list[tuple[int, Facts | None]] = []
    for each in store.unparsed_files():
        batch.append((each.file_id, file_facts(store.text_of(each.file_id), each.language, each.path)))
        n_files, n_bytes = n_files + 1, n_bytes + each.size
        if n_bytes - n_bytes_before >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            store.put_facts(batch)
            batch, n_bytes_before = [], n_bytes
            progress(n_files, n_bytes)
    if batch:
        store.put_facts(batch)
    return n_files, n_bytes
