"""Lines that a source proposes, before anyone has counted their tokens. Made by sources, chosen from by `gather`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.index.hits import DefinitionHit


class Candidate(NamedTuple):
    """As `ContextSnippet`, without tokens. `score` is comparable within one source only.

    `numbers` are the lines' numbers where lines between them are left out, else empty. `names` says what each line
    declares, with an empty text for nothing; it is empty where the source does not know.
    """

    path: str
    start_line: int
    end_line: int
    text: str
    source: str
    score: float
    numbers: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def numbered_lines(self) -> list[tuple[int, str]]:
        """Each line with its number in the file."""
        lines = self.text.split("\n")
        return list(zip(self.numbers or range(self.start_line, self.start_line + len(lines)), lines, strict=False))


def declared_lines(hits: Sequence[DefinitionHit], source: str, score: float) -> Candidate:
    """The signatures of declarations of one file, in order of lines, as one candidate."""
    numbered = {
        hit.line + at: (line, "" if at else hit.name)
        for hit in hits
        for at, line in enumerate(hit.signature.split("\n"))
    }
    places = sorted(numbered)
    return Candidate(
        hits[0].path,
        places[0],
        places[-1] + 1,
        "\n".join(numbered[at][0] for at in places),
        source,
        score,
        tuple(places),
        tuple(numbered[at][1] for at in places),
    )


def first_line(hit: DefinitionHit) -> DefinitionHit:
    """A declaration with the first line of its signature alone, which says the name."""
    return hit._replace(signature=hit.signature.partition("\n")[0], end=hit.line + 1)
