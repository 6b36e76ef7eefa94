"""What the embedded engines ask of a workspace index, and how a failing one is kept from them.

`copilot_ls.index.lookup.WorkspaceIndex` fits `LineIndex`; so does anything with these three methods; those of
symbols are not a must. A call that raises
answers nothing, and after a few of them the index is left alone. Called by `copying` and `propose`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# Failures in a row after which an index is not asked again.
_PATIENCE = 3

_T = TypeVar("_T")


class LineHit(Protocol):
    """A distinct line of code: stripped text, how often the workspace has it, one place of it (zero-based line)."""

    @property
    def text(self) -> str: ...  # noqa: D102 - described above
    @property
    def count(self) -> int: ...  # noqa: D102 - described above
    @property
    def path(self) -> str: ...  # noqa: D102 - described above
    @property
    def line(self) -> int: ...  # noqa: D102 - described above


class FollowHit(Protocol):
    """The lines after a line equal to the one asked for: with their terminators removed, indented relative to it.

    `matched_previous` says that the line above it was the one asked for, too.
    """

    @property
    def lines(self) -> Sequence[str]: ...  # noqa: D102 - described above
    @property
    def matched_previous(self) -> bool: ...  # noqa: D102 - described above
    @property
    def path(self) -> str: ...  # noqa: D102 - described above
    @property
    def line(self) -> int: ...  # noqa: D102 - described above


class DefinitionHit(Protocol):
    """A declaration: its name, kind (class, function, variable), the type it is a member of, signature and place."""

    @property
    def name(self) -> str: ...  # noqa: D102 - described above
    @property
    def kind(self) -> str: ...  # noqa: D102 - described above
    @property
    def container(self) -> str: ...  # noqa: D102 - described above
    @property
    def signature(self) -> str: ...  # noqa: D102 - described above
    @property
    def path(self) -> str: ...  # noqa: D102 - described above
    @property
    def line(self) -> int: ...  # noqa: D102 - described above


class LineIndex(Protocol):
    """Look-ups by line over the saved files of a workspace; most frequent or most telling first."""

    def lines_starting_with(self, prefix: str, *, limit: int) -> Sequence[LineHit]:
        """Return the distinct stripped lines that start with `prefix`."""
        ...

    def lines_containing(self, piece: str, *, limit: int) -> Sequence[LineHit]:
        """Return the distinct stripped lines that contain `piece`, of three characters at least."""
        ...

    def lines_following(self, line: str, *, limit: int, previous: str | None = None) -> Sequence[FollowHit]:
        """What stands after lines equal to `line`, those first that come after `previous`."""
        ...


class PatientIndex:
    """An index as the engines see it: it never raises.

    One belongs to one index and is used by one thread at a time.
    """

    __slots__ = ("_failures", "_index")

    def __init__(self, index: LineIndex | None) -> None:
        self._index = index
        self._failures = 0

    @property
    def usable(self) -> bool:
        """Whether asking may help."""
        return self._index is not None and self._failures < _PATIENCE

    @property
    def n_files(self) -> int:
        """How many files the index holds: none without one, a single one where it does not say."""
        return next(iter(self._ask(lambda index: (getattr(index, "n_files", 1),))), 0)

    def lines_starting_with(self, prefix: str, *, limit: int) -> Sequence[LineHit]:
        """Return what the index answers, nothing when it cannot."""
        return self._ask(lambda index: index.lines_starting_with(prefix, limit=limit))

    def lines_containing(self, piece: str, *, limit: int) -> Sequence[LineHit]:
        """Return what the index answers, nothing when it cannot."""
        return self._ask(lambda index: index.lines_containing(piece, limit=limit))

    def lines_following(self, line: str, *, limit: int, previous: str | None = None) -> Sequence[FollowHit]:
        """Return what the index answers, nothing when it cannot."""
        return self._ask(lambda index: index.lines_following(line, limit=limit, previous=previous))

    def definitions(self, name: str, *, limit: int) -> Sequence[DefinitionHit]:
        """Where a name is declared: in the workspace, else in the packages that it imports."""
        return self._ask_of_symbols(
            lambda index: _first(each.definitions([name], limit_each=limit).get(name) for each in _knowing(index))
        )

    def members(self, container: str, path: str) -> Sequence[DefinitionHit]:
        """What a type has as members that is declared in the file `path`."""
        return self._ask_of_symbols(lambda index: _first(each.members(container, path) for each in _knowing(index)))

    def module_definitions(self, module: str, importer: str) -> Sequence[DefinitionHit]:
        """What a module (a path without ending) declares that the file `importer` imports."""
        return self._ask_of_symbols(lambda index: _of_module(index, module, importer))

    def _ask_of_symbols(self, question: Callable[[LineIndex], Sequence[_T]]) -> Sequence[_T]:
        return self._ask(question) if hasattr(self._index, "members") else ()

    def _ask(self, question: Callable[[LineIndex], Sequence[_T]]) -> Sequence[_T]:
        if self._index is None or self._failures >= _PATIENCE:
            return ()
        try:
            answer = list(question(self._index))
        except Exception:  # noqa: BLE001 - an index may be another package's; a broken one only means fewer suggestions
            self._failures += 1
            return ()
        self._failures = 0
        return answer


def _knowing(index: object) -> Iterator[Any]:
    """An index that knows symbols, and what it knows the packages by that the workspace imports."""
    yield index
    packages = getattr(index, "dependencies", None)
    if packages is not None:
        yield packages


def _first(answers: Iterable[Sequence[DefinitionHit] | None]) -> Sequence[DefinitionHit]:
    return next(filter(None, answers), ())


def _of_module(index: object, module: str, importer: str) -> Sequence[DefinitionHit]:
    near = importer.rpartition("/")[0]
    for each in _knowing(index):
        if hasattr(each, "files_named"):
            files = each.files_named(module.rpartition("/")[2])
            paths = [file.path for file in files if file.path.partition(".")[0].endswith(module)]
            found = (
                each.file_definitions(min(paths, key=lambda path: (not path.startswith(near), path))) if paths else ()
            )
        else:
            found = each.module_definitions(module.replace("/", "."))
        if found:
            return list(found)
    return ()
