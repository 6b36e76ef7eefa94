"""The tools read what they may, within the workspace, and say so where they may not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.cli.indexed import bring_up_to_date
from copilot_ls.config.settings import IndexSettings
from copilot_ls.features.fixing.tools.access import NoAccessError, WorkspaceFiles
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.text import Point
from tests.fixing.opened import opened_files
from tests.fixing.scene import Model, PatternChecker, Scene, task_at

CODE = "def price(article):\n    return article.prise\n"
FILES = {
    "shop.py": CODE,
    "lib/article.py": "class Article:\n    price = 1\n\n    def scaled(self, by):\n        return self.price * by\n",
    "use.py": "from lib.article import Article\n\nprint(Article().scaled(3))\n",
    ".env": "KEY=hunter2\n",
    "private/plan.py": "def scaled(hunter2):\n    pass\n",
    ".copilotignore": "private/\n",
    ".git/config": "hunter2\n",
    "node_modules/x/index.js": "hunter2\n",
    "binary.dat": "a\0b",
    "large.txt": "x" * 1_000_001,
    "Mixed.py": "mixed = 1\n",
}
RIGHT = json.dumps({"edits": [{"old_text": "    return article.prise", "new_text": "    return article.price"}]})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "outside.txt").write_text("hunter2\n")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "loop.txt").symlink_to(root / "loop.txt")
    (root / "inner.py").symlink_to(root / "lib" / "article.py")
    (root / "secret.py").symlink_to(root / ".env")
    (root / "out").symlink_to(tmp_path)
    return root


@pytest.mark.parametrize(
    "path", ["lib/article.py", "./lib/article.py", "lib\\article.py", "lib/../lib/article.py", "inner.py"]
)
def test_what_may_be_read(root: Path, path: str) -> None:
    assert WorkspaceFiles(root, (), {}).text(path).startswith("class Article")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("../outside.txt", "is not in the workspace"),
        ("lib/../../outside.txt", "is not in the workspace"),
        ("..\\outside.txt", "is not in the workspace"),
        ("/etc/passwd", "is not relative"),
        ("~/.bashrc", "is not relative"),
        ("C:\\x.txt", "is not relative"),
        ("file:///etc/passwd", "is not relative"),
        ("\\\\server\\share", "is not relative"),
        ("link.txt", "is not in the workspace"),
        ("out/outside.txt", "is not in the workspace"),
        ("loop.txt", "There is no file"),
        ("secret.py", "is ignored"),
        (".env", "is ignored"),
        (".git/config", "is ignored"),
        ("private/plan.py", "is ignored"),
        ("lib/../private/plan.py", "is ignored"),
        ("node_modules/x/index.js", "is ignored"),
        ("mixed.py", "There is no file"),
        ("gone.py", "There is no file"),
        ("lib", "There is no file"),
        ("", "The path of a file"),
        ("a\nb.py", "The path of a file"),
        ("a\0b.py", "The path of a file"),
        ("x/" * 600, "The path of a file"),
        ("binary.dat", "is no text"),
        ("large.txt", "has more than"),
    ],
)
def test_what_may_not_be_read(root: Path, path: str, says: str) -> None:
    files = WorkspaceFiles(root, (), {})
    with pytest.raises(NoAccessError, match=says):
        files.text(path)
    assert files.may_read(path) == (path in ("binary.dat", "large.txt"))


def test_a_pipe_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(NoAccessError, match="There is no file"):
        WorkspaceFiles(root, (), {}).text("pipe")


def test_the_users_exclusions_and_open_texts_count(root: Path) -> None:
    files = WorkspaceFiles(root, ("lib/",), {str(root / "use.py"): "as it is open\n"})
    assert files.text("use.py") == "as it is open\n"
    with pytest.raises(NoAccessError):
        files.text("lib/article.py")


@given(st.text(st.sampled_from("./\\~:%a\0\n") | st.sampled_from("lib.py"), max_size=20))
def test_no_spelling_leads_out(tmp_path_factory: pytest.TempPathFactory, spelt: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "spellings"
    (folder / "a" / "lib").mkdir(parents=True, exist_ok=True)
    (folder / "outside.py").write_text("hunter2\n")
    files = WorkspaceFiles(folder / "a", (), {})
    with opened_files() as opened:
        try:
            text = files.text(spelt + "../outside.py" if len(spelt) % 2 else spelt)
        except NoAccessError:
            text = ""
    assert text == ""
    assert not opened.outside(folder / "a")


async def told(root: Path, *calls: str) -> list[str]:
    """What a model is told for each of its calls."""
    database = bring_up_to_date(root, IndexSettings())
    index = WorkspaceIndex.open(database, query_ms=5_000)
    checker = PatternChecker([("F821", r"\bprise\b")])
    model = Model("small", [*(f"!call {call}" for call in calls), RIGHT])
    scene = Scene([model], root, checkers=[checker], tool_use="always", index_of=lambda _: index)
    try:
        outcome = await scene.fix(task_at(scene.document("shop.py", CODE), Point(1, 0), checker))
    finally:
        await scene.aclose()
        index.close()
    assert outcome.verdict.kind == "verified"
    assert "hunter2" not in repr(model.asked)
    return [asked.messages[-1].content for asked in model.asked[1:]]


async def test_symbols_uses_and_words_are_found_but_not_in_ignored_files(root: Path) -> None:
    symbol, none, uses, unused, words, nothing = await told(
        root,
        'find_symbol {"name": "scaled"}',
        'find_symbol {"name": "nowhere"}',
        'find_references {"name": "scaled"}',
        'find_references {"name": "nowhere"}',
        'search {"words": "price article"}',
        'search {"words": "zzz"}',
    )
    assert "lib/article.py:4: function def scaled(self, by):" in symbol
    assert "Nothing of that name is declared." in none
    assert "use.py:3: call: print(Article().scaled(3))" in uses
    assert "Nobody uses that name." in unused
    assert "lib/article.py:1-" in words
    assert "Nothing fits these words." in nothing


async def test_files_are_read_by_lines_with_their_numbers(root: Path) -> None:
    some, own, beyond, private = await told(
        root,
        'read_file {"path": "lib/article.py", "first_line": 2, "n_lines": 1}',
        'read_file {"path": "shop.py"}',
        'read_file {"path": "use.py", "first_line": 99}',
        'read_file {"path": "private/plan.py"}',
    )
    assert "2:     price = 1\n(6 lines in all)" in some
    assert "2:     return article.prise" in own
    assert "The file has 4 lines." in beyond
    assert "is ignored, and cannot be read" in private


async def test_long_results_are_cut(root: Path) -> None:
    (root / "long.py").write_text("".join(f"name_{n} = '{'x' * 80}'\n" for n in range(400)))
    (long,) = await told(root, 'read_file {"path": "long.py", "n_lines": 200}')
    assert "[... cut]" in long
    assert len(long) < 7_000


@pytest.mark.parametrize("store", [True, False])
async def test_a_transcript_is_kept_where_it_is_wanted_without_secrets(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: bool
) -> None:
    from tests.safety.secret_corpus import TOKENS, Draw

    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path / "state"))
    token = TOKENS["GitHub personal token"](Draw("transcript"))
    code = CODE + f'token = "{token}"\n'
    checker = PatternChecker([("F821", r"\bprise\b")])
    settings = {"telemetry": {"store_text": store}}
    says = ['!call read_file {"path": "use.py"}', RIGHT]
    scene = Scene([Model("small", says)], root, settings=settings, checkers=[checker], tool_use="always")
    await scene.fix(task_at(scene.document("shop.py", code), Point(1, 0), checker))
    await scene.aclose()
    written = list((tmp_path / "state").rglob("*.jsonl"))
    assert len(written) == store
    for path in written:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert [line["role"] for line in lines] == ["system", "user", "assistant", "tool", "assistant"]
        assert lines[2]["tool_calls"] == [{"name": "read_file", "arguments": '{"path": "use.py"}'}]
        assert token not in path.read_text("utf-8")
        assert path.stat().st_mode & 0o077 == 0
