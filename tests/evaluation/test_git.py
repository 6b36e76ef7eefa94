"""Histories as they come: binary, renamed, linked, shallow, huge, hostile."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from copilot_ls.evaluation import git
from copilot_ls.evaluation.git import ChangedPath, GitRepository, RepositoryError, is_plain
from tests.evaluation.repositories import MODULE, Built


@pytest.fixture
def built(tmp_path: Path) -> Built:
    made = Built(tmp_path / "project")
    made.commit({"a.py": MODULE, "b.py": "b = 1\n"})
    return made


def changed(built: Built) -> list[ChangedPath]:
    with GitRepository(built.folder) as repository:
        new, old = repository.first_parents(repository.resolve(), 2)
        return repository.changed(old, new)


def test_added_changed_and_deleted_files(built: Built) -> None:
    built.commit({"a.py": MODULE + "x = 1\n", "b.py": None, "sub/c d.py": "c = 1\n"})
    assert changed(built) == [ChangedPath("a.py", "a.py"), ChangedPath("b.py", None), ChangedPath(None, "sub/c d.py")]


def test_a_renamed_file_is_one_change(built: Built) -> None:
    built.git("mv", "a.py", "renamed.py")
    built.commit({"renamed.py": MODULE + "x = 1\n"})
    assert changed(built) == [ChangedPath("a.py", "renamed.py")]


def test_links_and_submodules_are_left_out(built: Built) -> None:
    (built.folder / "link.py").symlink_to("a.py")
    inner = Built(built.folder / "inner")
    inner.commit({"x.py": "x = 1\n"})
    built.commit({"b.py": "b = 2\n"})
    assert changed(built) == [ChangedPath("b.py", "b.py")]
    with GitRepository(built.folder) as repository:
        assert sorted(path for path, _ in repository.files("HEAD")) == ["a.py", "b.py"]
        assert repository.text("HEAD", "inner") is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a = 1\r\nb = 2\r", "a = 1\nb = 2\n"),
        ("\ufeffgrün = 1\n".encode(), "grün = 1\n"),
        (b"gr\xfcn = 1\n", None),
        (b"\x00\x01", None),
        (b"a = 1\n" * 60_000, None),
    ],
)
def test_texts_that_somebody_wrote(built: Built, content: bytes, text: str | None) -> None:
    built.commit({"c.py": content})
    with GitRepository(built.folder) as repository:
        assert repository.text("HEAD", "c.py") == text
        assert repository.text("HEAD", "b.py") == "b = 1\n"
        assert repository.text("HEAD", "missing.py") is None


def test_a_shallow_clone_says_so(built: Built, tmp_path: Path) -> None:
    built.commit({"b.py": "b = 2\n"})
    built.git("clone", "-q", "--depth", "1", f"file://{built.folder}", str(tmp_path / "shallow"))
    with GitRepository(tmp_path / "shallow") as repository:
        assert repository.is_shallow
        assert len(repository.first_parents(repository.resolve(), 5)) == 1


def test_what_a_repository_configures_is_not_run(built: Built, tmp_path: Path) -> None:
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    built.commit({"a.py": "a = 1\n", ".gitattributes": "*.py diff=trap filter=trap\n"})
    config = built.folder / ".git" / "config"
    config.write_text(
        config.read_text()
        + f"[core]\n\tfsmonitor = {trap}\n\tsshCommand = {trap}\n\tpager = {trap}\n\thooksPath = {tmp_path}\n"
        + f'[diff]\n\texternal = {trap}\n[diff "trap"]\n\tcommand = {trap}\n\ttextconv = {trap}\n'
        + f'[filter "trap"]\n\tsmudge = {trap}\n\tclean = {trap}\n[gpg]\n\tprogram = {trap}\n[log]\n\tshowSignature = true\n'
        + f'[uploadpack]\n\tpackObjectsHook = {trap}\n[alias]\n\tcat-file = "!{trap}"\n'
    )
    assert changed(built)[0] == ChangedPath(None, ".gitattributes")
    with GitRepository(built.folder) as repository:
        assert dict(repository.files("HEAD"))
        assert repository.text("HEAD", "a.py") == "a = 1\n"
    assert not sprung.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../a.py",
        "a/../../b.py",
        ".git/hooks/x",
        "A/.GIT/config",
        "a\\..\\b",
        "c:/a.py",
        "git~1/../x",
        "a\nb",
    ],
)
def test_a_path_that_leads_out_is_none(path: str) -> None:
    assert not is_plain(path)
    assert is_plain("src/a b/.github/x.py")


@pytest.mark.parametrize(
    ("name", "says"), [("project", "no commit 'HEAD'"), ("nothing", "not a folder"), ("plain", "no git repository")]
)
def test_what_is_no_history_is_said(tmp_path: Path, name: str, says: str) -> None:
    folder = tmp_path / name
    if name == "project":
        Built(folder)
    elif name == "plain":
        folder.mkdir()
    with GitRepository(folder) as repository, pytest.raises(RepositoryError) as raised:
        repository.resolve()
    assert says in str(raised.value) or "no git repository" in str(raised.value)
    assert os.fspath(folder) in str(raised.value)


def test_a_repository_of_somebody_else_says_what_lets_git_read_it(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(git._QUIET, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with GitRepository(built.folder) as repository, pytest.raises(RepositoryError) as raised:
        repository.resolve()
    assert f"`git config --global --add safe.directory {built.folder}` lets it" in str(raised.value)
