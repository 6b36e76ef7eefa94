"""How long to wait before asking a backend that costs something, so that fast typing does not ask once per key.

The first key after a pause costs nothing: nobody knows that another will follow. Within a burst, waiting pays only if
the next key is likely to come during the wait: so the wait is a little more than the typist's own rhythm, and there is
none when that rhythm is slower than the longest wait allowed.

Pure but for its memory of recent keys; time is given. Called by `inline_completion`.
"""

from __future__ import annotations

# Keys further apart than this belong to different bursts.
_BURST_GAP_S = 0.5
# Weight of the newest interval in the running mean: about the last six keys count.
_NEWEST = 0.3
# How much longer than the mean interval to wait: covers the usual spread of a typist's rhythm.
_MARGIN = 1.25


class AdaptiveDebounce:
    """One typist's rhythm."""

    def __init__(self) -> None:
        self._last_key_at: float | None = None
        self._interval_s: float | None = None
        self._n_keys_in_burst = 0

    def key_typed(self, at: float) -> None:
        """Take note of an edit at `at` seconds."""
        last, self._last_key_at = self._last_key_at, at
        if last is None or at - last > _BURST_GAP_S:
            self._n_keys_in_burst = 1
            return
        self._n_keys_in_burst += 1
        interval = at - last
        known = self._interval_s
        self._interval_s = interval if known is None else known + _NEWEST * (interval - known)

    def wait_s(self, at: float, longest_s: float) -> float:
        """Seconds to wait at `at` before asking; none outside a burst, never more than `longest_s`."""
        if self._last_key_at is None or self._interval_s is None or self._n_keys_in_burst < 2:  # noqa: PLR2004 - a pair
            return 0.0
        wanted = self._interval_s * _MARGIN
        if wanted > longest_s:
            return 0.0
        return max(0.0, wanted - (at - self._last_key_at))
