"""The second half of a pass: lines and syntax of the files that the first half has made searchable.

What was put in last comes first. Texts are those of the store, so that facts and text agree whatever happens on disk
meanwhile; each batch is one transaction, and a pass that was cut off goes on where it stood. Called by `worker`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.index.crew import Crew
from copilot_ls.index.facts import Facts, PlainFacts, plain_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from copilot_ls.index.bounds import Bounds
    from copilot_ls.index.store import IndexStore, UnfinishedFile

# What goes to a process at a time, and what is written at a time: large, as all lines of a batch are sorted together.
_PIECE_BYTES = 128 * 1024
_BATCH_BYTES = 8 * 1024 * 1024
_BATCH_FILES = 2_000


def finish_files(
    store: IndexStore,
    crew: Crew | None = None,
    *,
    most_bytes: int | None = None,
    bounds: Bounds | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Give all files their second step, or the first ones up to `most_bytes` or to a bound; returns how many.

    `progress` is told after each batch how many are done, and of how many.
    """
    files = store.unfinished_files()
    n_done = 0
    texts: dict[int, str] = {}
    batch: list[tuple[int, str, Facts]] = []
    n_bytes = 0
    for found in (crew or Crew(helper=False)).run(
        "parsing:find_facts", _pieces(store, files, texts, most_bytes, bounds)
    ):
        for file_id, facts in found:
            text = texts.pop(file_id)
            batch.append((file_id, text, Facts(*facts)))
            n_bytes += len(text)
        if n_bytes >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            store.finish(batch)
            n_done, batch, n_bytes = n_done + len(batch), [], 0
            progress(n_done, len(files))
    if batch:
        store.finish(batch)
    return n_done + len(batch)


def find_facts(files: Iterable[tuple[int, str, str, str, str]]) -> list[tuple[int, PlainFacts]]:
    """The facts of texts, by the ids of their files: what a crew does."""
    return [(file_id, plain_facts(text, language, family, path)) for file_id, text, language, family, path in files]


def _pieces(
    store: IndexStore,
    files: list[UnfinishedFile],
    texts: dict[int, str],
    most_bytes: int | None,
    bounds: Bounds | None,
) -> Iterator[tuple[list[tuple[int, str, str, str, str]]]]:
    piece: list[tuple[int, str, str, str, str]] = []
    n_bytes = n_all = 0
    for each in files:
        if not piece and bounds is not None and bounds.reached():
            return
        texts[each.file_id] = text = store.text_of(each.file_id)
        piece.append((each.file_id, text, each.language, each.family, each.path))
        n_bytes, n_all = n_bytes + len(text), n_all + len(text)
        if n_bytes >= _PIECE_BYTES:
            yield (piece,)
            piece, n_bytes = [], 0
        if most_bytes is not None and n_all >= most_bytes:
            break
    if piece:
        yield (piece,)
