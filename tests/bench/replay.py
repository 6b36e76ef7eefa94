"""Commits, replayed: cursors in files as they were while the commit was being typed.

The chain of first parents before a pinned commit is gone through from old to new. At a sampled added line the workspace is
the repository as it was before the commit, plus the files of the commit that come before this one; the file is the new one
above the line and the old one below it; the files of the same commit are open. Lines that the commit only moved do not count.
Points are the start of the line, after its first token, after a `.`, after a `(`, and somewhere.

The workspace is a folder, indexed by the very index that the server uses. Histories come from `--mirror DIR` (clones, at
`OWNER+NAME/repo`, `OWNER+NAME.git` or `OWNER/NAME`) or are cloned. Called by `bench_embedded` and `train_confidence`.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.recent_edits import RecentEdit
from copilot_ls.evaluation.changes import Change as FileChange
from copilot_ls.evaluation.changes import lines_gone, written
from copilot_ls.evaluation.git import GitRepository
from copilot_ls.evaluation.snapshot_folder import SnapshotFolder
from copilot_ls.evaluation.typist import is_right
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot
from tests.bench.replay_repositories import LANGUAGE_IDS, SUFFIXES, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.index.lookup import WorkspaceIndex

__all__ = ["ANYWHERE", "PLACES", "Change", "History", "added_lines", "cases", "history", "is_right", "sampled"]

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench" / "clones"
PLACES = ("line start", "first token", "after .", "after (")
# Asked and shown as well, but not counted in the totals: in the midst of words above all.
ANYWHERE = "anywhere"
_MOST_OPEN = 4
_MOST_EDITS = 50


class Added(NamedTuple):
    """A line that a commit added: its number in the new file, and that of the line below it in the old one."""

    at: int
    below: int


@dataclass
class Change(FileChange):
    """What a commit does to one file, as edits of an open document too, and the added lines that count."""

    added: list[Added] = field(default_factory=list)

    def edits(self, until: int | None = None) -> list[RecentEdit]:
        """Its hunks as edits of an open document, newest first: all, or those begun above line `until` of the new file."""
        old = [f"{line}\n" for line in (self.old or "").split("\n")]
        uri = uri_of(self.path or "")
        return [
            RecentEdit(uri, start, end if until is None else min(end, until + 1), float(start), tuple(old[first:last]))
            for first, last, start, end in reversed(self.hunks)
            if until is None or start <= until
        ]


@dataclass
class History:
    """The files before the first commit, and the commits, old to new, each with its changes."""

    repository: Repository
    files: dict[str, str]
    commits: list[list[Change]]
    source: str = "commits"

    @property
    def n_lines(self) -> int:
        return sum(len(change.added) for commit in self.commits for change in commit)


class Case(NamedTuple):
    """A cursor, what stands around it, and what the author typed next on that line."""

    repository: Repository
    place: str
    document: DocumentSnapshot
    cursor: Point
    others: list[DocumentSnapshot]
    index: WorkspaceIndex | None
    truth: str
    edits: list[RecentEdit]


# --- histories ------------------------------------------------------------------------------------------------------


def clone_of(repository: Repository, mirror: Path | None) -> Path | None:
    """The repository in the mirror, or cloned (without the blobs that are not needed); None where it cannot be had."""
    owner, _, name = repository.name.partition("/")
    for root in (mirror, CACHE):
        for tried in (f"{owner}+{name}/repo", f"{owner}+{name}.git", f"{owner}+{name}", f"{owner}/{name}"):
            if root is not None and (root / tried).is_dir() and _has(root / tried, repository.commit):
                return root / tried
    if mirror is not None:
        return None
    target = CACHE / f"{owner}+{name}"
    target.parent.mkdir(parents=True, exist_ok=True)
    url = f"https://github.com/{repository.name}"
    quiet = {"GIT_TERMINAL_PROMPT": "0"}
    try:
        # Where there is no network, that shows soon.
        subprocess.run(
            ["git", "ls-remote", "-q", url, "HEAD"], capture_output=True, check=True, timeout=10, env=os.environ | quiet
        )
        subprocess.run(["git", "clone", "-q", "--bare", url, str(target)], capture_output=True, check=True, timeout=300)
    except (OSError, subprocess.SubprocessError):
        return None
    return target if _has(target, repository.commit) else None


def _has(folder: Path, commit: str) -> bool:
    command = ["git", "-C", str(folder), "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def history(
    repository: Repository,
    folder: Path,
    *,
    n_lines: int,
    rng: random.Random,
    per_file: int = 60,
    per_commit: int = 160,
    n_commits: int = 400,
    spread: int = 6,
) -> History:
    """The last commits before the pinned one, with `n_lines` of the lines that they add, any as likely as another.

    A file counts with `per_file` lines at most, a commit with `per_commit`, and commits are gone through until there are
    `spread` times as many lines as wanted.
    """
    git = GitRepository(folder)
    wanted = _Wanted(repository)
    chain = git.first_parents(repository.commit, n_commits)
    commits: list[list[Change]] = []
    base, total = repository.commit, 0
    for commit, parent in pairwise(chain):
        base = parent
        changes = sampled(_changes(git, wanted, parent, commit), rng, per_file, per_commit)
        if changes:
            commits.append(changes)
            total += sum(len(change.added) for change in changes)
        if total >= spread * n_lines:
            break
    _thinned(commits, n_lines, rng)
    listed = [path for path, _ in git.files(base)]
    files = {path: text for path in listed if wanted(path) and (text := git.text(base, path)) is not None}
    git.close()
    return History(repository, files, commits[::-1])


def added_lines(change: Change, gone: set[str]) -> list[Added]:
    """The lines of the new file that somebody wrote: no blank, very long or moved ones."""
    if change.new is None:
        return []
    new = change.new.split("\n")
    return [
        Added(hunk.first + at, hunk.old_end)
        for hunk in change.hunks
        for at, is_written in enumerate(written(new[hunk.first : hunk.end], gone))
        if is_written and new[hunk.first + at].strip()
    ]


def sampled(changes: list[Change], rng: random.Random, per_file: int, per_commit: int) -> list[Change]:
    """The changes with so many of their added lines, any as likely as another."""
    for change in changes:
        if len(change.added) > per_file:
            change.added = sorted(rng.sample(change.added, per_file))
    everywhere = [(at, added) for at, change in enumerate(changes) for added in change.added]
    if len(everywhere) > per_commit:
        kept = set(rng.sample(everywhere, per_commit))
        for at, change in enumerate(changes):
            change.added = [added for added in change.added if (at, added) in kept]
    return changes


def _thinned(commits: list[list[Change]], n_lines: int, rng: random.Random) -> None:
    everywhere = [(change, added) for changes in commits for change in changes for added in change.added]
    kept = {(id(change), added) for change, added in rng.sample(everywhere, min(n_lines, len(everywhere)))}
    for changes in commits:
        for change in changes:
            change.added = [added for added in change.added if (id(change), added) in kept]


class _Wanted:
    def __init__(self, repository: Repository) -> None:
        self._suffixes = SUFFIXES[repository.language]
        self._exclude = re.compile(repository.exclude or r"(?!)")

    def __call__(self, path: str) -> bool:
        return path.endswith(self._suffixes) and not self._exclude.search(path)


def _changes(git: GitRepository, wanted: _Wanted, parent: str, commit: str) -> list[Change]:
    found: list[Change] = []
    for old_path, path in git.changed(parent, commit):
        if wanted(path or old_path):
            old = git.text(parent, old_path) if old_path is not None else None
            new = git.text(commit, path) if path is not None else None
            found.append(Change(old_path, path, old, new))
    gone = {line.strip() for change in found for line in lines_gone(change)}
    for change in found:
        change.added = added_lines(change, gone)
    return found


# --- the workspace --------------------------------------------------------------------------------------------------


class Workspace(SnapshotFolder):
    """A folder with the files of a history at one point of time, and its index."""

    def save(self, change: Change) -> None:
        """Let the file be what the commit made of it."""
        texts = {path: None for path in (change.old_path, change.path) if path is not None}
        if change.path is not None and change.new is not None:
            texts[change.path] = change.new
        self.replace(texts)


@contextmanager
def workspace(files: dict[str, str]) -> Iterator[Workspace]:
    with tempfile.TemporaryDirectory(prefix="copilot-ls-replay-") as folder:
        opened = Workspace(Path(folder), files)
        try:
            yield opened
        finally:
            opened.close()


# --- points ---------------------------------------------------------------------------------------------------------


def uri_of(path: str) -> str:
    return f"file:///{path}"


def document(path: str, text: str) -> DocumentSnapshot:
    language = LANGUAGE_IDS.get(Path(path).suffix, "")
    return DocumentSnapshot(uri_of(path), path, language, 1, TextSnapshot.of(text))


class TypedLine(NamedTuple):
    """A sampled line in its moment: the lines around it, what else is open, what was edited last, and the workspace.

    `after` are the lines that the commit has below it.
    """

    path: str
    at: int
    line: str
    after: list[str]
    above: list[str]
    below: list[str]
    others: list[DocumentSnapshot]
    edits: list[RecentEdit]
    index: WorkspaceIndex | None

    def until(self, column: int) -> DocumentSnapshot:
        """The document when the line has been typed up to there."""
        return document(self.path, "\n".join([*self.above, self.line[:column], *self.below]))


def typed_lines(replayed: History) -> Iterator[TypedLine]:
    """Every sampled line. To be asked about at once: the index goes on with the commits."""
    with workspace(replayed.files) as opened:
        for changes in replayed.commits:
            edits: list[RecentEdit] = []
            for change in changes:
                if change.added:
                    others = _open_beside(change, changes)
                    new, old = change.new.split("\n"), (change.old or "").split("\n")
                    for at, below in change.added:
                        latest = [*change.edits(at), *edits][:_MOST_EDITS]
                        line = new[at].rstrip()
                        yield TypedLine(
                            change.path, at, line, new[at + 1 :], new[:at], old[below:], others, latest, opened.index
                        )
                edits = [*change.edits(), *edits][:_MOST_EDITS]
                opened.save(change)


def _open_beside(change: Change, changes: list[Change]) -> list[DocumentSnapshot]:
    """The nearest files of the same commit: those before this one as the commit leaves them, those after as it found them."""
    here = changes.index(change)
    before = [(other.path, other.new) for other in changes[:here]][-_MOST_OPEN // 2 :]
    after = [(other.old_path, other.old) for other in changes[here + 1 :]][: _MOST_OPEN // 2]
    return [document(path, text) for path, text in [*before[::-1], *after] if path is not None and text is not None]


def cases(replayed: History, rng: random.Random) -> Iterator[Case]:
    """Every point of every sampled line."""
    for typed in typed_lines(replayed):
        yield from cases_of(typed, replayed.repository, rng)


def cases_of(typed: TypedLine, repository: Repository, rng: random.Random, *, n_anywhere: int = 1) -> Iterator[Case]:
    """Every point of one line."""
    for column, place in points(typed.line, rng, n_anywhere):
        here, cursor = typed.until(column), Point(len(typed.above), column)
        truth = typed.line[column:]
        yield Case(repository, place, here, cursor, typed.others, typed.index, truth, typed.edits)


def points(line: str, rng: random.Random, n_anywhere: int = 1) -> list[tuple[int, str]]:
    """Columns of a line to ask at, and what they are; the last `n_anywhere` are drawn at random."""
    indent = len(line) - len(line.lstrip())
    found = [(indent, "line start")]
    first = re.match(r"\s*(\w+|[^\w\s]+)\s*", line)
    if first and first.end() < len(line):
        found.append((first.end(), "first token"))
    dots = [match.end() for match in re.finditer(r"(?<=[\w)\]}\"'])\.(?=[A-Za-z_])", line)]
    opens = [match.end() for match in re.finditer(r"(?<=\w)\((?=.)", line)]
    found += [(column, "after .") for column in rng.sample(dots, min(2, len(dots)))]
    found += [(column, "after (") for column in rng.sample(opens, min(1, len(opens)))]
    if len(line) - indent > 2:
        found += [(rng.randrange(indent + 1, len(line)), ANYWHERE) for _ in range(n_anywhere)]
    return found
