"""What is left of accepted text, as it is followed, beside a comparison of whole texts: 10,000 histories of real code."""

from __future__ import annotations

from tests.bench.table import Row
from tests.telemetry.kept_text_reference import ACTIONS, disagreements

N_HISTORIES = 10_000


def rows() -> list[Row]:
    """How often both agree, and after what they first did not."""
    found = disagreements(N_HISTORIES, seed=2)
    return [
        Row("kept text: whether most is left differs", 100 * (1 - found.n_survives / found.n), "%", at_most=1.0),
        Row(
            "kept text: the share differs by more than 5 points", 100 * (1 - found.n_share / found.n), "%", at_most=1.0
        ),
        *(
            Row(
                f"kept text: first differs after: {action}",
                found.by_kind[action],
                "",
                note=f"{found.done[action]} done",
            )
            for action in ACTIONS
        ),
    ]
