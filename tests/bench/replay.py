"""Commits, replayed: cursors in files as they were while the commit was being typed.

The chain of first parents before a pinned commit is gone through from old to new. At a sampled added line the workspace is
the repository as it was before the commit, plus the files of the commit that come before this one; the file is the new one
above the line and the old one below it; the files of the same commit are open. Lines that the commit only moved do not count.
Points are the start of the line, after its first token, after a `.`, after a `(`, and somewhere.

The workspace is a folder, indexed by the very index that the server uses. Histories come from `--mirror DIR` (clones, at
`OWNER+NAME/repo`, `OWNER+NAME.git` or `OWNER/NAME`) or are cloned. Called by `bench_embedded` and `train_confidence`.
"""

from __future__ import annotations

import difflib
import os
import random
import re
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.recent_edits import RecentEdit
from copilot_ls.index.indexing import index_workspace, refresh_files
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.parsing import finish_files
from copilot_ls.index.store import IndexStore
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot
from tests.bench.replay_repositories import LANGUAGE_IDS, SUFFIXES, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench" / "clones"
PLACES = ("line start", "first token", "after .", "after (")
# Asked and shown as well, but not counted in the totals: in the midst of words above all.
ANYWHERE = "anywhere"
_LARGEST = 300_000
_LONGEST_LINE = 200
_MOST_OPEN = 4
_MOVED_LINES = 3
_MOST_EDITS = 50
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Added(NamedTuple):
    """A line that a commit added: its number in the new file, and that of the line below it in the old one."""

    at: int
    below: int


@dataclass
class Change:
    """What a commit does to one file; texts are None where there is no file."""

    old_path: str | None
    path: str | None
    old: str | None
    new: str | None
    added: list[Added] = field(default_factory=list)

    @cached_property
    def hunks(self) -> list[tuple[int, int, int, int]]:
        """Stretches of changed lines: first and end, counted from zero, in the old file and in the new one."""
        if self.new is None or self.old == self.new:
            return []
        new = self.new.split("\n")
        if self.old is None:
            return [(0, 0, 0, len(new))]
        matcher = difflib.SequenceMatcher(None, self.old.split("\n"), new, autojunk=False)
        return [tuple(numbers) for kind, *numbers in matcher.get_opcodes() if kind != "equal"]

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
    index: WorkspaceIndex
    truth: str
    edits: list[RecentEdit]


# --- histories ------------------------------------------------------------------------------------------------------


