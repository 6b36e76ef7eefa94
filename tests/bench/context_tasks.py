"""Tasks of cross-file context: real lines of real projects, cut at a word, whose rest needs names from other files.

The rest of the line is gold. Wanted are gold's identifiers that stand nowhere else in the open file, but do in another
file of the project. A task is hard when its line stands in no other file. Declarations are told by expressions of the
bench's own, whatever the index thinks of them. Called by `bench_context`.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.context_projects import GO, JAVA, PYTHON, TYPESCRIPT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.context_projects import Language

WORD = re.compile(r"[^\W\d]\w*")
_SHORTEST_LINE, _LONGEST_LINE = 8, 160
_TEXTS = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`\n]*`|#.*|//.*")
_KEYWORDS = {
    PYTHON: "and as assert async await break class continue def del elif else except finally for from global if import in is "
    "lambda nonlocal not or pass raise return try while with yield None True False self cls",
    TYPESCRIPT: "abstract any as async await boolean break case catch class const continue declare default delete do else "
    "enum export extends false finally for from function if implements import in infer instanceof interface is keyof let "
    "never new null number object of private protected public readonly return static string super switch symbol this "
    "throw true try type typeof undefined unknown var void while yield",
    JAVA: "abstract assert boolean break byte case catch char class continue default do double else enum extends false final "
    "finally float for if implements import instanceof int interface long native new null package private protected public "
    "return short static super switch synchronized this throw throws true try void volatile while var",
    GO: "break case chan const continue default defer else fallthrough for func go goto if import interface map package range "
    "return select struct switch type var nil true false string int bool byte error any",
}
# Lines that no one needs context for, or that name files rather than code.
_NOT_ASKED = {
    PYTHON: ("#", "import ", "from ", '"', "'"),
    TYPESCRIPT: ("//", "*", "/*", "import ", "export *", "export {", "} from"),
    JAVA: ("//", "*", "/*", "import ", "package "),
    GO: ("//", "*", "/*", "import ", "package ", '"'),
}
_WEB_MODIFIERS = (
    r"(?:(?:export|default|declare|abstract|public|private|protected|static|readonly|async|override|get|set)[ \t]+)"
)
_JAVA_MODIFIERS = r"(?:(?:public|protected|private|static|final|abstract|synchronized|native|default|volatile)[ \t]+)"
# `NAME` stands for the name that is declared.
_DECLARATIONS = {
    PYTHON: (
        r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+NAME\b",
        r"^NAME[ \t]*[:=]",
        r"^[ \t]+(?:self\.)?NAME[ \t]*(?::[^\n]*)?=(?!=)",
        r"^[ \t]+NAME:[ \t]*[\w\[\]., |\"']+$",
    ),
    TYPESCRIPT: (
        rf"^[ \t]*{_WEB_MODIFIERS}*(?:class|interface|type|enum|const[ \t]+enum|function\*?|const|let|var|namespace)[ \t]+NAME\b",
        rf"^[ \t]+{_WEB_MODIFIERS}*NAME[?!]?[ \t]*:[^\n]*(?<!,)$",
        rf"^[ \t]+{_WEB_MODIFIERS}+NAME\b",
        r"^[ \t]+NAME\??[ \t]*(?:<[^\n]*>)?\([^\n]*\)[ \t]*(?::[^\n]+)?[{;]$",
        r"^[ \t]+NAME\??[ \t]*(?:<[^\n]*>)?\([^\n]*\)[ \t]*:[^\n]+$",
    ),
    JAVA: (
        r"^[^\n/*]*\b(?:class|interface|enum|record|@interface)[ \t]+NAME\b",
        rf"^[ \t]+{_JAVA_MODIFIERS}+[\w<>\[\],.?@ \t]+[ \t]NAME[ \t]*[(;=]",
        rf"^[ \t]+{_JAVA_MODIFIERS}*(?!return\b|new\b|throw\b|else\b)[\w<>\[\].?]+[ \t]+NAME\([^\n]*\)[ \t]*(?:throws[^\n]*)?[;{{]$",
        r"^[ \t]+NAME(?:\([^\n]*\))?[,;]$",
    ),
    GO: (
        r"^func[ \t]+(?:\([^)\n]*\)[ \t]*)?NAME\b",
        r"^(?:type|var|const)[ \t]+NAME\b",
        r"^\t+NAME[ \t]+(?:[\w*\[\].]+|func\(|struct|interface)[^=\n]*$",
        r"^\t+NAME(?:[ \t]+\w+)?[ \t]*=[^=]",
        r"^\t+NAME\([^\n]*\)[ \t]*(?:\(?[\w*\[\]., ]+\)?)?$",
    ),
}


@dataclass(frozen=True, slots=True)
class Task:
    """A cut line. `wanted` are the identifiers to find, `declared` those of them that another file declares."""

    project: str
    path: str
    prefix: str
    suffix: str
    wanted: frozenset[str]
    declared: frozenset[str]
    hard: bool


def declares(language: Language, name: str, text: str) -> bool:
    """Whether a line of `text` declares `name`."""
    return any(
        re.search(pattern.replace("NAME", re.escape(name)), text, re.MULTILINE) for pattern in _DECLARATIONS[language]
    )


class Corpus:
    """The source files of one project in one language."""

    def __init__(self, project: str, root: Path, language: Language) -> None:
        self.project, self.root, self.language = project, root, language
        self.texts = {
            path.relative_to(root).as_posix(): path.read_text("utf-8", "replace").replace("\r\n", "\n")
            for path in sorted(root.rglob("*"))
            if path.suffix in language.endings and path.is_file()
        }
        self.files_with: dict[str, set[str]] = defaultdict(set)
        self.files_with_line: dict[str, set[str]] = defaultdict(set)
        self.files_declaring: dict[str, set[str]] = defaultdict(set)
        declared = [
            re.compile(pattern.replace("NAME", r"(?P<name>[^\W\d]\w*)"), re.MULTILINE)
            for pattern in _DECLARATIONS[language]
        ]
        for path, text in self.texts.items():
            for word in set(WORD.findall(text)):
                self.files_with[word].add(path)
            for line in text.split("\n"):
                self.files_with_line[line.strip()].add(path)
            for pattern in declared:
                for match in pattern.finditer(text):
                    self.files_declaring[match["name"]].add(path)

    @property
    def n_lines(self) -> int:
        return sum(text.count("\n") for text in self.texts.values())

    def tasks(self, n: int, seed: int) -> list[Task]:
        """Up to `n` tasks over all files, the same for the same seed."""
        chance = random.Random(seed)
        places = [(path, at) for path, text in self.texts.items() for at in range(text.count("\n"))]
        chance.shuffle(places)
        tasks: list[Task] = []
        per_file: Counter[str] = Counter()
        for path, at in places:
            if len(tasks) >= n:
                break
            if per_file[path] >= max(4, n // 10):
                continue
            task = self._task(path, at, chance)
            if task is not None:
                per_file[path] += 1
                tasks.append(task)
        return tasks

    def _task(self, path: str, at: int, chance: random.Random) -> Task | None:
        lines = self.texts[path].split("\n")
        line = lines[at]
        if not _SHORTEST_LINE <= len(line.strip()) <= _LONGEST_LINE:
            return None
        if line.lstrip().startswith(_NOT_ASKED[self.language]):
            return None
        starts = [match.start() for match in WORD.finditer(line)]
        if not starts or self._in_text(lines, at):
            return None
        column = chance.choice(starts)
        if any(line[:column].count(quote) % 2 for quote in "\"'`") or re.search(r"//|#(?!\w)", line[:column]):
            return None
        known = set(WORD.findall("\n".join([*lines[:at], line[:column], *lines[at + 1 :]])))
        keywords = _KEYWORDS[self.language].split()
        wanted = frozenset(
            word
            for word in WORD.findall(_TEXTS.sub("", line[column:]))
            if word not in known and word not in keywords and self.files_with[word] - {path}
        )
        if not wanted:
            return None
        return Task(
            self.project,
            path,
            "\n".join([*lines[:at], line[:column]]),
            "\n" + "\n".join(lines[at + 1 :]),
            wanted,
            frozenset(word for word in wanted if self.files_declaring.get(word, set()) - {path}),
            not self.files_with_line[line.strip()] - {path},
        )

    def _in_text(self, lines: list[str], at: int) -> bool:
        """Whether the line is within a docstring, a block comment or a template."""
        above = "\n".join(lines[:at])
        if self.language == PYTHON:
            return any(above.count(quotes) % 2 == 1 for quotes in ('"""', "'''"))
        return above.rfind("/*") > above.rfind("*/") or above.count("`") % 2 == 1
