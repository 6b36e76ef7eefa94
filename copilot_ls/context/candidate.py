"""Lines that a source proposes, before anyone has counted their tokens. Made by sources, chosen from by `gather`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.index.hits import DefinitionHit


class Candidate(NamedTuple):
    """As `ContextSnippet`, line by line and without tokens. `score` is comparable within one source only.

    `numbers` are the lines' numbers where lines between them are left out, else empty. `names` says what each line
    declares, with an empty text for nothing; it is empty where the source does not know.
    """

    path: str
    start_line: int
    end_line: int
    lines: Sequence[str]
    source: str
    score: float
    numbers: Sequence[int] = ()
    names: Sequence[str] = ()

    @property
    def text(self) -> str:
        """Its lines as one text."""
        return "\n".join(self.lines)

    @property
    def line_numbers(self) -> Sequence[int]:
        """The number of each line in the file."""
        return self.numbers or range(self.start_line, self.start_line + len(self.lines))


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
        [numbered[at][0] for at in places],
        source,
        score,
        places,
        [numbered[at][1] for at in places],
    )


def first_line(hit: DefinitionHit) -> DefinitionHit:
    """A declaration with the first line of its signature alone, which says the name."""
    return hit._replace(signature=hit.signature.partition("\n")[0], end=hit.line + 1)
