"""Commits as a series of edits, and at some points of it the question what comes next.

The chain of first parents before a pinned commit is gone through. A commit's *edits* are the stretches of lines that it
changed in files that were there before; lines that were replaced one for one are edits of their own. They are made one
after the other, in the order of the documents, or as another author might have: files shuffled, each begun in its midst and
gone through from there. At a sampled point the first k edits have been made; only files that were edited so far are open,
the others are found by what they hold. Every edit is as likely to be a point as any other one, so that commits weigh by how
much was edited in them; `Task.weight` lets every commit weigh the same.

A prediction is *right* when it is one of the edits that are left, place and text: every line that it takes away or puts in
is a line that the commit takes away or puts in at that place, or, within a line, every token is one that the edit of
those lines takes away or puts in. It is *whole* when it is such an edit with nothing left out, and *next* when it belongs to the one that comes next.
Where no edit is left, nothing is right. Called by `bench_next_edit` and `train_next_edit`.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import Replacement
from copilot_ls.evaluation.git import GitRepository, RepositoryError
from copilot_ls.features.next_edit.elsewhere import MOST_FILES, names_gone, phrases_gone
from copilot_ls.features.next_edit.line_ops import tokens_of
from copilot_ls.features.next_edit.scene import Page
from copilot_ls.text import DocumentSnapshot, TextSnapshot
from tests.bench import replay
from tests.bench.replay_repositories import SUFFIXES
from tests.next_edit.session import Session, language_of, uri_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.bench.replay_repositories import Repository

N_COMMITS = 250
MOST_CHANGED_FILES, MOST_EDITS = 12, 60
# Of the edits of a commit so many are points, in each order, and at least one.
SHARE_OF_EDITS = 0.3
_LONGEST_EDIT = 40
_AROUND = 3


class Edit(NamedTuple):
    """Lines `first` to `end` of the old file are `new` afterwards."""

    path: str
    first: int
    end: int
    new: tuple[str, ...]


@dataclass
class Commit:
    """The edits of one commit in the order of the documents, and the files as they were."""

    sha: str
    files: dict[str, list[str]]
    edits: list[Edit]


class Verdict(NamedTuple):
    """What a prediction is worth."""

    right: bool
    whole: bool
    next: bool


class ParentTree:
    """The files before a commit, as an index would know them."""

    def __init__(self, git: GitRepository, repository: Repository, commit: str) -> None:
        self._git = git
        self._commit = f"{commit}^"
        self._wanted = replay._Wanted(repository)
        self._globs = [f"*{suffix}" for suffix in SUFFIXES[repository.language]]
        self._known: dict[str, list[str]] = {}

    def files_with(self, name: str) -> list[str]:
        """The files that hold a name, or a piece of code."""
        if name not in self._known:
            try:
                out = self._git.run(
                    "grep",
                    "-l",
                    *(["-w"] if name.isidentifier() else []),
                    "-F",
                    "-z",
                    "-e",
                    name,
                    self._commit,
                    "--",
                    *self._globs,
                )
            except RepositoryError:  # none does
                out = ""
            paths = [each.partition(":")[2] for each in out.split("\0") if each]
            self._known[name] = [path for path in paths if self._wanted(path)]
        return self._known[name]

    def text(self, path: str) -> str | None:
        """A file as it was."""
        return self._git.text(self._commit, path)


@dataclass
class Task:
    """A point: what was done in a session, and what is left."""

    repository: Repository
    commit: Commit
    order: str
    session: Session
    done: list[Edit]
    left: list[Edit]
    tree: ParentTree
    weight: float
    _now: dict[str, list[tuple[Edit, int]]] = field(default_factory=dict)
    _texts: dict[str, list[str]] = field(default_factory=dict)

    def elsewhere(self) -> list[Page]:
        """Files that are not open and hold names that the latest edits took away: a search in the commit's parent."""
        found: dict[str, None] = {}
        for name in names_gone(self.session.trail.latest()):
            found |= dict.fromkeys(self.tree.files_with(name))
        for phrase in phrases_gone(self.session.trail.latest()):
            found |= dict.fromkeys(self.tree.files_with(phrase))
        near = self.session.cursor[0]
        closed = [path for path in found if self.session.documents.get(uri_of(path)) is None]
        closed.sort(key=lambda path: -len(os.path.commonpath([path, near])))
        pages = []
        for path in closed[:MOST_FILES]:
            if (text := self.tree.text(path)) is not None:
                pages.append(
                    Page(DocumentSnapshot(uri_of(path), f"/{path}", language_of(path), 0, TextSnapshot.of(text)))
                )
        return pages

    def judged(self, path: str, replacement: Replacement) -> Verdict:
        """What an edit of a file, as it is now, is worth."""
        lines = self._lines(path)
        if not lines:
            return Verdict(right=False, whole=False, next=False)
        (first, column), (last, last_column) = replacement.span
        text = lines[first][:column] + replacement.text + lines[last][last_column:]
        return self._judged(path, lines, first, last + 1, text.split("\n"))

    def _lines(self, path: str) -> list[str]:
        """The lines of a file as it is now; none of one that the commit leaves alone."""
        if path not in self._texts:
            document = self.session.documents.get(uri_of(path))
            text = document.buffer.snapshot().text.split("\n") if document else self.commit.files.get(path, [])
            self._texts[path] = text
        return self._texts[path]

    def _judged(self, path: str, lines: list[str], first: int, end: int, new: list[str]) -> Verdict:
        placed = self._placed(path)
        near = [
            (edit, at) for edit, at in placed
            if at <= end + _AROUND and at + edit.end - edit.first >= first - _AROUND
        ]  # fmt: skip
        if not near:
            return Verdict(right=False, whole=False, next=False)
        low = max(0, min(first, *(at for _, at in near)) - _AROUND)
        high = max(end, *(at + edit.end - edit.first for edit, at in near)) + _AROUND
        now, wanted, at = lines[low:high], [], low
        for edit, start in near:
            wanted += [*lines[at:start], *edit.new]
            at = start + edit.end - edit.first
        wanted += lines[at:high]
        then = [*lines[low:first], *new, *lines[end:high]]
        before, after = _distance(now, wanted), _distance(then, wanted)
        changed = _distance(now, then)
        right = bool(changed) and before - after == changed
        if not right and end - first == 1 == len(new):
            right = any(
                start <= first < start + edit.end - edit.first and _is_part(lines, first, new[0], edit, start)
                for edit, start in near
            )
        whole = right and any(_made(lines, edit, start, low, high) == then for edit, start in near)
        following = self.left[0] if self.left else None
        is_next = right and any(
            edit == following and start <= end and start + edit.end - edit.first >= first for edit, start in near
        )
        return Verdict(right, whole, is_next)

    def _placed(self, path: str) -> list[tuple[Edit, int]]:
        """The edits of a file that are left, and the line that each is at now."""
        if path not in self._now:
            done = [each for each in self.done if each.path == path]
            self._now[path] = [
                (edit, edit.first + sum(len(each.new) - each.end + each.first for each in done if each.end <= edit.first and each != edit))
                for edit in sorted(self.left, key=lambda each: each.first)
                if edit.path == path
            ]  # fmt: skip
        return self._now[path]


