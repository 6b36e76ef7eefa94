"""What was counted while a file was typed: plain numbers that add up, and nothing of the text.

Made by `session`, written to the ledger as JSON, made into shares and intervals by `figures`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

N_BINS = 20
"""Steps of confidence."""


@dataclass(slots=True)
class Tally:
    """One file of one commit, typed with one backend, or a sum of such.

    `keys` are those that were pressed for `chars` characters; a line end and its indentation are one of each.
    `requests` came after keys; `skipped` of them were not let through, by reason. A ghost text is `shown` once, however
    long it is typed along. It was `right` if all of it is how the code goes on; it was then `accepted`, `partly`
    accepted by words, `typed` out, or `dismissed` by typing another thing. `lines` were begun with a request, `exact`
    of them with the whole line shown. `similarity` is a sum over shown texts. `bins` have, for steps of confidence, how
    many were shown and how many of these right. `latency_ms` are of the requests for which a backend was asked.
    """

    language: str = ""
    lines: int = 0
    chars: int = 0
    keys: int = 0
    requests: int = 0
    spoke: int = 0
    shown: int = 0
    right: int = 0
    accepted: int = 0
    partly: int = 0
    typed: int = 0
    dismissed: int = 0
    accepted_chars: int = 0
    exact: int = 0
    similarity: float = 0.0
    with_confidence: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    bins: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(N_BINS)])
    latency_ms: list[float] = field(default_factory=list)
    asked: int = 0
    answered: int = 0
    cost: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)

    def note_confidence(self, confidence: float | None, *, right: bool) -> None:
        """Count a shown text by how sure its backend was."""
        if confidence is not None:
            self.with_confidence += 1
            entry = self.bins[min(N_BINS - 1, max(0, int(confidence * N_BINS)))]
            entry[0] += 1
            entry[1] += right

    def add(self, other: Tally) -> None:
        """Take in what was counted elsewhere."""
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            if each.name == "language":
                continue
            if each.name == "bins":
                self.bins = [[a + c, b + d] for (a, b), (c, d) in zip(mine, theirs, strict=True)]
            elif each.name == "cost":
                self.cost = mine if theirs is None else theirs + (mine or 0.0)
            elif isinstance(mine, Counter):
                mine.update(theirs)
            elif isinstance(mine, list):
                mine.extend(theirs)
            else:
                setattr(self, each.name, mine + theirs)

    def as_json(self) -> dict[str, Any]:
        """What differs from nothing, by name."""
        empty = Tally()
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if value != getattr(empty, name)}

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """A tally that was written down. Raises TypeError or ValueError for what is none."""
        known = {each.name for each in fields(cls)}
        made = cls(**{name: value for name, value in raw.items() if name in known})
        for name in ("skipped", "faults", "passed_over"):
            setattr(made, name, Counter(getattr(made, name)))
        return made
