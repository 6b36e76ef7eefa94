"""One commit, typed anew with one backend: what somebody's editor would have asked, shown and been told, key by key.

Files are opened as they were before the commit, hunks are changed in a plausible order, and each line that was chosen
is typed: a request after every key, as editors make it; what is shown is taken or typed past as `typist` decides. Lines
that were not chosen, moved or are too long for hands appear at once. Nothing is mistyped, and no bracket is closed by
the editor. Called by `replay`; what is counted is a `Tally` for each file.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.evaluation.changes import lines_gone, written
from copilot_ls.evaluation.edit_order import files_in_order, hunks_in_order
from copilot_ls.evaluation.tally import Tally
from copilot_ls.evaluation.typist import is_right, shared, similarity
from copilot_ls.features.inline_completion import Query
from copilot_ls.text import Point, PositionEncoding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from copilot_ls.evaluation.changes import Change, Hunk
    from copilot_ls.evaluation.pipeline import EvaluatedPipeline, TypingClock
    from copilot_ls.evaluation.typist import Taken, Typist
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.suggestion import Suggestion

_MOST_OPEN = 5
# Old and new lines that share so much of the longer one are one line that was changed.
_SAME_LINE = 0.5


class LimitReachedError(Exception):
    """The evaluation may not spend more."""


@dataclass(frozen=True, slots=True)
class Portion:
    """The lines of a commit that are typed: of each hunk a range of its new lines, by file and first line."""

    ranges: dict[tuple[str, int], tuple[int, int]]

    def of(self, path: str, hunk: Hunk) -> range:
        """The numbers of the hunk's typed lines in the new file."""
        return range(*self.ranges.get((path, hunk.first), (0, 0)))


def portion(changes: Sequence[Change], n_lines: int, rng: Random) -> Portion:
    """Hunks in an order of chance until there are `n_lines`, of a long one a stretch of chance."""
    hunks = [(change.path or "", hunk) for change in changes for hunk in change.hunks if hunk.end > hunk.first]
    rng.shuffle(hunks)
    ranges: dict[tuple[str, int], tuple[int, int]] = {}
    left = n_lines
    for path, hunk in hunks:
        if left <= 0:
            break
        n = min(left, hunk.end - hunk.first)
        start = hunk.first + rng.randrange(hunk.end - hunk.first - n + 1)
        ranges[path, hunk.first] = (start, start + n)
        left -= n
    return Portion(ranges)


class _Place(NamedTuple):
    row: int
    column: int


