"""What the workspace index answers about lines, from memory: for tests that need no index on disk."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

LANGUAGES = {
    ".py": "python", ".js": "javascript", ".ts": "typescript", ".tsx": "typescriptreact", ".go": "go", ".rs": "rust",
    ".java": "java", ".c": "c", ".h": "c", ".cpp": "cpp", ".cs": "csharp", ".rb": "ruby", ".php": "php", ".sh": "bash",
}  # fmt: skip


class LineHit(NamedTuple):
    text: str
    count: int
    path: str
    line: int


class FollowHit(NamedTuple):
    lines: list[str]
    path: str
    line: int
    matched_previous: bool


class MemoryIndex:
    """What the workspace index answers, from memory: every file but one."""

    def __init__(self, files: dict[str, list[str]], without: str) -> None:
        self.files = {path: lines for path, lines in files.items() if path != without}
        self.places: dict[str, list[tuple[str, int]]] = {}
        for path, lines in self.files.items():
            for at, line in enumerate(lines):
                if len(line) < 400 and (text := line.strip()):
                    self.places.setdefault(text, []).append((path, at))
        self.sorted = sorted(self.places)
        self.blob = "\n" + "\n".join(self.sorted) + "\n"

    @property
    def n_files(self):
        return len(self.files)

    def _hits(self, texts, limit):
        hits = [LineHit(text, len(self.places[text]), *self.places[text][0]) for text in texts]
        return sorted(hits, key=lambda hit: -hit.count)[:limit]

    def lines_starting_with(self, prefix, *, limit):
        prefix = prefix.lstrip()
        first = bisect_left(self.sorted, prefix)
        last = bisect_left(self.sorted, prefix + "\U0010ffff")
        return self._hits(self.sorted[first:last], limit)

    def lines_containing(self, piece, *, limit):
        found, at = {}, 0
        while len(found) < 400:
            at = self.blob.find(piece, at)
            if at < 0:
                break
            start, end = self.blob.rfind("\n", 0, at) + 1, self.blob.find("\n", at)
            found[self.blob[start:end]] = None
            at = end
        return self._hits([text for text in found if text in self.places], limit)

    def lines_following(self, line, *, limit, previous=None):
        hits = []
        for path, at in self.places.get(line, ()):
            lines = self.files[path]
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            below = []
            for raw in lines[at + 1 : at + 13]:
                if raw.strip() and not raw.startswith(indent):
                    break
                below.append(raw[len(indent) :].rstrip())
            matched = previous is not None and at > 0 and lines[at - 1].strip() == previous
            hits.append(FollowHit(below, path, at, matched))
        return sorted(hits, key=lambda hit: not hit.matched_previous)[:limit]
