"""The files beyond the open documents that a change may have left behind: those that use what went.

The index says which files import, use or declare a name that the latest edits took away, or have a line with the piece
of code that they changed; a few of them are read from disk as they are now. Only what the index has is read, so nothing
that is ignored or holds keys, and nothing outside of the workspace. Runs in a thread. Called by `suggester`; looking
into them is `proposing`'s.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.features.next_edit.evidence import gone_and_come
from copilot_ls.features.next_edit.line_ops import is_name, ops_between, tokens_of
from copilot_ls.features.next_edit.scene import NOT_OPEN, Page
from copilot_ls.text import DocumentSnapshot, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from copilot_ls.features.next_edit.line_ops import Op
    from copilot_ls.features.next_edit.scene import Scene
    from copilot_ls.features.next_edit.trail import MadeEdit
    from copilot_ls.index.lookup import WorkspaceIndex

_MOST_EDITS = 4
_MOST_NAMES = 4
_LEAST_CHARS = 4
MOST_FILES = 6
_LARGEST_BYTES = 400_000
_MOST_PLACES = 40
_MOST_PHRASES = 2
_LEAST_PHRASE = 12


def names_gone(made: Sequence[MadeEdit]) -> list[str]:
    """The names that the latest edits took away, and that may be missed elsewhere."""
    found: dict[str, None] = {}
    for each in list(made)[:_MOST_EDITS]:
        gone, _ = gone_and_come(each)
        found |= dict.fromkeys(name for name in gone if is_name(name) and len(name) >= _LEAST_CHARS)
    return list(found)[:_MOST_NAMES]


def phrases_gone(made: Sequence[MadeEdit]) -> list[str]:
    """Pieces of code that the latest edits changed, long enough to be found by: what went and what is beside it."""
    found: dict[str, None] = {}
    for each in list(made)[:_MOST_PHRASES]:
        if len(each.old) == len(each.new) == 1:
            for op in ops_between(each.old[0], each.new[0])[:1]:
                if (phrase := _phrase(tokens_of(each.old[0]), op)) is not None:
                    found[phrase] = None
        elif each.old and not each.new and len(each.old) <= _MOST_PHRASES:
            found |= dict.fromkeys(line.strip() for line in each.old[:1] if len(line.strip()) >= _LEAST_PHRASE)
    return list(found)


def _phrase(tokens: tuple[str, ...], op: Op) -> str | None:
    """The tokens that went, with as many around them as make a phrase; None where the line is too short for one."""
    start, end = op.start, op.start + len(op.old)
    while len("".join(tokens[start:end]).strip()) < _LEAST_PHRASE:
        if start == 0 and end == len(tokens):
            return None
        start, end = max(0, start - 1), min(len(tokens), end + 1)
    return "".join(tokens[start:end]).strip()


def pages_elsewhere(
    scene: Scene, index: WorkspaceIndex, root: Path, languages: dict[str, str], opened: Collection[str]
) -> list[Page]:
    """The files that use such names, those near the document first; `opened` are the paths of open documents.

    `languages` are the client's names of languages by file extension, as far as documents have told.
    """
    path = Path(scene.page.document.path)
    near = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
    found: dict[str, None] = {}
    for name in names_gone(scene.made):
        found |= dict.fromkeys(_files_with(index, name, near))
    for phrase in phrases_gone(scene.made):
        found |= dict.fromkeys(hit.path for hit in index.lines_containing(phrase, limit=_MOST_PLACES))
    pages = []
    for relative in found:
        place = root / relative
        if str(place) not in opened and (page := _read(place, root, languages)) is not None:
            pages.append(page)
            if len(pages) >= MOST_FILES:
                break
    return pages


def _files_with(index: WorkspaceIndex, name: str, near: str) -> Iterator[str]:
    yield from (hit.path for hit in index.imports_of_name(name, limit=_MOST_PLACES))
    yield from (hit.path for hit in index.references([name], limit_each=_MOST_PLACES, near=near).get(name, ()))
    yield from (hit.path for hit in index.definitions([name]).get(name, ()))


def _read(place: Path, root: Path, languages: dict[str, str]) -> Page | None:
    try:
        if not place.resolve().is_relative_to(root.resolve()) or place.stat().st_size > _LARGEST_BYTES:
            return None
        text = place.read_bytes().decode()
    except (OSError, ValueError):
        return None
    language = languages.get(place.suffix, "")
    return Page(DocumentSnapshot(place.as_uri(), str(place), language, NOT_OPEN, TextSnapshot.of(text)))
