"""Which backend of a route earns its wait and its price, from what became of its answers.

Evidence of a backend in a language is what requests came to that asked it first: characters that were accepted and
stayed, seconds waited, money spent. Later backends of a route are asked where the first had nothing to say, which says
nothing of how they would do as the first; so now and then, once there is history, the second one is asked first.

The user's order stands until the evidence against it is strong. A backend comes before another that the user put before
it when it is cheaper or costs the same, keeps no one waiting longer, and brings surely at least nearly as much; or
brings surely more, costs no more, and is not much slower. Surely: the 95 % intervals, by the normal approximation, say
so. Nothing is ever asked that the route does not hold, nor against a limit; that is `routing`'s to say. Backends within
this process stay where they are: to ask them first or last means another way of completing.

Pure. Fed by `learning`, asked by `ask`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# What an outcome leaves of older evidence: the last thousand or so count.
KEPT = 0.999
# First asks before a backend's figures count, and the two-sided 95 % quantile of the normal distribution.
LEAST_ASKS = 80.0
_Z95 = 1.96
# Bringing this share of what another brings is nearly as much; waiting this much longer is not much slower.
NEARLY, MUCH_SLOWER = 0.9, 1.5
# How often another backend than the first is asked first, so that there is evidence at all.
EXPLORED = 1 / 32


class Evidence(NamedTuple):
    """Faded sums over requests that asked a backend first: requests, characters kept, their squares, seconds, money."""

    n: float = 0.0
    kept: float = 0.0
    kept_squared: float = 0.0
    waited_s: float = 0.0
    cost: float = 0.0

    @property
    def brings(self) -> float:
        """Characters kept per request."""
        return self.kept / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of that."""
        if not self.n:
            return 0.0, 0.0
        half = _Z95 * sqrt(max(self.kept_squared / self.n - self.brings**2, 0.0) / self.n)
        return max(0.0, self.brings - half), self.brings + half

    @property
    def waits_s(self) -> float:
        """Seconds per request."""
        return self.waited_s / self.n if self.n else 0.0

    @property
    def costs(self) -> float:
        """Money per request."""
        return self.cost / self.n if self.n else 0.0


@dataclass(slots=True)
class RouteEvidence:
    """Evidence by backend and language."""

    MOST: ClassVar[int] = 128

    by_key: dict[str, Evidence] = field(default_factory=dict)

    def asked(self, backend: str, language_id: str, *, waited_s: float, cost: float) -> None:
        """A request asked this backend first."""
        old = self._known(backend, language_id)
        if old is not None:
            n, kept, squared, waited, paid = (KEPT * number for number in old)
            self.by_key[_key(backend, language_id)] = Evidence(n + 1.0, kept, squared, waited + waited_s, paid + cost)

    def kept(self, backend: str, language_id: str, n_chars: float) -> None:
        """Of this backend's answer to a request that asked it first, so many characters were accepted and stayed."""
        old = self._known(backend, language_id)
        if old is not None:
            self.by_key[_key(backend, language_id)] = old._replace(
                kept=old.kept + n_chars, kept_squared=old.kept_squared + n_chars * n_chars
            )

    def of(self, backend: str, language_id: str) -> Evidence | None:
        """The evidence of a backend in a language; None where there is none."""
        return self.by_key.get(_key(backend, language_id))

    def order(self, backends: Sequence[str], language_id: str, *, fixed: Sequence[bool]) -> list[int]:
        """The places of `backends`, the one to be asked first coming first; those that are `fixed` stay."""
        movable = [at for at, stays in enumerate(fixed) if not stays]
        ranked: list[int] = []
        for at in movable:
            place = len(ranked)
            while place and self.goes_before(backends[at], backends[ranked[place - 1]], language_id):
                place -= 1
            ranked.insert(place, at)
        moved = iter(ranked)
        return [at if stays else next(moved) for at, stays in enumerate(fixed)]

    def goes_before(self, later: str, earlier: str, language_id: str) -> bool:
        """Whether the evidence is strong that `later`, which the user put behind `earlier`, should come before it."""
        one, other = (self.of(name, language_id) for name in (later, earlier))
        if one is None or other is None or min(one.n, other.n) < LEAST_ASKS or one.costs > other.costs:
            return False
        surely_more = one.interval[0] > other.interval[1] and one.waits_s <= MUCH_SLOWER * other.waits_s
        surely_nearly = one.interval[0] >= NEARLY * other.interval[1] and one.waits_s <= other.waits_s
        pays = one.costs < other.costs or one.waits_s < other.waits_s / MUCH_SLOWER
        return surely_more or (surely_nearly and pays)

    def _known(self, backend: str, language_id: str) -> Evidence | None:
        key = _key(backend, language_id)
        if key not in self.by_key and len(self.by_key) >= self.MOST:
            return None
        return self.by_key.get(key, Evidence())


def _key(backend: str, language_id: str) -> str:
    return f"{backend[:40]} {language_id[:24]}"
