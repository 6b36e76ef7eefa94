"""An import whose last use went with an edit: its line is taken out, or its name from among the others.

By words and the forms of import statements, in any language that writes them like Python, JavaScript, Go or Java.
Called by `proposing`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.features.next_edit.candidate import Candidate
from copilot_ls.features.next_edit.scene import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.features.next_edit.scene import Page
    from copilot_ls.features.next_edit.trail import MadeEdit

_IMPORT = re.compile(r"\s*(?:import|from|use|using|export\s+\{)\b")
_OPENS = re.compile(
    r"\s*(?:from\s+[\w.]+\s+import\s*\(|import\s*\(|import\s+(?:type\s+)?(?:\w+\s*,\s*)?\{|use\s+[\w:]+::\{)\s*$"
)
# Lines that import NAME and nothing else.
_ALONE = (
    r"(?:type\s+)?NAME,?(?:\s*(?:#|//).*)?",  # one of a list
    r"(?:import\s+)?(?:\w+\s+)?\"(?:[^\"]*/)?NAME(?:/v\d+)?\"",  # a package by its path
    r"import\s+(?:static\s+)?(?:[\w.]+\.)?NAME;?",  # a module, a class by its path
    r"import\s+[\w.]+\s+as\s+NAME",
    r"from\s+[\w.]+\s+import\s+(?:\w+\s+as\s+)?NAME",
    r"import\s+(?:type\s+)?\{\s*(?:type\s+)?(?:\w+\s+as\s+)?NAME,?\s*\}\s*from\s.+",
    r"import\s+(?:type\s+)?(?:\*\s+as\s+)?NAME\s+from\s.+",
)
_MOST_LINES = 60
_MOST_NAMES = 12


def candidates(made: MadeEdit, page: Page) -> Iterator[Candidate]:
    """The imports of the edited page that nothing uses any more."""
    if page.uri != made.uri or not made.old:
        return
    kept = set(words_of("\n".join(made.new)))
    for name in list(dict.fromkeys(word for line in made.old for word in words_of(line) if word not in kept))[
        :_MOST_NAMES
    ]:
        lines = page.lines_with(name)
        if len(lines) != 1 or not _is_import(page, lines[0]):
            continue
        number = lines[0]
        if number < made.end and number >= made.line:
            continue
        new = _without(page.lines[number], name)
        if new is not None:
            whole = not new
            yield Candidate(page, number, number + 1, new, "unused_import", made, {"n_lines": 1, "exact": float(whole)})


def _is_import(page: Page, number: int) -> bool:
    """Whether a line is an import statement, or within one over several lines."""
    if _IMPORT.match(page.lines[number]):
        return True
    for at in range(number - 1, max(-1, number - _MOST_LINES), -1):
        line = page.lines[at]
        if _OPENS.match(line):
            return True
        if line.strip() and not re.fullmatch(r"\s*[\w\s\".,/@*-]+,?\s*(?://.*|#.*)?", line):
            return False
    return False


def _without(line: str, name: str) -> tuple[str, ...] | None:
    """The line without the name, nothing when it imports no other; None where it cannot be told."""
    word = re.escape(name)
    if any(re.fullmatch(form.replace("NAME", word), line.strip()) for form in _ALONE):
        return ()
    item = rf"(?:type\s+)?(?:\w+\s+as\s+)?(?<!\w){word}(?!\w)(?:\s+as\s+\w+)?"
    found = re.search(rf"{item}\s*,\s*|\s*,\s*{item}", line)
    if found is None or not _IMPORT.match(line):
        return None
    return (line[: found.start()] + line[found.end() :],)
