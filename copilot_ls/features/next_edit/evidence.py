"""The numbers that speak for and against each candidate.

They are of the edit that was made, of the place, and of how often the same was done, left over and passed by. Pure.
`chance` weighs them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing, shapes
from copilot_ls.features.next_edit.candidate import KINDS
from copilot_ls.features.next_edit.line_ops import is_name, ops_between, tokens_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from copilot_ls.features.next_edit.candidate import Candidate
    from copilot_ls.features.next_edit.scene import Page, Scene
    from copilot_ls.features.next_edit.trail import MadeEdit

AGREEMENT = (
    "n_left", "n_right", "n_ops", "share_of_ops", "n_places", "puts_in", "takes_out", "n_renamed", "n_lines", "above",
    "both", "both_shapes", "exact",
)  # fmt: skip
DERIVED = ("leaves_undeclared", "agrees_in_part")
FEATURES = (
    "kind", *AGREEMENT,
    # The edit that was made.
    "age", "n_made", "n_stretch", "stretch_lines", "n_old", "n_new", "gone_chars", "come_chars", "gone_names",
    "come_names", "come_has_gone", "gone_in_page", "come_in_page", "declares", "still_declared", "made_in_code",
    "gone_is_keyword", "gone_is_number",
    # The same elsewhere.
    "n_done", "n_done_here", "n_left_over", "n_passed_by", "share_done", "n_rivals", "n_same_answer",
    # The place.
    "same_page", "is_below", "distance", "from_cursor", "same_block", "same_top", "same_indent", "in_code",
    "first_token", "last_token", "overlap", "same_shape", "is_touched", "line_chars", "is_test", "is_nearest",
    "above_overlap", "below_overlap", "new_is_there",
    # What follows from these.
    *DERIVED,
)  # fmt: skip
_DECLARING = frozenset(
    ("def", "class", "func", "function", "const", "let", "var", "val", "type", "interface", "struct", "enum", "fn",
     "import", "as", "static", "final", "public", "private")
)  # fmt: skip
_IMPORTING = frozenset(("import", "from", "use", "using"))
_TYPES = frozenset(("int", "long", "double", "float", "char", "boolean", "bool", "string", "error"))
_CALLABLE = frozenset(("def", "func", "function", "fn", "lambda"))
_AT = {name: at for at, name in enumerate(FEATURES)}
_MOSTLY = 0.5
_FAR = 400


def describe(scene: Scene, candidates: Sequence[Candidate]) -> list[list[float]]:
    """A row of `FEATURES` for each candidate."""
    teller = _Teller(scene, candidates)
    return [[*(row := teller.row(each)), *derived(row)] for each in candidates]


def derived(row: Sequence[float]) -> list[float]:
    """The numbers of `DERIVED` from the others of a row.

    A name whose one declaration was renamed alone is undeclared where it is still used. What was done to a line in
    several places was perhaps done to another only in some.
    """

    def of(name: str) -> float:
        return row[_AT[name]]

    undeclared = (
        KINDS[int(of("kind"))] == "renamed" and of("declares") and not of("still_declared") and of("same_page")
        and of("n_ops") == 1 and not of("n_passed_by") and of("in_code") > _MOSTLY and of("made_in_code") > _MOSTLY
    )  # fmt: skip
    return [float(bool(undeclared)), float(0 <= of("share_of_ops") < 1)]


class _Teller:
    def __init__(self, scene: Scene, candidates: Sequence[Candidate]) -> None:
        self._scene = scene
        self._orders = sorted({each.order for each in scene.made}, reverse=True)
        self._stretches: dict[int, tuple[int, int]] = {}
        for made in scene.made:
            n, n_lines = self._stretches.get(made.order, (0, 0))
            self._stretches[made.order] = n + 1, n_lines + len(made.new) + len(made.old)
        self._signatures = {id(made): signature_of(made) for made in scene.made}
        self._made_by: dict[Hashable, list[MadeEdit]] = {}
        for made in scene.made:
            for part in self._signatures[id(made)]:
                self._made_by.setdefault(part, []).append(made)
        self._places: dict[Hashable, list[tuple[str, int]]] = {}
        self._at: dict[tuple[str, int], set[tuple[str, ...]]] = {}
        self._answers: dict[tuple[str, int, tuple[str, ...]], int] = {}
        for each in candidates:
            for part in self._signature(each.made):
                self._places.setdefault(part, []).append((each.page.uri, each.first))
            self._at.setdefault((each.page.uri, each.first), set()).add(each.new)
            answer = (each.page.uri, each.first, each.new)
            self._answers[answer] = self._answers.get(answer, 0) + 1
        self._made: dict[int, list[float]] = {}

    def _signature(self, made: MadeEdit) -> frozenset[Hashable]:
        known = self._signatures.get(id(made))
        return signature_of(made) if known is None else known

    def row(self, candidate: Candidate) -> list[float]:
        return [
            KINDS.index(candidate.kind),
            *(candidate.agreement.get(name, -1.0) for name in AGREEMENT),
            *self._of_made(candidate.made, candidate.page),
            *self._of_others(candidate),
            *self._of_place(candidate),
        ]

    def _of_made(self, made: MadeEdit, page: Page) -> list[float]:
        gone, come = gone_and_come(made)
        gone_names, come_names = [t for t in gone if is_name(t)], [t for t in come if is_name(t)]
        declares, still = _declaring(made, gone_names, come_names, page)
        telling = max(gone_names, key=len, default="")
        return [
            self._orders.index(made.order), len(self._scene.made), *self._stretches[made.order],
            len(made.old), len(made.new),
            sum(map(len, gone)), sum(map(len, come)), len(gone_names), len(come_names),
            float(bool(telling) and any(telling.lower() in token.lower() for token in come_names)),
            _log(len(page.lines_with(telling)) if telling else -1),
            _log(len(page.lines_with(max(come_names, key=len))) if come_names else -1),
            declares, still, _code_share(made.new or made.old, page),
            float(bool(gone) and all(token in shapes.KEYWORDS for token in gone if not token.isspace())),
            float(bool(gone) and all(token[:1].isdigit() or not token.strip(" .") for token in gone)),
        ]  # fmt: skip

    def _of_others(self, candidate: Candidate) -> list[float]:
        parts = self._signature(candidate.made)
        done = {id(made): made for part in parts for made in self._made_by.get(part, ())}
        here = [made for made in done.values() if made.uri == candidate.page.uri]
        places = {place for part in parts for place in self._places.get(part, ())}
        own = [line for uri, line in places if uri == candidate.page.uri]
        passed = 0
        if len(here) > 1:
            low, high = min(made.line for made in here), max(made.line for made in here)
            passed = sum(1 for line in own if low < line < high)
        rivals = len(self._at[candidate.page.uri, candidate.first])
        return [
            len(done), len(here), len(places), passed, len(done) / (len(done) + len(places)), rivals,
            self._answers[candidate.page.uri, candidate.first, candidate.new],
        ]  # fmt: skip

    def _of_place(self, candidate: Candidate) -> list[float]:
        page, made = candidate.page, candidate.made
        same = page.uri == made.uri
        old = page.line(candidate.first) if candidate.end > candidate.first else page.line(candidate.first - 1)
        was = made.old[0] if made.old else made.above
        tokens, theirs = _solid(old), _solid(was)
        nearest = same and not any(
            made.line < line < candidate.first
            for part in self._signature(made)
            for uri, line in self._places.get(part, ())
            if uri == page.uri
        )
        own_page = page is self._scene.page
        return [
            float(same), float(same and candidate.first >= made.line),
            _log(abs(candidate.first - made.line)) if same else _FAR,
            _log(abs(candidate.first - self._scene.line)) if own_page else _FAR,
            float(same and page.header_of(candidate.first) == page.header_of(made.line)),
            float(same and page.header_of(candidate.first, top=True) == page.header_of(made.line, top=True)),
            float(_indent(old) == _indent(was)), _code_share((old,), page),
            float(tokens[:1] == theirs[:1]), float(tokens[-1:] == theirs[-1:]),
            _overlap(old, was),
            float(shapes.shape(old.strip()) == shapes.shape(was.strip())),
            float(any(each.uri == page.uri and each.line <= candidate.first < each.end for each in self._scene.made)),
            _log(len(old)), float("test" in page.document.path.lower()), float(nearest),
            _overlap(page.line(candidate.first - 1), made.above), _overlap(page.line(candidate.end), made.below),
            float(bool(candidate.new) and bool(candidate.new[0].strip()) and candidate.new[0].strip() in page.stripped),
        ]  # fmt: skip


def signature_of(made: MadeEdit) -> frozenset[Hashable]:
    """What was done, apart from where: each operation on tokens, or the lines as they were and are."""
    if len(made.old) == len(made.new) == 1:
        ops = ops_between(made.old[0], made.new[0])
        return frozenset((op.old, op.new) for op in ops)
    return frozenset([(tuple(map(str.strip, made.old)), tuple(map(str.strip, made.new)), "lines")])


def gone_and_come(made: MadeEdit) -> tuple[list[str], list[str]]:
    """The tokens that went, and those that came; white space left out."""
    if len(made.old) == len(made.new) == 1:
        ops = ops_between(made.old[0], made.new[0])
        gone, come = [t for op in ops for t in op.old], [t for op in ops for t in op.new]
    else:
        before = [token for line in made.old for token in tokens_of(line)]
        behind = [token for line in made.new for token in tokens_of(line)]
        kept = set(before) & set(behind)
        gone, come = [t for t in before if t not in kept], [t for t in behind if t not in kept]
    return [t for t in gone if not t.isspace()], [t for t in come if not t.isspace()]


def _declaring(made: MadeEdit, gone: Sequence[str], come: Sequence[str], page: Page) -> tuple[float, float]:
    """Whether the edit stands where something is declared, and whether what went is still declared on the page."""
    declares = any(_declares(line, name) for line in made.new for name in come)
    still = any(_declares(page.lines[number], name) for name in gone[:2] for number in page.lines_with(name)[:60])
    return float(declares), float(still)


def _declares(line: str, name: str) -> bool:
    """Whether a line seems to bind a name, in the way of any language that is written like these."""
    tokens = _solid(line)
    return any(token == name and _is_bound(tokens, at) for at, token in enumerate(tokens))


def _is_bound(tokens: Sequence[str], at: int) -> bool:
    before, behind = tokens[at - 1] if at else "", tokens[at + 1] if at + 1 < len(tokens) else ""
    if before in _DECLARING or (tokens[0] in _IMPORTING and tokens[1:2] != ["("]):
        return True
    if behind in ("=", ":=") and before in ("", ".", ","):
        return True
    if behind == ":" and at == 0:
        return True
    if before == "for" or ("for" in tokens[:at] and before == "," and {"in", "of", "range"} & set(tokens[at:])):
        return True
    if _CALLABLE & set(tokens[:at]) or "=>" in tokens[at:]:
        return before in ("(", ",", "*", "**")
    # A type before it, or behind it.
    is_type = is_name(before) or before in _TYPES
    return (is_type and behind in ("=", ";", ",", ")", "{")) or (
        is_name(behind) and before in ("(", ",", "") and at > 0
    )


def _overlap(one: str, other: str) -> float:
    """How many of the tokens of two lines both have: 0 to 1."""
    mine, theirs = set(_solid(one)), set(_solid(other))
    return 2 * len(mine & theirs) / max(len(mine) + len(theirs), 1)


def _solid(line: str) -> list[str]:
    return [token for token in tokens_of(line) if not token.isspace()]


def _code_share(lines: Sequence[str], page: Page) -> float:
    """How much of some lines is code, and no comment or literal."""
    whole = sum(len(line.strip()) for line in lines)
    code = sum(len(lexing.scan(line, page.document.language_id).code.strip()) for line in lines)
    return min(code / whole, 1.0) if whole else 1.0


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _log(number: float) -> float:
    return math.log2(1 + number) if number >= 0 else -1.0
