"""Whether a suggestion is a long run of lines of an installed package that is under another licence.

Long is six lines that say something, 150 characters in all, one after the other, the same but for indentation. Where
packages lie depends on the language; their files are read when a suggestion is long enough to ask, within a deadline:
some 10,000 files take a quarter of a second once the system has them in its cache. What is not found until then counts
as not there. An index of all their lines would cost more, at every start, than the few suggestions of that length do.

Leaves what to do about it to `ask`, and the names of licences to `copilot_ls.index.licences`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from copilot_ls.text import DocumentSnapshot

logger = logging.getLogger("copilot_ls.duplicates")

_LEAST_LINES = 6
_LEAST_CHARS = 150
_DEADLINE_S = 0.4
_LARGEST_FILE = 2_000_000
# A line of fewer letters and digits says nothing: `}`, `else:`, `return x`.
_LEAST_WORD_SIGNS = 4
_ENDINGS = {
    "python": (".py", ".pyi"),
    "javascript": (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx"),
    "go": (".go",),
    "rust": (".rs",),
    "php": (".php",),
    "ruby": (".rb",),
}
_FAMILIES = {
    "typescript": "javascript",
    "javascriptreact": "javascript",
    "typescriptreact": "javascript",
}


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Where a run of a suggestion's lines stands too, under which licence, and how long the run is."""

    path: str
    licence: str | None
    n_lines: int

    def __str__(self) -> str:
        return f"{self.n_lines} lines as in {self.path} ({self.licence or 'unknown licence'})"


class DuplicateCheck:
    """The check of one server. `root_of` names the workspace folder of a document; `clock` is in seconds."""

    def __init__(
        self,
        root_of: Callable[[DocumentSnapshot], Path | None],
        *,
        clock: Callable[[], float] = time.monotonic,
        deadline_s: float = _DEADLINE_S,
    ) -> None:
        self._root_of = root_of
        self._clock = clock
        self._deadline_s = deadline_s
        self._looking: set[asyncio.Task[None]] = set()

    async def find(self, text: str, document: DocumentSnapshot) -> Duplicate | None:
        """The first file of a dependency, under another licence than the workspace, that has a long run of `text`."""
        lines, root = _significant(text), self._root_of(document)
        if root is None or not is_long(lines):
            return None
        until = self._clock() + self._deadline_s
        try:
            return await asyncio.to_thread(self._search, lines, document.language_id, root, until)
        except Exception as error:  # noqa: BLE001 - a check that fails costs no suggestion
            logger.warning("looking for duplicates failed (%s)", type(error).__name__)
            return None

    def warn_soon(self, text: str, document: DocumentSnapshot) -> None:
        """Look in the background, and say in the log what was found. Returns at once."""
        if is_long(_significant(text)):
            task = asyncio.get_running_loop().create_task(self._warn(text, document))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def _warn(self, text: str, document: DocumentSnapshot) -> None:
        found = await self.find(text, document)
        if found is not None:
            logger.warning("a suggestion has %s", found)

    def _search(self, lines: Sequence[str], language_id: str, root: Path, deadline: float) -> Duplicate | None:
        from copilot_ls.index.licences import licence_of_folder

        family = _FAMILIES.get(language_id, language_id)
        anchors = [anchor.encode("utf-8", "replace") for anchor in _anchors(lines)]
        own: str | None = None
        is_known = False
        for folder in _places(family, root):
            for path in _files(folder, _ENDINGS.get(family, ())):
                if self._clock() > deadline:
                    return None
                data = _bytes(path)
                if not any(anchor in data for anchor in anchors):
                    continue
                found = data.decode("utf-8", "replace")
                n_lines = longest_run(lines, _significant(found))
                if n_lines < _LEAST_LINES:
                    continue
                if not is_known:
                    own, is_known = licence_of_folder(root), True
                licence = _licence(path, found, folder)
                if licence is None or licence != own:
                    return Duplicate(os.path.relpath(path, folder).replace(os.sep, "/"), licence, n_lines)
        return None