class Git:
    """One bare repository: its commands, and its blobs through one long-lived process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._blobs: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")

    def text(self, commit: str, path: str) -> str | None:
        """A file as it was, line ends as `\\n`; None when there is none, or it is too large to be written by hand."""
        if self._blobs is None:
            command = ["git", "-C", str(self.folder), "cat-file", "--batch"]
            self._blobs = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._blobs.stdin.write(f"{commit}:{path}\n".encode())
        self._blobs.stdin.flush()
        header = self._blobs.stdout.readline().split()
        if header[-1] == b"missing":
            return None
        size = int(header[2])
        content = self._blobs.stdout.read(size)
        self._blobs.stdout.read(1)
        if size > _LARGEST:
            return None
        return content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")

    def close(self) -> None:
        if self._blobs is not None:
            self._blobs.stdin.close()
            self._blobs.stdout.close()
            self._blobs.wait()


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
    git = Git(folder)
    wanted = _Wanted(repository)
    chain = git.run("log", "--first-parent", f"-{n_commits}", "--format=%H", repository.commit).split()
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
    listed = git.run("ls-tree", "-r", "-z", "--name-only", base).split("\0")
    files = {path: text for path in listed if wanted(path) and (text := git.text(base, path)) is not None}
    git.close()
    return History(repository, files, commits[::-1])


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


def _changes(git: Git, wanted: _Wanted, parent: str, commit: str) -> list[Change]:
    listed = git.run("diff", "-M", "--name-status", "-z", parent, commit).split("\0")
    changes: list[Change] = []
    at = 0
    while at < len(listed) - 1:
        status = listed[at][:1]
        n_paths = 2 if status in "RC" else 1
        paths = listed[at + 1 : at + 1 + n_paths]
        at += 1 + n_paths
        if not wanted(paths[-1]):
            continue
        old_path = None if status == "A" else paths[0]
        path = None if status == "D" else paths[-1]
        old = git.text(parent, old_path) if old_path is not None else None
        new = git.text(commit, path) if path is not None else None
        changes.append(Change(old_path, path, old, new))
    gone = {line.strip() for change in changes for line in _lines_gone(change)}
    for change in changes:
        change.added = added_lines(change, gone)
    return changes


def _lines_gone(change: Change) -> list[str]:
    if change.old is None:
        return []
    old = change.old.split("\n")
    if change.new is None:
        return old
    return [line for first, last, _, _ in change.hunks for line in old[first:last]]


def added_lines(change: Change, gone: set[str]) -> list[Added]:
    """The lines of the new file that somebody wrote: no blank, very long or moved ones."""
    found: list[Added] = []
    for _, old_end, first, last in change.hunks:
        lines = change.new.split("\n")[first:last]
        moved = [line.strip() in gone for line in lines]
        for at, line in enumerate(lines):
            around = moved[max(0, at - 2) : at + 3]
            if line.strip() and len(line) <= _LONGEST_LINE and not (moved[at] and sum(around) >= _MOVED_LINES):
                found.append(Added(first + at, old_end))
    return found


def sampled(changes: list[Change], rng: random.Random, per_file: int, per_commit: int) -> list[Change]:
    for change in changes:
        if len(change.added) > per_file:
            change.added = sorted(rng.sample(change.added, per_file))
    everywhere = [(at, added) for at, change in enumerate(changes) for added in change.added]
    if len(everywhere) > per_commit:
        kept = set(rng.sample(everywhere, per_commit))
        for at, change in enumerate(changes):
            change.added = [added for added in change.added if (at, added) in kept]
    return changes


# --- the workspace --------------------------------------------------------------------------------------------------


class Workspace:
    """A folder with the files of a history at one point of time, and its index."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self._root = folder / "workspace"
        self._root.mkdir()
        for path, text in files.items():
            self._write(path, text)
        database = folder / "index.db"
        self._store = IndexStore(database)
        index_workspace(self._root, self._store)
        finish_files(self._store)
        # Patient: a busy machine is to make the bench slow, and not another one.
        self.index = WorkspaceIndex(database, query_ms=1_000)

    def _write(self, path: str, text: str) -> None:
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def save(self, change: Change) -> None:
        """Let the file be what the commit made of it."""
        for path in {change.old_path, change.path} - {None}:
            (self._root / path).unlink(missing_ok=True)
        if change.path is not None and change.new is not None:
            self._write(change.path, change.new)
        refresh_files(self._root, self._store, [path for path in (change.old_path, change.path) if path is not None])

    def close(self) -> None:
        self.index.close()
        self._store.close()


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
    """A sampled line in its moment: the lines around it, what else is open, what was edited last, and the workspace."""

    path: str
    at: int
    line: str
    above: list[str]
    below: list[str]
    others: list[DocumentSnapshot]
    edits: list[RecentEdit]
    index: WorkspaceIndex

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
                        yield TypedLine(change.path, at, line, new[:at], old[below:], others, latest, opened.index)
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
        for column, place in points(typed.line, rng):
            here, cursor = typed.until(column), Point(typed.at, column)
            truth = typed.line[column:]
            yield Case(replayed.repository, place, here, cursor, typed.others, typed.index, truth, typed.edits)


def points(line: str, rng: random.Random) -> list[tuple[int, str]]:
    """Columns of a line to ask at, and what they are."""
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
        found.append((rng.randrange(indent + 1, len(line)), ANYWHERE))
    return found


def is_right(truth: str, shown: str) -> bool:
    """Whether the author went on to type exactly `shown`, and `shown` ends no word in its midst."""
    rest = truth[len(shown) :]
    return truth.startswith(shown) and not (rest[:1].isalnum() and shown[-1:].isalnum())
