"""Brings the declarations of what a workspace imports up to date: the packages that are new to the database.

Runs in the worker after a pass, without the workspace's lock; a package is one transaction. What is known in the same
version is not read again, whichever workspace it came by. What goes wrong costs the signatures of packages, never the
index of the workspace. Called by `worker`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from copilot_ls.errors import IndexUnavailableError
from copilot_ls.index.dependencies import go, node, python
from copilot_ls.index.dependencies.lookup import database_beside
from copilot_ls.index.dependencies.signatures import offered
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.store import DependencyStore, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from copilot_ls.index.dependencies.packages import Package, SourceFile
    from copilot_ls.index.dependencies.signatures import Offered

_MOST_PACKAGES = 300
_MOST_DECLARATIONS = 60_000
_SECONDS_PER_DAY = 86_400
# The worker has no editor waiting for it.
_QUERY_MS = 60_000.0
# Files that change when packages are installed.
_MANIFESTS = frozenset(
    {
        *("requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "Pipfile.lock", "go.mod", "go.sum"),
        *("package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"),
    }
)


class Collector:
    """Keeps the packages of one workspace in step with its index at `database`; `tell` hears of it, as in `worker`."""

    def __init__(
        self,
        root: Path,
        database: Path,
        tell: Callable[[dict[str, Any]], None],
        *,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._root = root
        self._database = database
        self._tell = tell
        self._wall_clock = wall_clock
        self._modules: set[str] = set()

    def after_pass(self) -> None:
        """Look at all that the workspace imports."""
        day = int(self._wall_clock() // _SECONDS_PER_DAY)
        try:
            with closing(WorkspaceIndex(self._database, query_ms=_QUERY_MS)) as index:
                imports = index.imports_of_families(("python", "web", "go"))
            self._modules = {module for _, module, _ in imports}
            packages = database_beside(self._database)
            report = bring_up_to_date(self._root, self._database.stem, imports, packages, day=day)
        except (IndexUnavailableError, OSError, StoreError) as error:
            self._tell({"event": "packages", "fault": str(error)})
        else:
            self._tell({"event": "packages", **asdict(report)})

    def after_refresh(self, paths: Sequence[str]) -> None:
        """Look again if one of the files that have changed imports something new, or says what is installed."""
        if any(path.rpartition("/")[2] in _MANIFESTS for path in paths):
            self.after_pass()
            return
        with closing(WorkspaceIndex(self._database, query_ms=_QUERY_MS)) as index:
            imported = {hit.module for path in paths for hit in index.file_imports(path)}
        if not imported <= self._modules:
            self.after_pass()


@dataclass(slots=True)
class CollectionReport:
    """How many packages the workspace imports, how many of them were new, and what those declare."""

    n_packages: int = 0
    n_new: int = 0
    n_declarations: int = 0


def bring_up_to_date(
    root: Path, workspace: str, imports: Iterable[tuple[str, str, str]], database: Path, *, day: int
) -> CollectionReport:
    """Make the database hold what `imports` mean: `(family, module as it is written, path of the importing file)`."""
    report = CollectionReport()
    used: list[int] = []
    with closing(DependencyStore(database)) as store:
        known = store.known()
        for package in packages_of(root, imports):
            at = known.get(package.key)
            if at is None:
                found = list(_read(package))
                if not found:
                    continue
                at = store.put(package, found, workspace, day)
                report.n_new += 1
                report.n_declarations += sum(len(each.definitions) for _, each in found)
            used.append(at)
            if len(used) >= _MOST_PACKAGES:
                break
        store.use(workspace, used, day)
        if report.n_new:
            store.trim(day)
    report.n_packages = len(used)
    return report


def packages_of(root: Path, imports: Iterable[tuple[str, str, str]]) -> Iterator[Package]:
    """The installed packages that imports mean."""
    by_family: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for family, module, path in imports:
        by_family[family].add((module, path.rpartition("/")[0]))
    return chain(
        python.find(root, {module for module, _ in by_family["python"]}),
        node.find(root, by_family["web"]),
        go.find(root, by_family["go"]),
    )


def _read(package: Package) -> Iterator[tuple[SourceFile, Offered]]:
    n_declarations = 0
    files = package.files()
    tops = {source.module.partition("/")[0] for source in files} if package.ecosystem == "python" else set()
    roots = frozenset({package.name, *tops})
    for source in files:
        found = offered(source, roots)
        if found is None or not (found.definitions or found.exports):
            continue
        n_declarations += len(found.definitions)
        if n_declarations > _MOST_DECLARATIONS:
            return
        yield source, found