def is_long(lines: Sequence[str]) -> bool:
    """Whether so many lines that say something are worth looking for."""
    return len(lines) >= _LEAST_LINES and sum(map(len, lines)) >= _LEAST_CHARS


def longest_run(lines: Sequence[str], others: Sequence[str]) -> int:
    """How many lines in a row are the same in both, at most; 0 when they are too few characters."""
    places: dict[str, list[int]] = {}
    for at, line in enumerate(others):
        places.setdefault(line, []).append(at)
    best = 0
    lengths: dict[int, tuple[int, int]] = {}
    for line in lines:
        following: dict[int, tuple[int, int]] = {}
        for at in places.get(line, ()):
            n_lines, n_chars = lengths.get(at - 1, (0, 0))
            following[at] = (n_lines + 1, n_chars + len(line))
            if n_chars + len(line) >= _LEAST_CHARS:
                best = max(best, n_lines + 1)
        lengths = following
    return best


def _significant(text: str) -> list[str]:
    """The lines that say something, without indentation."""
    stripped = (line.strip() for line in text.split("\n"))
    return [line for line in stripped if sum(sign.isalnum() for sign in line) >= _LEAST_WORD_SIGNS]


def _anchors(lines: Sequence[str]) -> list[str]:
    """Lines of which every run that is long enough has one: the longest of each six."""
    windows = range(len(lines) - _LEAST_LINES + 1)
    return list(dict.fromkeys(max(lines[at : at + _LEAST_LINES], key=len) for at in windows))


def _places(family: str, root: Path) -> Iterator[Path]:
    """Where the dependencies of a workspace lie, as far as there is such a place."""
    if family == "python":
        from copilot_ls.index.dependencies.python import site_packages

        yield from site_packages(root)
    names = {"javascript": ("node_modules",), "ruby": ("vendor", ".bundle")}.get(family, ("vendor",))
    for name in names:
        for folder in (root, *root.parents[:2]):
            if (folder / name).is_dir():
                yield folder / name
                break
    home = Path.home()
    elsewhere = {
        "go": Path(os.environ.get("GOMODCACHE") or Path(os.environ.get("GOPATH") or home / "go") / "pkg" / "mod"),
        "rust": Path(os.environ.get("CARGO_HOME") or home / ".cargo") / "registry" / "src",
    }
    if family in elsewhere and elsewhere[family].is_dir():
        yield elsewhere[family]


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[str]:
    pending = [str(folder)]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif entry.name.endswith(endings):
                        yield entry.path
        except OSError:
            continue


def _bytes(path: str) -> bytes:
    """The file's bytes; by the system's own calls, which for thousands of small files take half as long as a stream."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return b""
    try:
        return os.read(descriptor, min(os.fstat(descriptor).st_size, _LARGEST_FILE))
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _licence(path: str, text: str, folder: Path) -> str | None:
    """What the file's header says, or the nearest folder above it that says anything, or the metadata beside it."""
    from copilot_ls.index.licences import licence_of_folder, licence_of_text

    in_header = licence_of_text("\n".join(text.split("\n")[:30]))
    if in_header is not None:
        return in_header
    for parent in Path(path).parents:
        if parent == folder:
            break
        if (found := licence_of_folder(parent)) is not None:
            return found
    package = Path(path).relative_to(folder).parts[0].removesuffix(".py")
    for metadata in sorted(folder.glob(f"{package}-*.dist-info")):
        said = _bytes(str(metadata / "METADATA"))[:20_000].decode("utf-8", "replace")
        for line in said.split("\n\n")[0].split("\n"):
            if line.startswith(("License:", "License-Expression:", "Classifier: License ::")):
                words = line.partition(":")[2].strip()
                if words and (found := licence_of_text(words) or words[:60]) is not None:
                    return found
        if (found := licence_of_folder(metadata) or licence_of_folder(metadata / "licenses")) is not None:
            return found
    return None
