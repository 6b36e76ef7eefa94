"""What a file is in, asked of a real repository: branch, disk, the last commit; and what is no answer."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest

from copilot_ls.features.checkout import Checkout


def git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "src").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", root], check=True)
    (root / "src" / "é a.py").write_text("x = 1\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    return root


async def answer(ask: Any, path: Path) -> Any:
    """What is called back with."""
    found: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    ask(str(path), found.set_result)
    return await asyncio.wait_for(found, 20)


async def test_a_file_and_what_is_committed_of_it(repository: Path) -> None:
    checkout, file = Checkout(), repository / "src" / "é a.py"
    before = await answer(checkout.committed, file)
    assert before[1] == "x = 1\n"
    file.write_text("x = 2\n")
    assert await answer(checkout.read, file) == "x = 2\n"
    assert await answer(checkout.committed, file) == before
    git(repository, "commit", "-qam", "two")
    after = await answer(checkout.committed, file)
    assert (after[0] != before[0], after[1]) == (True, "x = 2\n")


def test_the_branch_is_what_is_checked_out(repository: Path, tmp_path: Path) -> None:
    checkout, file = Checkout(), str(repository / "src" / "é a.py")
    assert checkout.branch(file) == "ref: refs/heads/main"
    git(repository, "checkout", "-q", "-b", "other")
    assert checkout.branch(file) == "ref: refs/heads/other"
    git(repository, "worktree", "add", "-q", str(tmp_path / "linked"), "main")
    assert checkout.branch(str(tmp_path / "linked" / "src" / "é a.py")) == "ref: refs/heads/main"
    assert checkout.branch(str(tmp_path / "elsewhere.py")) == checkout.branch("") == ""


async def test_what_is_no_answer_is_none(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = Checkout()
    (repository / "new.py").write_text("")
    assert await answer(checkout.committed, repository / "new.py") is None
    assert await answer(checkout.committed, tmp_path / "elsewhere.py") is None
    assert await answer(checkout.committed, repository / "src") is None
    assert await answer(checkout.read, repository / "nothing.py") is None
    assert await answer(checkout.read, repository / "src") is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await answer(Checkout().committed, repository / "src" / "é a.py") is None


async def test_the_repositorys_settings_run_nothing(repository: Path, tmp_path: Path) -> None:
    """A repository may come from anybody; what its settings name is not run when a file is read from it."""
    file, ran = repository / "src" / "é a.py", tmp_path / "ran"
    for name in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand", "filter.x.smudge", "core.editor"):
        git(repository, "config", name, f"touch {ran}")
    (repository / ".gitattributes").write_text("*.py filter=x diff=x\n")
    git(repository, "config", "diff.x.textconv", f"touch {ran};cat")
    assert (await answer(Checkout().committed, file))[1] == "x = 1\n"
    assert not ran.exists()


async def test_git_is_asked_again_only_when_something_was_committed(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from copilot_ls.features import checkout as module

    asked: list[str] = []
    really = module._committed

    def counted(root: Path, path: str) -> Any:
        asked.append(path)
        return really(root, path)

    monkeypatch.setattr(module, "_committed", counted)
    checkout, file = Checkout(), repository / "src" / "é a.py"
    before = await answer(checkout.committed, file)
    for _ in range(3):
        assert await answer(checkout.committed, file) == before
    assert len(asked) == 1
    file.write_text("x = 2\n")
    git(repository, "commit", "-qam", "two")
    assert (await answer(checkout.committed, file))[1] == "x = 2\n"
    assert len(asked) == 2
    git(repository, "config", "core.logAllRefUpdates", "false")
    (repository / ".git" / "logs" / "HEAD").unlink()
    for text in ("x = 3\n", "x = 4\n"):
        file.write_text(text)
        git(repository, "commit", "-qam", "more")
        assert (await answer(checkout.committed, file))[1] == text
