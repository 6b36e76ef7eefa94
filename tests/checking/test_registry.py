"""Which checkers a workspace gets: those named or configured, its own before PATH's, none without trust."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot_ls.checking import registry
from copilot_ls.config.settings import BackendSettings, Settings

SETTINGS = Settings()


def named(*names: str) -> Settings:
    return replace(SETTINGS, fix=replace(SETTINGS.fix, checkers=names))


@pytest.fixture(autouse=True)
def only_these(script, monkeypatch, tmp_path):
    """A PATH with ruff and tsc alone."""
    script("ruff", "")
    script("tsc", "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def names(*arguments, **options) -> list[str]:
    return [each.name for each in registry.checkers_for(*arguments, **options)]


def test_without_trust_there_are_none(workspace):
    (workspace / "ruff.toml").write_text("")
    assert names("python", named("ruff"), trusted=False, root=workspace) == []
    assert names("python", named("ruff"), trusted=True, root=workspace) == ["ruff"]


def test_unset_it_is_what_the_workspace_is_configured_for(workspace):
    assert names("python", SETTINGS, trusted=True, root=workspace) == []
    assert names("python", SETTINGS, trusted=True) == []
    (workspace / "pyproject.toml").write_text("[tool.mypyx]\n[tool.ruff.lint]\n")
    (workspace / "tsconfig.json").write_text("{}")
    assert names("python", SETTINGS, trusted=True, root=workspace) == ["ruff"]
    assert names("typescriptreact", SETTINGS, trusted=True, root=workspace) == ["tsc"]
    assert names("haskell", SETTINGS, trusted=True, root=workspace) == []


def test_what_is_not_installed_is_found_missing(workspace):
    (workspace / "pyrightconfig.json").write_text("{}")
    assert names("python", SETTINGS, trusted=True, root=workspace) == []
    (found,) = registry.found_in(workspace, SETTINGS, trusted=True)
    assert (found.tool.name, found.executable, found.why) == ("pyright", None, "configured in pyrightconfig.json")


def test_the_workspaces_own_comes_first_where_it_is_trusted(workspace, script, tmp_path):
    folder = workspace / ".venv" / "bin"
    folder.mkdir(parents=True)
    script("own", "").rename(folder / "ruff")
    found = {
        trusted: registry.found_in(workspace, named("ruff"), trusted=trusted)[0].executable for trusted in (True, False)
    }
    assert found == {True: str(folder / "ruff"), False: str(tmp_path / "bin" / "ruff")}


def test_unknown_names_are_left_out_and_can_be_asked_for():
    assert names("python", named("ruff", "rough", "ruff"), trusted=True) == ["ruff"]
    assert registry.unknown(("ruff", "rough")) == ["rough"]


def test_variables_with_the_backends_keys_are_hidden_whatever_their_names():
    backend = BackendSettings(kind="openai", api_key_env="MY_LLM")
    (checker,) = registry.checkers_for("python", replace(named("ruff"), backend={"x": backend}), trusted=True)
    assert checker.secret_names == {"MY_LLM"}