class Session:
    """The typing of one commit. `may_go_on` is asked before each key whether more may be spent."""

    def __init__(
        self,
        pipeline: EvaluatedPipeline,
        clock: TypingClock,
        typist: Typist,
        chosen: Portion,
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._typist = typist
        self._chosen = chosen
        self._may_go_on = may_go_on
        self._open: list[str] = []
        pipeline.documents.encoding = PositionEncoding.UTF32

    async def type_commit(self, changes: Sequence[Change]) -> list[Tally]:
        """Type what was chosen of a commit. Raises `LimitReachedError`, after which `tallies` has what was counted."""
        gone = {line.strip() for change in changes for line in lines_gone(change) if line.strip()}
        self.tallies: list[Tally] = []
        for change in files_in_order(changes):
            if change.path is not None and change.new is not None and change.hunks:
                typed = _TypedFile(self._pipeline, self._clock, self._typist, await self._opened(change), change)
                self.tallies.append(typed.tally)
                try:
                    for hunk in hunks_in_order(change):
                        await typed.make(hunk, self._chosen.of(change.path, hunk), gone, self._may_go_on)
                finally:
                    typed.end()
        return [tally for tally in self.tallies if tally.requests]

    async def _opened(self, change: Change) -> OpenDocument:
        from copilot_ls.index.filetypes import file_type

        path = str(self._pipeline.folders[0]) + "/" + (change.path or "")
        kind = file_type(path)
        uri = f"file://{path}"
        document = self._pipeline.documents.open(uri, path, kind.language if kind else "plaintext", 1, change.old or "")
        # What is not known to be allowed teaches nobody; the next document is not to depend on a thread's haste.
        await self._pipeline.ignored.reason(document.snapshot())
        self._open.append(uri)
        if len(self._open) > _MOST_OPEN:
            self._pipeline.documents.close(self._open.pop(0))
        return document


class _TypedFile:
    """One file on its way from the old text to the new one."""

    def __init__(
        self,
        pipeline: EvaluatedPipeline,
        clock: TypingClock,
        typist: Typist,
        document: OpenDocument,
        change: Change,
    ) -> None:
        self.tally = Tally(language=document.language_id)
        self._pipeline = pipeline
        self._clock = clock
        self._typist = typist
        self._document = document
        self._change = change
        self._new = (change.new or "").split("\n")
        self._done: list[Hunk] = []
        # Whether there is no line yet: an empty text has one all the same.
        self._has_no_line = change.old is None
        # What is left of the text that is shown; whether words of it were taken.
        self._pending = ""
        self._partly = False

    def end(self) -> None:
        """The typist goes elsewhere."""
        self._dismiss()
        spent = self._pipeline.spent
        tally = self.tally
        tally.skipped = self._pipeline.skipped.copy()
        tally.asked, tally.answered, tally.cost = spent.asked, spent.answered, spent.cost
        tally.input_tokens, tally.output_tokens = spent.input_tokens, spent.output_tokens
        tally.faults, tally.passed_over = spent.faults.copy(), spent.passed_over.copy()
        self._pipeline.begin_counting()

    async def make(self, hunk: Hunk, chosen: range, gone: set[str], may_go_on: Callable[[], bool]) -> None:
        """Make the change of one hunk."""
        row = hunk.old_first + sum(
            (done.end - done.first) - (done.old_end - done.old_first)
            for done in self._done
            if done.old_first < hunk.old_first
        )
        self._done.append(hunk)
        old = self._lines(row, row + hunk.old_end - hunk.old_first)
        new = self._new[hunk.first : hunk.end]
        by_hand = [is_written and hunk.first + at in chosen for at, is_written in enumerate(written(new, gone))]
        if len(old) == len(new) and all(map(_is_same_line, old, new)):
            for at, (before, after) in enumerate(zip(old, new, strict=True)):
                await self._change_line(row + at, before, after, may_go_on if by_hand[at] else None)
            return
        self._delete(row, row + len(old))
        at = 0
        while at < len(new):
            if by_hand[at] and new[at].strip():
                at = await self._type_lines(row + at, new, at, may_go_on)
                continue
            end = at + 1
            while end < len(new) and not (by_hand[end] and new[end].strip()):
                end += 1
            self._insert(row + at, new[at:end])
            at = end

    async def _change_line(self, row: int, old: str, new: str, may_go_on: Callable[[], bool] | None) -> None:
        """Within a line: what differs goes, and is typed anew where `may_go_on` is given."""
        head = shared(old, new)
        tail = min(shared(old[::-1], new[::-1]), len(old) - head, len(new) - head)
        middle = new[head : len(new) - tail]
        self._edit(_Place(row, head), _Place(row, len(old) - tail), "" if may_go_on else middle)
        if may_go_on is not None and middle:
            self.tally.lines += 1
            await self._type(row, head, [new], 0, new[len(new) - tail :], may_go_on)

    async def _type_lines(self, row: int, new: list[str], at: int, may_go_on: Callable[[], bool]) -> int:
        """Type the line `at` of a hunk, and what is taken along with it; the line after."""
        goal = [line.rstrip() for line in new]
        indent = len(goal[at]) - len(goal[at].lstrip())
        self._insert(row, [goal[at][:indent]])
        self._clock.key()
        self.tally.lines += 1
        self.tally.chars += 1
        self.tally.keys += 1
        return await self._type(row, indent, goal, at, "", may_go_on) + 1

    async def _type(
        self, row: int, column: int, goal: list[str], at: int, tail: str, may_go_on: Callable[[], bool]
    ) -> int:
        """From a column of line `at` to its end, before `tail`, which is there already; the line that it ended on."""
        is_first = not tail and column == len(goal[at]) - len(goal[at].lstrip())
        while True:
            if not may_go_on():
                raise LimitReachedError
            line = goal[at]
            left = line[column : len(line) - len(tail)]
            truth = line[column:] if tail else "\n".join([line[column:], *goal[at + 1 :]])
            suggestion = await self._suggested(row, column)
            shown = suggestion.text if suggestion is not None else ""
            n_replaced = suggestion.replaced.end.column - column if suggestion is not None else 0
            fits = not tail or self._fits(truth, shown, tail[n_replaced:])
            self._note(suggestion, truth, fits=fits)
            if is_first:
                self.tally.exact += shown.partition("\n")[0] == line[column:]
                is_first = False
            taken = self._typist.decide(truth, shown) if suggestion is not None and fits else None
            if suggestion is not None and taken is not None and (taken.whole or not (tail or n_replaced)):
                text = shown[: taken.n_chars]
                self._take(_Place(row, column), text, n_replaced if taken.whole else 0, taken)
                tail = tail[n_replaced:] if taken.whole else tail
                lines = text.split("\n")
                at, row = at + len(lines) - 1, row + len(lines) - 1
                column = len(lines[-1]) + (column if len(lines) == 1 else 0)
                continue
            if not left:
                self._dismiss()
                return at
            self._press(_Place(row, column), left[0])
            column += 1

    @staticmethod
    def _fits(truth: str, shown: str, tail: str) -> bool:
        """Whether a text that is shown within a line, and replaces what was before `tail`, leads to the line."""
        return truth.startswith(shown) and truth[len(shown) :].endswith(tail)

    async def _suggested(self, row: int, column: int) -> Suggestion | None:
        tally = self.tally
        n_asked = self._pipeline.spent.asked
        began = time.perf_counter()
        found = await self._pipeline.completion.suggest(Query(self._document, Point(row, column), "automatic"))
        tally.requests += 1
        if self._pipeline.spent.asked > n_asked:
            tally.latency_ms.append(round((time.perf_counter() - began) * 1000, 2))
        tally.spoke += bool(found)
        return found[0] if found else None

    def _note(self, suggestion: Suggestion | None, truth: str, *, fits: bool) -> None:
        """Count what is shown, unless it was before."""
        shown = suggestion.text if suggestion is not None else ""
        goes_on = bool(shown and self._pending) and (shown.startswith(self._pending) or self._pending.startswith(shown))
        if not goes_on:
            self._dismiss()
        if suggestion is not None and not goes_on:
            right = fits and is_right(truth, shown)
            self.tally.shown += 1
            self.tally.right += right
            self.tally.similarity += similarity(truth, shown)
            self.tally.note_confidence(suggestion.confidence, right=right)
        self._pending = shown

    def _take(self, place: _Place, text: str, n_replaced: int, taken: Taken) -> None:
        self._clock.key()
        self._edit(place, _Place(place.row, place.column + n_replaced), text)
        self.tally.keys += taken.n_keys
        self.tally.chars += _keys_of(text)
        self.tally.accepted_chars += _keys_of(text)
        if taken.whole:
            self.tally.accepted += not self._partly
            self._pending, self._partly = "", False
        else:
            self.tally.partly += not self._partly
            self._partly = True
            self._pending = self._pending[len(text) :]

    def _press(self, place: _Place, key: str) -> None:
        self._clock.key()
        self._edit(place, place, key)
        self.tally.keys += 1
        self.tally.chars += 1
        if self._pending.startswith(key):
            self._pending = self._pending[1:]
            if not self._pending:
                self.tally.typed += not self._partly
                self._partly = False
        else:
            self._dismiss()

    def _dismiss(self) -> None:
        """What is shown, is no longer."""
        if self._pending:
            self.tally.dismissed += not self._partly
        self._pending, self._partly = "", False

    # Edits of the document

    def _lines(self, first: int, end: int) -> list[str]:
        return [line.rstrip("\n") for line in self._document.buffer.snapshot().lines(first, end)]

    def _insert(self, row: int, lines: Sequence[str]) -> None:
        """Put whole lines where row `row` is to be."""
        text = self._document.buffer.snapshot()
        block = "\n".join(lines)
        if self._has_no_line:
            self._has_no_line = False
            self._edit(_Place(0, 0), _Place(0, 0), block)
        elif row < text.n_lines:
            self._edit(_Place(row, 0), _Place(row, 0), block + "\n")
        else:
            last = _Place(text.n_lines - 1, len(text.line_text(text.n_lines - 1)))
            self._edit(last, last, "\n" + block)

    def _delete(self, first: int, end: int) -> None:
        """Take whole lines away."""
        text = self._document.buffer.snapshot()
        if first == end:
            return
        last = _Place(text.n_lines - 1, len(text.line_text(text.n_lines - 1)))
        if end < text.n_lines:
            self._edit(_Place(first, 0), _Place(end, 0), "")
        elif first:
            self._edit(_Place(first - 1, len(text.line_text(first - 1))), last, "")
        else:
            self._has_no_line = True
            self._edit(_Place(0, 0), last, "")

    def _edit(self, start: _Place, end: _Place, text: str) -> None:
        document = self._document
        if start != end or text:
            self._pipeline.documents.change(document.uri, document.version + 1, [(start, end, text)])


def _is_same_line(old: str, new: str) -> bool:
    if not old.strip() or not new.strip():
        return False
    common = shared(old, new)
    common += min(shared(old[::-1], new[::-1]), len(old) - common, len(new) - common)
    return common >= _SAME_LINE * max(len(old), len(new))


def _keys_of(text: str) -> int:
    """Keys that a text takes: a line end brings the indentation of the next line."""
    first, *more = text.split("\n")
    return len(first) + sum(1 + len(line.lstrip(" \t")) for line in more)
