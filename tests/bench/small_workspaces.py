"""Lines of a replay as they would be typed into a young file, or where next to nothing is open or indexed.

What a large repository has to say of a line is taken away in part: the index, or all but a few files of it; the other open
files; what stood above the line but for the last few blocks, and what stood below. So a model that is fitted on histories
of grown repositories meets the first hour of one, too. Called by `train_confidence`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.bench.replay import workspace

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from tests.bench.replay import TypedLine

# The share of the cut down lines whose index is made anew of a few files; the others have none.
_SHARE_INDEXED = 0.35
_MOST_FILES = 6
# The share of them that stand in a young file, and how many lines it has above the cursor at most.
_SHARE_YOUNG = 0.7
_YOUNG_LINES = (2, 60)
_SHARE_ALONE = 0.7


@contextmanager
def cut_down(typed: TypedLine, rng: random.Random) -> Iterator[TypedLine]:
    """The line with less around it. The index is closed afterwards."""
    if rng.random() < _SHARE_YOUNG:
        typed = _young(typed, rng)
    if rng.random() < _SHARE_ALONE:
        typed = typed._replace(others=[])
    if typed.index is not None and rng.random() < _SHARE_INDEXED:
        with workspace(_few_files(typed, rng)) as opened:
            yield typed._replace(index=opened.index)
    else:
        yield typed._replace(index=None)


def _young(typed: TypedLine, rng: random.Random) -> TypedLine:
    """The line at the end of a file of a few lines, the first and last of those that stood above it.

    The last begin with a line that is no deeper than any after it, as a file does. Nothing else was edited.
    """
    n_lines = rng.randint(*_YOUNG_LINES)
    above = typed.above[-n_lines:]
    depths = [(len(line) - len(line.lstrip()), at) for at, line in enumerate(above) if line.strip()]
    if depths:
        above = above[min(depths)[1] :]
    n_first = min(len(typed.above) - len(above), rng.choice((0, 0, 4, 10)))
    above = [*typed.above[:n_first], *above]
    below = typed.below[: rng.choice((0, 0, 0, 2))]
    return typed._replace(at=len(above), above=above, below=below, edits=[])


def _few_files(typed: TypedLine, rng: random.Random) -> dict[str, str]:
    """Some files of the index, those of the same folder first, but never this one."""
    folder = typed.path.rpartition("/")[0]
    paths = [file.path for file in typed.index.files() if file.path != typed.path]
    rng.shuffle(paths)
    paths.sort(key=lambda path: path.rpartition("/")[0] != folder)
    return {
        path: "\n".join(typed.index.file_lines(path, 0, 2_000)) + "\n" for path in paths[: rng.randint(1, _MOST_FILES)]
    }
