"""What a request costs, from the prices in the settings and the tokens that the backend counted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.backends.base import Usage
    from copilot_ls.config.settings import BackendSettings

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a million tokens of each kind, and of one request, in the user's own unit."""

    input: float
    cached_input: float
    cache_write: float
    output: float
    request: float

    def cost_of(self, usage: Usage) -> float:
        """The cost of one request; tokens that were not counted cost nothing."""
        cached = usage.cached_input_tokens or 0
        written = usage.cache_write_tokens or 0
        fresh = max((usage.input_tokens or 0) - cached - written, 0)
        tokens = (
            fresh * self.input
            + cached * self.cached_input
            + written * self.cache_write
            + (usage.output_tokens or 0) * self.output
        )
        return tokens / _MILLION + self.request

    def at_most(self, input_tokens: int, output_tokens: int) -> float:
        """The most that a request of this size can cost."""
        dearest = max(self.input, self.cached_input, self.cache_write)
        return (input_tokens * dearest + output_tokens * self.output) / _MILLION + self.request


def prices_of(settings: BackendSettings) -> Prices | None:
    """The prices of a backend; None when it has none, and so costs nothing."""
    fresh = settings.input_price
    given = (fresh, settings.cached_input_price, settings.cache_write_price, settings.output_price)
    if all(price is None for price in (*given, settings.request_price)):
        return None
    base = fresh or 0.0
    return Prices(
        input=base,
        cached_input=base if settings.cached_input_price is None else settings.cached_input_price,
        cache_write=base if settings.cache_write_price is None else settings.cache_write_price,
        output=settings.output_price or 0.0,
        request=settings.request_price or 0.0,
    )
