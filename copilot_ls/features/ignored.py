"""Which open documents are ignored: by an ignore file of their workspace, by `index.exclude`, or by their names.

Nothing of such a document is sent anywhere, and no other document learns from it; the backends within this process may
still complete it from itself. The rules stand in files, so they are read in a thread; until they are, a document
teaches nobody, and a request waits. Leaves the rules to `copilot_ls.index.ignore`. Called by `workbench`.
"""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.index.ignore import IgnoreRules
    from copilot_ls.text import DocumentSnapshot

_IGNORE_FILES = frozenset({".gitignore", ".copilotignore"})
# What names a folder whose files belong together, for a document outside of all workspace folders.
_REPOSITORY = ".git"
_UNREADABLE = "unreadable"


class IgnoredDocuments:
    """What is known of each path, until the rules may have changed. Used on the event loop."""

    def __init__(
        self, root_of: Callable[[DocumentSnapshot], Path | None], exclude: Callable[[], Sequence[str]]
    ) -> None:
        self._root_of = root_of
        self._exclude = exclude
        self._known: dict[str, str | None] = {}
        self._asking: dict[str, asyncio.Future[str | None]] = {}
        self._rules: dict[Path, IgnoreRules] = {}
        self._reading = threading.Lock()

    async def reason(self, document: DocumentSnapshot) -> str | None:
        """Why nothing of the document may leave: `ignore file`, `setting`, `secret`; None when it may."""
        path = document.path
        if not path:
            return None
        if path in self._known:
            return self._known[path]
        return await asyncio.shield(self._ask(document))

    def may_teach(self, documents: Sequence[DocumentSnapshot]) -> list[DocumentSnapshot]:
        """Those of the documents that others may learn from, as far as is known. Returns at once."""
        found = []
        for document in documents:
            if not document.path or self._known.get(document.path, _UNREADABLE) is None:
                found.append(document)
            elif document.path not in self._known:
                self._ask(document)
        return found

    def look_at(self, document: DocumentSnapshot) -> None:
        """Begin to find out, so that it is known when it is asked for. Returns at once."""
        if document.path and document.path not in self._known:
            self._ask(document)

    def rules_changed(self, paths: Sequence[str] | None = None) -> None:
        """Forget what was known, if one of `paths` is an ignore file, or whatever they are when there are none."""
        if paths is None or any(os.path.basename(path) in _IGNORE_FILES for path in paths):  # noqa: PTH119 - a name alone
            self._known.clear()
            self._asking.clear()
            self._rules = {}

    def _ask(self, document: DocumentSnapshot) -> asyncio.Future[str | None]:
        path = document.path
        if path not in self._asking:
            rules, exclude = self._rules, tuple(self._exclude())
            work = asyncio.get_running_loop().run_in_executor(
                None, self._read, Path(path), self._root_of(document), exclude, rules
            )
            self._asking[path] = work
            work.add_done_callback(lambda done: self._note(path, done))
        return self._asking[path]

    def _note(self, path: str, done: asyncio.Future[str | None]) -> None:
        # Unless the rules have changed since: then it is asked again.
        if self._asking.get(path) is done:
            del self._asking[path]
            if not done.cancelled():
                self._known[path] = done.result()

    def _read(
        self, path: Path, root: Path | None, exclude: Sequence[str], rules: dict[Path, IgnoreRules]
    ) -> str | None:
        with self._reading:
            return why_ignored(path, root, exclude, rules)


def why_ignored(path: Path, root: Path | None, exclude: Sequence[str], rules: dict[Path, IgnoreRules]) -> str | None:
    """Why a file is ignored, None when it is not; what cannot be told is. Reads files, and keeps `rules` of folders."""
    from copilot_ls.index.ignore import IgnoreRules, is_secret

    try:
        folder = root or _repository_of(path)
        if is_secret(path.as_posix()) or is_secret(os.path.realpath(path)):
            return "secret"
        if folder is None:
            return None
        known = rules.setdefault(folder, IgnoreRules(folder, exclude))
        reason = known.reason(path.relative_to(folder).as_posix())
    except (OSError, ValueError):
        return _UNREADABLE
    # Build output and vendored code are left out of the index for being noise, not for being private.
    return None if reason == "built-in" else reason


def _repository_of(path: Path) -> Path | None:
    return next((folder for folder in path.parents if (folder / _REPOSITORY).exists()), None)
