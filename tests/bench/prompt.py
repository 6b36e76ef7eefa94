"""How much of a prompt a server can use again at the next key: replayed typing in real files, per format.

Lines of real functions are taken out and typed again, key by key, in projects that are indexed; each key gathers context and
makes a prompt as the pipeline does. What counts is the share of the prompt's bytes, from its beginning, that are the same as at
the key before. The baseline lays out the same findings as they are ranked at each key, in windows as large as fit. What stands
behind the cursor in a format cannot stay: `could stay` is what stands before it. `identifiers held` is the share of the
identifiers in the rest of the line, absent from the open file and present in others, that the snippets hold.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from copilot_ls.config.settings import BackendSettings, Settings
from copilot_ls.context.request import ContextRequest
from copilot_ls.features.prompts import Prompts, gather_for, with_standing
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.worker import build
from copilot_ls.prompt import chat, fim
from copilot_ls.prompt.profiles import BY_NAME
from copilot_ls.prompt.tokens import estimate
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import DocumentSnapshot, TextSnapshot
from tests.bench.packages import unpacked
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.text import Point

PACKAGES = ("pypi:starlette==0.41.0", "pypi:rich==13.9.2")
WORD = re.compile(r"[^\W\d]\w*")
N_PLACES = 6
N_LINES = 4
# The profiles whose formats differ in what stands where.
FORMATS = {
    "qwen-coder": "files first, suffix last",
    "codellama": "snippets in comments, suffix last",
    "codestral": "suffix first",
    "gpt": "conversation",
}
SETTINGS = Settings(backend={name: BackendSettings(kind="openai", profile=name) for name in FORMATS})


@dataclass
class Layout:
    """One way to make prompts, and what stayed of each from the one before."""

    shares: list[float] = field(default_factory=list)
    held: list[float] = field(default_factory=list)
    last: str = ""

    def add(self, prompt: str) -> None:
        """The prompt of the next key."""
        if self.last:
            same = next((at for at, (old, new) in enumerate(zip(self.last, prompt, strict=False)) if old != new), None)
            same = min(len(self.last), len(prompt)) if same is None else same
            self.shares.append(len(prompt[:same].encode()) / len(prompt.encode()))
        self.last = prompt


@dataclass
class Replay:
    """The layouts that are compared, by format."""

    ours: dict[str, Layout] = field(default_factory=lambda: {name: Layout() for name in FORMATS})
    naive: dict[str, Layout] = field(default_factory=lambda: {name: Layout() for name in FORMATS})
    could: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in FORMATS})


def rows() -> list[Row]:
    """Replay, and say per format what stayed."""
    replay = Replay()
    for package in PACKAGES:
        root = unpacked(package)
        words = Counter(word for path in root.rglob("*.py") for word in {*WORD.findall(path.read_text("utf-8"))})
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "index.db"
            build(root, database, tell=lambda _: None)
            index = WorkspaceIndex.open(database, query_ms=2000)
            for keys in _places(root):
                _replay(root, keys, index, replay, words)
            index.close()
    found = []
    for name, what in FORMATS.items():
        ours, naive = replay.ours[name], replay.naive[name]
        note = f"{what}; n={len(ours.shares)} keys; {100 * mean(replay.could[name]):.1f} % could stay"
        found += [
            Row(f"prompt: bytes that stay, {name}", _percent(ours.shares), "%", _percent(naive.shares), note=note),
            Row(
                f"prompt: identifiers held, {name}",
                _percent(ours.held),
                "%",
                _percent(naive.held),
                note=f"n={len(ours.held)}",
            ),
        ]
    return found


def _percent(shares: Sequence[float]) -> float:
    return 100 * mean(shares)


def _places(root: Path) -> Iterator[list[tuple[DocumentSnapshot, Point]]]:
    """Documents and cursors, key by key, of some lines in the middle of files; the same at every run."""
    rng = random.Random(11)
    files = [path for path in sorted(root.rglob("*.py")) if 4_000 < path.stat().st_size < 100_000]
    for path in rng.sample(files, N_PLACES):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        first = rng.randrange(len(lines) // 4, len(lines) - 20)
        while not lines[first].startswith("    ") or not lines[first].strip():
            first += 1
        before, typed = "".join(lines[:first]), "".join(lines[first : first + N_LINES]).rstrip("\n")
        after = "\n" + "".join(lines[first + N_LINES :])
        keys = []
        for end in range(len(typed) + 1):
            if end < len(typed) and typed[:end].rpartition("\n")[2].isspace() and typed[end].isspace():
                continue  # the editor indents
            text = TextSnapshot.of(before + typed[:end] + after)
            document = DocumentSnapshot(path.as_uri(), str(path), "python", end, text)
            keys.append((document, text.point_at(len(before) + end)))
        yield keys


def _replay(
    root: Path,
    keys: Sequence[tuple[DocumentSnapshot, Point]],
    index: WorkspaceIndex,
    replay: Replay,
    words: Counter[str],
) -> None:
    prompts = Prompts()
    for layout in (*replay.ours.values(), *replay.naive.values()):
        layout.last = ""
    for at, (document, cursor) in enumerate(keys):
        tree = SyntaxDocument("python", document.path).tree_at(document.text, cursor)
        path = Path(document.path).relative_to(root).as_posix()
        request = ContextRequest(document=document, cursor=cursor, root=root, index=index)
        found = gather_for(request, SETTINGS, "qwen-coder", deadline_ms=2000).snippets
        gold = _gold(document, cursor, keys[at:], words)
        for name in FORMATS:
            to_choose_from = with_standing(found, prompts.standing(name, document, cursor), request)
            prompt = prompts.prompt(name, document, cursor, to_choose_from, SETTINGS, tree=tree, path=path)
            ranked = _fitting(found, sum(each.tokens for each in prompt.snippets))
            written = _written(name, prompt.prefix, prompt.suffix, prompt.snippets, path)
            replay.ours[name].add(written)
            replay.naive[name].add(_written(name, *_windows(document, cursor, name), ranked, path))
            replay.could[name].append((written.rindex(prompt.prefix) + len(prompt.prefix)) / len(written))
            for layout, snippets in ((replay.ours[name], prompt.snippets), (replay.naive[name], ranked)):
                if gold:
                    held = {word for snippet in snippets for word in WORD.findall(snippet.text)}
                    layout.held.append(len(gold & held) / len(gold))


def _gold(
    document: DocumentSnapshot, cursor: Point, ahead: Sequence[tuple[DocumentSnapshot, Point]], words: Counter[str]
) -> set[str]:
    """The identifiers that the rest of the line brings, are nowhere in the file, and stand in two files at least."""
    line = next((each for each, there in reversed(ahead) if there.line >= cursor.line), document).text.line(cursor.line)
    rest = line[cursor.column :]
    if line[: cursor.column][-1:].isidentifier():
        rest = rest.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
    return {word for word in WORD.findall(rest) if words[word] > 1} - {*WORD.findall(document.text.text)}


def _fitting(ranked: Sequence[ContextSnippet], room: int) -> list[ContextSnippet]:
    """The best that fit, as they are ranked."""
    kept = []
    for snippet in ranked:
        if snippet.tokens <= room:
            kept.append(snippet)
            room -= snippet.tokens
    return kept


def _windows(document: DocumentSnapshot, cursor: Point, name: str) -> tuple[str, str]:
    """Whole lines before and after the cursor, as many as fit 45 % and 15 % of the budget."""
    ratio = BY_NAME[name].tokens_ratio
    before, after = document.text.prefix(cursor), document.text.suffix(cursor)
    prefix = _while_it_fits(reversed(before.splitlines(keepends=True)), 2048 * 0.45 / ratio)
    return "".join(reversed(prefix)), "".join(_while_it_fits(after.splitlines(keepends=True), 2048 * 0.15 / ratio))


def _while_it_fits(lines: Iterator[str] | Sequence[str], room: float) -> list[str]:
    kept = []
    for line in lines:
        room -= estimate(line)
        if room < 0:
            break
        kept.append(line)
    return kept


def _written(name: str, prefix: str, suffix: str, snippets: Sequence[ContextSnippet], path: str) -> str:
    profile = BY_NAME[name]
    if profile.fim is None:
        asked = chat.messages(prefix=prefix, suffix=suffix, snippets=snippets, path=path, language_id="python")
        return "\n".join(message["content"] for message in asked)
    return fim.render(profile, prefix=prefix, suffix=suffix, snippets=snippets, path=path, comment="#")
