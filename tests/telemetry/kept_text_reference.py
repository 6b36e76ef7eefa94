"""Edit histories of real code, and what is left of an accepted text as a comparison of whole texts says.

The reference never sees an edit. It compares the text after the acceptance with the text at the end: lines first, then
the lexemes of lines that differ, and last whether most of the accepted lexemes are in one piece that came elsewhere. Edits are those that people and their tools make. `disagreements` counts by kind where `KeptText` says otherwise;
used by its test in short and by `tests.bench.kept_text` at length.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.features.kept_text import KeptText
from copilot_ls.text import Span, TextBuffer

if TYPE_CHECKING:
    from collections.abc import Callable

LEXEME = re.compile(r"\w+|[^\w\s]")
_SOURCES = Path(__file__).parents[2] / "copilot_ls"
# Shares that differ by less are the same for a reader of statistics.
TOLERANCE = 0.05


@cache
def functions() -> list[str]:
    """Pieces of real code, some dozens of lines each."""
    found = []
    for path in sorted(_SOURCES.rglob("*.py")):
        lines = path.read_text("utf-8").splitlines()
        found += ["\n".join(lines[at : at + 24]) + "\n" for at in range(20, len(lines) - 24, 24)]
    return found


class History:
    """A document in which a text was accepted, followed by `KeptText` through edits."""

    def __init__(self, chooser: random.Random) -> None:
        self._chooser = chooser
        text = chooser.choice(functions())
        lines = text.splitlines(keepends=True)
        starts = [at for at, line in enumerate(lines) if len(LEXEME.findall(line)) > 2]
        first = chooser.choice(starts or [0])
        last = min(len(lines), first + chooser.choice([1, 1, 2, 3, 5]))
        before = "".join(lines[:first]) + re.match(r"\s*", lines[first])[0]
        self.start, self.end = len(before), max(len(before) + 1, len("".join(lines[:last]).rstrip()))
        self.old = text
        self.buffer = TextBuffer(text)
        snapshot = self.buffer.snapshot()
        self.kept = KeptText(Span(snapshot.point_at(self.start), snapshot.point_at(self.end)), snapshot)
        self._undo: list[tuple[int, int, str]] = []

    @property
    def text(self) -> str:
        """The document as it is."""
        return self.buffer.snapshot().text

    def edit(self, *edits: tuple[int, int, str]) -> None:
        """One change of the document: edits in their order, each over the text that the one before left."""
        applied = []
        for start, end, new in edits:
            snapshot = self.buffer.snapshot()
            self._undo = [(start, start + len(new), snapshot.text[start:end])]
            applied.append(self.buffer.edit(snapshot.point_at(start), snapshot.point_at(end), new))
        self.kept.follow(applied, self.buffer.snapshot())

    def line(self) -> tuple[int, int]:
        """Where a line begins and ends, with its break."""
        starts = [0, *(found.end() for found in re.finditer("\n", self.text))][:-1] or [0]
        start = self._chooser.choice(starts)
        end = self.text.find("\n", start) + 1 or len(self.text)
        return start, end

    def near(self) -> tuple[int, int]:
        """A line at or beside the accepted text: there people go on."""
        snapshot = self.buffer.snapshot()
        at = max(0, min(len(self.text), snapshot.offset_at(self.kept.span.start) + self._chooser.randint(-60, 160)))
        start = self.text.rfind("\n", 0, at) + 1
        return start, self.text.find("\n", start) + 1 or len(self.text)

    def a_line(self) -> str:
        """A line of other code."""
        return self._chooser.choice(self._chooser.choice(functions()).splitlines(keepends=True))

    # What people and their tools do.

    def types(self) -> None:
        start, _ = self.near()
        for key in self.a_line():
            self.edit((start, start, key))
            start += 1

    def pastes(self) -> None:
        start, _ = self.line()
        self.edit((start, start, self.a_line() + self.a_line()))

    def deletes(self) -> None:
        self.edit((*self.near(), ""))

    def replaces_a_word(self) -> None:
        start, end = self.near()
        words = list(re.finditer(r"\w+", self.text[start:end]))
        if words:
            word = self._chooser.choice(words)
            self.edit((start + word.start(), start + word.end(), f"v{self._chooser.randrange(10**6)}"))

    def renames(self) -> None:
        start, end = self.near()
        words = re.findall(r"[a-z_]{4,}", self.text[start:end])
        if words:
            word = self._chooser.choice(words)
            places = [(found.start(), found.end()) for found in re.finditer(rf"\b{word}\b", self.text)]
            self.edit(*((at, end, f"{word}_of_all") for at, end in reversed(places)))

    def formats(self) -> None:
        new = self._chooser.choice(
            [
                lambda text: text.replace("    ", "\t"),
                lambda text: text.replace("    ", "  "),
                lambda text: re.sub(r"[ \t]+\n", "\n", text).replace("\n\n\n", "\n\n"),
                lambda text: re.sub(r", (?=\w+=)", ",\n        ", text),
            ]
        )(self.text)
        self.edit((0, len(self.text), new))

    def formats_by_edits(self) -> None:
        """As formatters answer that were asked for edits: each line's indentation, from the last to the first."""
        places = [(found.start(1), found.end(1)) for found in re.finditer(r"^( +)", self.text, re.MULTILINE)]
        self.edit(*((at, end, " " * ((end - at) // 2)) for at, end in reversed(places)))

    def moves(self) -> None:
        """Cut and paste of lines: those of the accepted text, with some around it, or others."""
        snapshot = self.buffer.snapshot()
        start, end = snapshot.offset_at(self.kept.span.start), snapshot.offset_at(self.kept.span.end)
        start = self.text.rfind("\n", 0, start) + 1
        end = self.text.find("\n", max(start, end - 1)) + 1 or len(self.text)
        if self._chooser.random() < 0.5:
            first, last = self.line()
            if first < end and start < last:
                return
            start, end = first, last
        else:
            for _ in range(self._chooser.randrange(3)):
                end = self.text.find("\n", end) + 1 or len(self.text)
        self._move(start, end)

    def tears_apart(self) -> None:
        """The same without regard for what belongs together."""
        start, end = self.near()
        for _ in range(self._chooser.randrange(4)):
            end = self.text.find("\n", end) + 1 or len(self.text)
        self._move(start, end)

    def _move(self, start: int, end: int) -> None:
        piece = self.text[start:end]
        self.edit((start, end, ""))
        place, _ = self.line()
        self.edit((place, place, piece))

    def undoes(self) -> None:
        if self._undo:
            start, end, new = self._undo[0]
            if end <= len(self.text):
                self.edit((start, end, new))

    def checks_out_and_back(self) -> None:
        """Another branch and back, with a commit that came meanwhile: nothing is followed in between."""
        place, _ = self.line()
        self.buffer = TextBuffer(self.text[:place] + self.a_line() + self.text[place:])
        self._undo = []
        self.kept.compare(self.buffer.snapshot())


# With how often each is chosen: writing most, tearing apart what belongs together seldom.
ACTIONS: dict[str, tuple[float, Callable[[History], None]]] = {
    "types": (25, History.types),
    "replaces a word": (15, History.replaces_a_word),
    "deletes": (12, History.deletes),
    "pastes": (8, History.pastes),
    "renames": (8, History.renames),
    "formats": (8, History.formats),
    "undoes": (8, History.undoes),
    "formats by edits": (6, History.formats_by_edits),
    "moves": (5, History.moves),
    "checks out and back": (5, History.checks_out_and_back),
    "tears apart": (0.5, History.tears_apart),
}


def left(old: str, start: int, end: int, new: str) -> float:
    """The share of the lexemes of `old[start:end]` that are still in `new`, by comparing the whole texts.

    What stands in the order that it had counts; or, where more of it stands in one piece that came elsewhere, that.
    """
    own = [found.start() for found in LEXEME.finditer(old) if start <= found.start() < end]
    wanted = [found[0] for found in LEXEME.finditer(old) if start <= found.start() < end]
    lines, other = _lines(old), _lines(new)
    words, others = [[word for word, _ in line] for line in lines], [[word for word, _ in line] for line in other]
    matcher = SequenceMatcher(None, [tuple(line) for line in words], [tuple(line) for line in others], autojunk=False)
    stays: set[int] = set()
    elsewhere = 0
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        mine = [place for line in lines[first:last] for place in line]
        theirs = [word for line in others[new_first:new_last] for word in line]
        if tag == "equal":
            stays |= {at for _, at in mine}
        elif tag == "replace":
            kept = {mine[place][1] for place in _common([word for word, _ in mine], theirs)}
            # A line of which less than half is found was replaced: brackets and commas are found anywhere.
            for line in lines[first:last]:
                same = {at for _, at in line if at in kept}
                stays |= same if 2 * len(same) >= len(line) else set()
        if tag in ("insert", "replace") and len("".join(wanted)) >= 8:
            elsewhere = max(elsewhere, len(_common(wanted, theirs)))
    n_left = sum(at in stays for at in own)
    # A piece that came has moved when most of the text is in it; fewer lexemes occur anywhere.
    return max(n_left, elsewhere if 2 * elsewhere > len(own) else 0) / len(own)


def _common(one: list[str], other: list[str]) -> list[int]:
    """The places in `one` of a longest common subsequence, by the textbook's table."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        row, below = table[i], table[i + 1]
        for j in range(len(other) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if one[i] == other[j] else max(below[j], row[j + 1])
    places, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            places.append(i)
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            i += 1
        else:
            j += 1
    return places


def _lines(text: str) -> list[list[tuple[str, int]]]:
    """The lexemes of each line that has any, with their places."""
    found, at = [], 0
    for line in text.splitlines(keepends=True):
        lexemes = [(each[0], at + each.start()) for each in LEXEME.finditer(line)]
        found += [lexemes] if lexemes else []
        at += len(line)
    return found


@dataclass(slots=True)
class Comparison:
    """How many histories agreed, and of those that did not, by what was done last that mattered."""

    n: int = 0
    n_share: int = 0
    n_survives: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[list[str], float, float, str, str]] = field(default_factory=list)


def disagreements(n_histories: int, *, seed: int) -> Comparison:
    """Follow so many histories of one to six actions, and compare at the end."""
    found = Comparison()
    for number in range(n_histories):
        history, done, measured, share = _followed(f"{seed} {number}")
        found.done.update(done)
        found.n += 1
        found.n_share += abs(measured - share) <= TOLERANCE
        found.n_survives += (measured > 0.5) == (share > 0.5)
        if abs(measured - share) > TOLERANCE:
            found.by_kind[_first_wrong(f"{seed} {number}", len(done))] += 1
            if len(found.examples) < 20:
                found.examples.append(
                    (done, measured, share, history.old[history.start : history.end], history.kept.now)
                )
    return found


def _followed(seed: str, most: int = 99) -> tuple[History, list[str], float, float]:
    """One history, or its first actions: what was done, and the share as both say."""
    chooser = random.Random(seed)
    history, done = History(chooser), []
    for _ in range(min(most, chooser.randint(1, 6))):
        done += chooser.choices(list(ACTIONS), [weight for weight, _ in ACTIONS.values()])
        ACTIONS[done[-1]][1](history)
    share = left(history.old, history.start, history.end, history.text)
    return history, done, history.kept.measure().share, share


def _first_wrong(seed: str, n_actions: int) -> str:
    """The action after which both first say otherwise."""
    for most in range(1, n_actions + 1):
        _, done, measured, share = _followed(seed, most)
        if abs(measured - share) > TOLERANCE:
            return done[-1]
    return "nothing"
