"""Gradient-boosted trees, evaluated in plain Python in some fifty microseconds a row.

A row meets many trees at once, as in QuickScorer (Lucchese and others, SIGIR 2015): each tree has a lane of 64 bits in
one long integer, a bit for each leaf from left to right. For each feature the thresholds of all trees are sorted, and a
mask is kept for each rank: it clears the leaves that cannot be reached by a number above that many thresholds. The
masks of a row's features, taken together with `&`, leave in each lane the leaf that is reached as the lowest bit. The
first trees are met before the others, which a row that has no hope by then never sees. Pure. Called by `confidence`;
made by `tests/bench/train_confidence.py`.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANE = 64
# Leaves are kept as whole numbers of this many parts of one.
LEAF_UNIT = 1000

# A leaf, or a split: as read from JSON.
Tree = Any
_Column = tuple[int, list[float], list[int]]


class Forest:
    """A sum of trees over some features of a row that comes in two parts, the first common to many rows.

    `thresholds` holds the sorted thresholds by feature. A tree is a leaf's value, in parts of `LEAF_UNIT`, or a list of
    a feature's name, the number of its threshold, and the trees for numbers up to the threshold and above it. A row
    whose sum over the first `n_first` trees is below `hopeless` is left with that sum by `sums`.
    """

    __slots__ = ("_base", "_first", "_hopeless", "_rest")

    def __init__(
        self,
        base: float,
        thresholds: Mapping[str, Sequence[float]],
        trees: Sequence[Tree],
        common: Sequence[str],
        own: Sequence[str],
        n_first: int = 0,
        hopeless: float = -math.inf,
    ) -> None:
        self._base, self._hopeless = base, hopeless
        self._first = _Grove(thresholds, trees[:n_first], common, own)
        self._rest = _Grove(thresholds, trees[n_first:], common, own)

    def sums(self, common: Sequence[float], rows: Sequence[Sequence[float]]) -> list[float]:
        """The sum of the reached leaves for each row."""
        found = [self._base + total / LEAF_UNIT for total in self._first.sums(common, rows)]
        hopeful = [at for at, total in enumerate(found) if total >= self._hopeless]
        more = self._rest.sums(common, [rows[at] for at in hopeful])
        for at, total in zip(hopeful, more, strict=True):
            found[at] += total / LEAF_UNIT
        return found


class _Grove:
    """Some trees of a forest, which a row meets at once."""

    __slots__ = ("_columns", "_common", "_every", "_leaves", "_lowest", "_size", "_unpack")

    def __init__(
        self,
        thresholds: Mapping[str, Sequence[float]],
        trees: Sequence[Tree],
        common: Sequence[str],
        own: Sequence[str],
    ) -> None:
        size = LANE * len(trees)
        self._every = (1 << size) - 1
        self._leaves: list[dict[int, int]] = []
        cleared: dict[str, dict[int, int]] = {name: {} for name in thresholds}
        for number, tree in enumerate(trees):
            leaves: list[int] = []
            self._plant(tree, LANE * number, leaves, cleared)
            self._leaves.append({1 << at: value for at, value in enumerate(leaves)})
        self._lowest = sum(1 << (LANE * number) for number in range(len(trees)))
        self._size = size // 8
        self._unpack = struct.Struct(f"<{len(trees)}Q").unpack
        self._common = _columns(common, thresholds, cleared, self._every)
        self._columns = _columns(own, thresholds, cleared, self._every)

    def _plant(self, tree: Tree, lane: int, leaves: list[int], cleared: dict[str, dict[int, int]]) -> None:
        """Add a tree's leaves from left to right, and note which of them a number above each threshold rules out."""
        if not isinstance(tree, list):
            leaves.append(tree)
            return
        name, threshold, below, above = tree
        first = len(leaves)
        self._plant(below, lane, leaves, cleared)
        within = ((1 << (len(leaves) - first)) - 1) << (lane + first)
        cleared[name][threshold] = cleared[name].get(threshold, 0) | within
        self._plant(above, lane, leaves, cleared)

    def sums(self, common: Sequence[float], rows: Sequence[Sequence[float]]) -> list[int]:
        """The sum of the reached leaves for each row, in parts of `LEAF_UNIT`."""
        if not self._leaves:
            return [0] * len(rows)
        shared = self._every
        for at, thresholds, masks in self._common:
            shared &= masks[bisect_left(thresholds, common[at])]
        columns, leaves, lowest, size, unpack = self._columns, self._leaves, self._lowest, self._size, self._unpack
        found: list[int] = []
        for row in rows:
            reached = shared
            for at, thresholds, masks in columns:
                # Many numbers are 0, and above no threshold.
                rank = bisect_left(thresholds, row[at])
                if rank:
                    reached &= masks[rank]
            reached &= reached ^ (reached - lowest)
            found.append(sum(map(dict.__getitem__, leaves, unpack(reached.to_bytes(size, "little")))))
        return found


def _columns(
    names: Sequence[str],
    thresholds: Mapping[str, Sequence[float]],
    cleared: Mapping[str, Mapping[int, int]],
    every: int,
) -> list[_Column]:
    """The place of each feature that is asked for in the row, its thresholds, and the masks by how many are below."""
    columns: list[_Column] = []
    for at, name in enumerate(names):
        used = sorted(cleared.get(name, ()))
        if used:
            masks = [every]
            for number in used:
                masks.append(masks[-1] & ~cleared[name][number])
            columns.append((at, [thresholds[name][number] for number in used], masks))
    return columns
