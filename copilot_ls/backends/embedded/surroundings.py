"""Numbers about the cursor and about the evidence as a whole, the same for every beginning that is proposed there.

Pure. Called by `prefixes`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.evidence import Continuation
    from copilot_ls.backends.embedded.situation import Situation

FEATURES = (
    "place",
    "region",
    "language",
    "test_file",
    "indent",
    "dedent",
    "gap",
    "open_brackets",
    "line_number",
    "head_length",
    "head_tokens",
    "partial_length",
    "partial_known",
    "below",
    "tail",
    "above_class",
    "above_length",
    "variety",
    "entropy",
    "lead",
    "top_level",
    "top_count",
    "renamed_votes",
    "aligned_votes",
    "top_aligned",
    "document_size",
    "open_size",
    "indexed_files",
    "head_expected",
    "above_expected",
    "recent_all",
    "above_keyword",
)

# A word that is nowhere near counts as this many lines away.
UNSEEN = 1000
PLACES = {"line_start": 0, "after_space": 1, "after_dot": 2, "after_open": 3, "in_word": 4, "after_other": 5}
_REGIONS = {"code": 0, "string": 1, "comment": 2}
# Languages with much the same habits go by the name of the one that the model was fitted on.
_HABITS = {
    **dict.fromkeys(("python", "ruby"), "python"),
    **dict.fromkeys(("typescript", "typescriptreact", "javascript", "javascriptreact"), "typescript"),
    **dict.fromkeys(("go", "rust", "c", "cpp"), "go"),
    **dict.fromkeys(("java", "csharp", "kotlin", "scala", "php"), "java"),
}
LANGUAGES = {"": 0, "python": 1, "typescript": 2, "go": 3, "java": 4}
_CLASSES = {
    **dict.fromkeys("([{", 2),
    **dict.fromkeys(")]}", 3),
    **dict.fromkeys("\"'`", 4),
    ",": 5,
    ":": 6,
    ";": 7,
    ".": 8,
    "=": 9,
    " ": 10,
    "\t": 10,
    "#": 11,
    "/": 11,
    "*": 11,
    "@": 13,
}
_OTHER = 12
# What a line is by its first word, in most languages at once.
_KEYWORD_CLASSES = {
    word: at
    for at, words in enumerate(
        (
            "import from package use using require include export",
            "def func function fn fun constructor",
            "class struct interface enum type trait impl",
            "return yield raise throw",
            "if elif else unless match switch",
            "for while loop",
            "with try except finally catch defer",
            "assert expect assertThat assertEqual",
            "case default",
            "const let var val final static public private protected",
            "async await",
            "self this super",
        ),
        2,
    )
    for word in words.split()
}
_FIRST_WORD = re.compile(r"\W{0,2}(\w+)")


def keyword_class(line: str) -> int:
    """What kind of line it is by its first word: 0 for one without words, 1 for any other."""
    match = _FIRST_WORD.match(line)
    return 0 if match is None else _KEYWORD_CLASSES.get(match[1], 1)


def known_keyword_class(head: str) -> int | None:
    """The `keyword_class` of every line that begins with `head`, if its first word ends in there."""
    match = _FIRST_WORD.match(head)
    return None if match is None or match.end() == len(head) else _KEYWORD_CLASSES.get(match[1], 1)


class Known(NamedTuple):
    """How much there is to learn from: characters of the document and of the other open ones, and indexed files.

    What was not found says little where there is next to nothing to find it in. `head` and `above` say how foreseeable
    the text just above the cursor was: the mean log chance that the n-grams give the last tokens of the line so far,
    and those of the line above.
    """

    document: int = 0
    others: int = 0
    files: int = 0
    head: float = 0.0
    above: float = 0.0


def habits_of(language_id: str) -> str:
    """The name in `LANGUAGES` of the language that one is written like; none is like it: empty."""
    return _HABITS.get(language_id, "")


def character_class(character: str) -> int:
    """What kind of character (one or none) it is: none 0, of a word 1, and so on in no order that means much."""
    if not character:
        return 0
    if character.isalnum() or character == "_":
        return 1
    return _CLASSES.get(character, _OTHER)


def describe(situation: Situation, used: list[Continuation], known: Known) -> list[float]:
    """Return the numbers in the order of `FEATURES`; `used` are the continuations that are looked at."""
    partial = situation.partial
    above = situation.previous[0] if situation.previous else ""
    dedent = situation.indent - situation.previous_indents[0] if situation.previous_indents else 0
    weights = sorted((one.weight for one in used), reverse=True)
    total = sum(weights) or 1.0
    shares = [weight / total for weight in weights if weight]
    return [
        PLACES[situation.place],
        _REGIONS[situation.region],
        LANGUAGES[habits_of(situation.language_id)],
        1 if "test" in situation.path or "Test" in situation.path else 0,
        situation.indent,
        dedent,
        1 if situation.gap else 0,
        len(situation.brackets),
        situation.line,
        len(situation.head),
        len(lexing.cut_points(situation.head)),
        len(partial),
        1 if partial in situation.last_use else 0,
        sum(1 for line in situation.near_below if line.strip()),
        1 if situation.tail.strip() else 0,
        character_class(above[-1:]),
        len(above),
        len(used),
        -sum(share * math.log(share) for share in shares),
        shares[0] - shares[1] if len(shares) > 1 else 1.0,
        max((one.level for one in used), default=0),
        max((one.count for one in used), default=0),
        math.log1p(sum(one.renamed for one in used)),
        math.log1p(sum(one.aligned for one in used)),
        max((one.levels.get("alignment", 0) for one in used), default=0),
        known.document,
        known.others,
        known.files,
        known.head,
        known.above,
        sum(one.recent for one in used) / total,
        keyword_class(above),
    ]
