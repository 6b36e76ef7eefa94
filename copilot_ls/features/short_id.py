"""Ids of sessions, requests, suggestions and fixes: short, since each stands in several rows of the statistics.

Ten signs of base 32 hold 50 bits: among the 100,000 ids of a very long session, two are equal with a chance of one in
200,000, and an id is looked up together with its session. Fit to be read out and typed. Called by the workbench.
"""

from __future__ import annotations

import secrets

_SIGNS = "abcdefghijklmnopqrstuvwxyz234567"
_BITS_PER_SIGN = 5
N_SIGNS = 10


def short_id(random_bits: int | None = None) -> str:
    """An id of its own, or the one that `random_bits` make."""
    bits = secrets.randbits(N_SIGNS * _BITS_PER_SIGN) if random_bits is None else random_bits
    return "".join(_SIGNS[bits >> shift & 31] for shift in range(0, N_SIGNS * _BITS_PER_SIGN, _BITS_PER_SIGN))
