"""Levenshtein distance with a bound, for short lines.

The bound keeps the work within a diagonal band (Ukkonen, "Algorithms for approximate string matching", 1985).
"""

from __future__ import annotations


def within(left: str, right: str, bound: int) -> bool:
    """Whether at most `bound` insertions, deletions and replacements turn `left` into `right`."""
    if left == right:
        return True
    if abs(len(left) - len(right)) > bound:
        return False
    far = bound + 1
    row = [column if column <= bound else far for column in range(len(right) + 1)]
    for number, character in enumerate(left, 1):
        start, end = max(1, number - bound), min(len(right), number + bound)
        next_row = [far] * (len(right) + 1)
        if number <= bound:
            next_row[0] = number
        for column in range(start, end + 1):
            replaced = row[column - 1] + (character != right[column - 1])
            next_row[column] = min(replaced, row[column] + 1, next_row[column - 1] + 1, far)
        if min(next_row) > bound:
            return False
        row = next_row
    return row[-1] <= bound
