"""`copilot-ls editor`: the plug-in for Neovim is put where Neovim looks, and nothing that is not ours is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copilot_ls.cli import main
from copilot_ls.cli.editor import EDITORS, neovim_package, parts_folder


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the plug-in is to be put."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("NVIM_APPNAME", raising=False)
    return tmp_path / "nvim" / "site" / "pack" / "copilot-ls" / "start" / "copilot-ls"


def test_every_editor_has_a_part_that_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["editor", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)
    assert set(parts) == set(EDITORS)
    for editor, part in parts.items():
        assert main(["editor", editor]) == 0
        assert capsys.readouterr().out == (Path(part) / "README.md").read_text("utf-8")


def test_the_plug_in_is_linked_replaced_and_removed(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["editor", "neovim", "--install"]) == 0
        assert package.resolve() == (parts_folder() or Path()) / "neovim"
    assert str(package) in capsys.readouterr().out
    assert main(["editor", "neovim", "--remove"]) == 0
    assert not package.is_symlink()
    assert main(["editor", "neovim", "--remove", "--json"]) == 0
    assert (parts_folder() or Path()).joinpath("neovim", "plugin", "copilot_ls.lua").exists()


def test_what_somebody_else_put_there_stays(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package.mkdir(parents=True)
    (package / "own.lua").touch()
    assert main(["editor", "neovim", "--install"]) == 1
    assert "holds something else; move it away" in capsys.readouterr().err
    assert (package / "own.lua").exists()


def test_a_folder_that_cannot_be_made_is_named(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package.parents[4]).mkdir(parents=True)
    (package.parents[3]).touch()
    assert main(["editor", "neovim", "--install"]) == 1
    assert str(package) in capsys.readouterr().err


def test_an_editor_without_a_plug_in_says_how_instead(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["editor", "helix", "--install"]) == 2
    assert "`copilot-ls editor helix` says how" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ".local/share/nvim"),
        ({"XDG_DATA_HOME": "/data"}, "/data/nvim"),
        ({"XDG_DATA_HOME": "/data", "NVIM_APPNAME": "mine"}, "/data/mine"),
    ],
)
def test_neovim_s_folders_are_its_own(environment: dict[str, str], expected: str) -> None:
    where = neovim_package(environment)
    assert where == Path.home() / expected / "site" / "pack" / "copilot-ls" / "start" / "copilot-ls"