def _made(lines: list[str], edit: Edit, start: int, low: int, high: int) -> list[str]:
    return [*lines[low:start], *edit.new, *lines[start + edit.end - edit.first : high]]


def _distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Lines, or tokens, that go and that come."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return len(one) + len(other) - 2 * sum(block.size for block in matcher.get_matching_blocks())


def _is_part(lines: list[str], at: int, then: str, edit: Edit, start: int) -> bool:
    """Whether all that was done to a line, token by token, is some of what the commit does to the lines of its edit."""
    last = start + edit.end - edit.first
    now = _tokens(lines[start:last])
    made, wanted = _tokens([*lines[start:at], then, *lines[at + 1 : last]]), _tokens(edit.new)
    changed = _distance(now, made)
    return bool(changed) and _distance(now, wanted) - _distance(made, wanted) == changed


def _tokens(lines: Sequence[str]) -> list[str]:
    return [token for line in lines for token in (*tokens_of(line), "\n") if token == "\n" or not token.isspace()]


# --- commits ---------------------------------------------------------------------------------------------------------


def commits(git: GitRepository, repository: Repository, n_commits: int = N_COMMITS) -> Iterator[Commit]:
    """Commits with at least two edits, the latest first."""
    wanted = replay._Wanted(repository)
    chain = git.first_parents(repository.commit, n_commits)
    for commit, parent in pairwise(chain):
        changes = [
            change for change in replay._changes(git, wanted, parent, commit)
            if change.old is not None and change.new is not None and change.old_path == change.path
        ]  # fmt: skip
        edits = [edit for change in changes for edit in edits_of(change)]
        if len(edits) > 1 and len(edits) <= MOST_EDITS and len(changes) <= MOST_CHANGED_FILES:
            yield Commit(commit, {change.path: change.old.split("\n") for change in changes}, edits)


def edits_of(change: replay.Change) -> Iterator[Edit]:
    """The edits of one file, from above."""
    new = change.new.split("\n")
    for first, end, new_first, new_end in change.hunks:
        if end - first == new_end - new_first:
            for at in range(end - first):
                yield Edit(change.path, first + at, first + at + 1, (new[new_first + at],))
        elif max(end - first, new_end - new_first) <= _LONGEST_EDIT:
            yield Edit(change.path, first, end, tuple(new[new_first:new_end]))


def tasks(repository: Repository, folder: Path, *, seed: str, n_commits: int = N_COMMITS) -> Iterator[Task]:
    """Points of all commits; half of the commits' points in each of the two orders. To be asked about at once."""
    rng = random.Random(f"{repository.name}/{seed}")
    git = GitRepository(folder)
    try:
        for commit in commits(git, repository, n_commits):
            tree = ParentTree(git, repository, commit.sha)
            for order in ("document", "other"):
                edits = commit.edits if order == "document" else _another_order(commit.edits, rng)
                # The last point, at which nothing is left, as often as any other one.
                points = set(rng.sample(range(1, len(edits) + 1), max(1, round(SHARE_OF_EDITS * len(edits)))))
                yield from _replayed(repository, commit, order, edits, points, tree)
    finally:
        git.close()


def _another_order(edits: list[Edit], rng: random.Random) -> list[Edit]:
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(edit.path, []).append(edit)
    files = list(by_file)
    rng.shuffle(files)
    found = []
    for path in files:
        begin = rng.randrange(len(by_file[path]))
        found += by_file[path][begin:] + by_file[path][:begin]
    return found


def _replayed(
    repository: Repository, commit: Commit, order: str, edits: list[Edit], points: set[int], tree: ParentTree
) -> Iterator[Task]:
    session: Session | None = None
    done: list[Edit] = []
    for at in range(max(points)):
        edit = edits[at]
        text = "\n".join(commit.files[edit.path])
        if session is None:
            session = Session({edit.path: text})
        elif session.documents.get(uri_of(edit.path)) is None:
            session.open(edit.path, text)
        line = edit.first + sum(
            len(e.new) - e.end + e.first for e in done if e.path == edit.path and e.end <= edit.first
        )
        session.replace_lines(edit.path, line, line + edit.end - edit.first, edit.new)
        done.append(edit)
        if at + 1 in points:
            yield Task(repository, commit, order, session, list(done), edits[at + 1 :], tree, 1 / len(points))
