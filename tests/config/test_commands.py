"""The folders, the list of trust, the generated reference, and the commands `settings` and `trust`."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from copilot_ls.cli import main
from copilot_ls.config import paths, reference
from copilot_ls.config.keys import sections
from copilot_ls.config.settings import Settings
from copilot_ls.config.trust import PROJECT_FILE, TrustStore

EDITORS = Path(__file__).parents[2] / "editors"
BACKEND = '[backend.x]\nkind = "openai"\nurl = "http://127.0.0.1:9"\n'


@pytest.mark.parametrize("name", ["config", "state", "cache"])
def test_folders_are_overridden_and_private(name, tmp_path):
    """The environment moves a folder, and it is made for its owner alone when asked, not before."""
    folder = getattr(paths, f"{name}_dir")
    assert folder() == tmp_path / name
    assert not folder().exists()
    folder(create=True)
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700


def test_folders_without_override_are_the_platform_s(monkeypatch):
    """Each kind has a place of its own that names the application."""
    for kind in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.delenv(f"COPILOT_LS_{kind}_DIR")
    places = {paths.config_dir(), paths.state_dir(), paths.cache_dir()}
    assert all("copilot-ls" in str(place) and place.is_absolute() for place in places)


def test_a_folder_that_is_there_keeps_its_mode(tmp_path, monkeypatch):
    """Someone chose it."""
    (tmp_path / "shared").mkdir(mode=0o755)
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path / "shared"))
    paths.state_dir(create=True)
    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("name", "content"), [(reference.SETTINGS_MD, reference.reference), (reference.SCHEMA_JSON, reference.schema)]
)
def test_generated_files_are_current(name, content):
    """What is committed is what the models say."""
    written = (EDITORS / name).read_text(encoding="utf-8")
    assert written == content(), "stale; run `python -m copilot_ls.config.reference --write`"


def test_the_reference_has_every_key():
    """Each key has an entry with description, value, default and what a project may do."""
    text = reference.reference()
    for section, keys in sections().items():
        for key in keys.values():
            dotted = f"backend.<name>.{key.name}" if section == "backend" else f"{section}.{key.name}"
            entry = text.split(f"### `{dotted}`", 1)[1].split("###", 1)[0]
            assert key.description in entry
            assert "- Default: " in entry
            assert key.description.endswith(".")


def test_every_default_is_allowed_by_its_own_limits():
    """A default passes the check that a user's value has to pass."""
    settings = Settings()
    for section, keys in sections().items():
        for key in keys.values():
            if section not in ("backend", "route"):
                value = getattr(getattr(settings, section), key.name)
                assert key.check(list(value) if isinstance(value, tuple) else value) == value


def test_a_list_of_trust_that_others_could_write_is_not_believed(tmp_path):
    """The list counts only if its mode keeps others out; rubbish in it trusts nothing."""
    store = TrustStore(tmp_path / "state" / "trusted.json")
    file = tmp_path / PROJECT_FILE
    store.trust(file, b"x")
    assert store.is_trusted(file, b"x")
    assert not store.is_trusted(file, b"y")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    store.path.chmod(0o666)
    assert not store.is_trusted(file, b"x")
    store.path.chmod(0o600)
    for rubbish in ("", "[]", "{}", '{"format": 1, "trusted": 3}', "[" * 100_000):
        store.path.write_text(rubbish, encoding="utf-8")
        assert not store.is_trusted(file, b"x")


def test_settings_command_shows_values_and_origins(workspace, capsys):
    """Every key with its value and where it comes from; problems make the status 1."""
    (workspace / PROJECT_FILE).write_text("completion.max_lines = 5\ncompletion.zzz = 1\n", encoding="utf-8")
    assert main(["settings", "--workspace", str(workspace), "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["settings"]["completion.max_lines"] == {
        "value": 5,
        "origin": f"project file {workspace / PROJECT_FILE}",
    }
    assert shown["settings"]["completion.enable"]["origin"] == "default"
    assert [problem["key"] for problem in shown["problems"]] == ["completion.zzz"]
    assert main(["settings", "--workspace", str(workspace), "--changed"]) == 1
    out = capsys.readouterr().out
    assert "completion.max_lines" in out
    assert "completion.enable" not in out


def test_settings_command_hides_headers(capsys):
    """A header may be a credential, wherever it is shown."""
    paths.config_dir(create=True)
    (paths.config_dir() / "config.toml").write_text(BACKEND + 'headers = { X-Thing = "hush" }\n', encoding="utf-8")
    for options in ([], ["--json"]):
        assert main(["settings", *options]) == 0
        assert "hush" not in capsys.readouterr().out


@pytest.mark.parametrize(("option", "start"), [("--reference", "<!-- Generated"), ("--schema", "{")])
def test_settings_command_prints_the_reference(option, start, capsys):
    """The generated texts are there without a checkout."""
    assert main(["settings", option]) == 0
    assert capsys.readouterr().out.startswith(start)


def test_trust_command_shows_and_remembers(workspace, capsys, monkeypatch):
    """It shows what would become active, asks, and remembers; revoking forgets."""
    (workspace / PROJECT_FILE).write_text(BACKEND, encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", open(os.devnull, encoding="utf-8"))  # noqa: SIM115 - closed below
    with sys.stdin:
        assert main(["trust", str(workspace)]) == 2
    shown = capsys.readouterr()
    assert "backend.x" in shown.out
    assert "--yes" in shown.err
    assert main(["trust", str(workspace), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["needs_trust"] == {
        "backend.x": {"kind": "openai", "url": "http://127.0.0.1:9"}
    }
    assert main(["trust", str(workspace), "--yes"]) == 0
    assert main(["trust", "--list"]) == 0
    assert str(workspace) in capsys.readouterr().out
    assert main(["settings", "--workspace", str(workspace)]) == 0
    assert main(["trust", str(workspace), "--revoke"]) == 0
    assert main(["settings", "--workspace", str(workspace)]) == 1


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("", 1), ("n", 1)])
def test_trust_command_asks(workspace, monkeypatch, answer, status):
    """Only a yes is a yes."""
    (workspace / PROJECT_FILE).write_text(BACKEND, encoding="utf-8")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert main(["trust", str(workspace)]) == status


@pytest.mark.parametrize("content", [None, "completion.max_lines = 3"])
def test_a_folder_that_sets_nothing_can_be_trusted_so_that_its_checkers_run(workspace, capsys, content):
    """Trust is of the folder as it is: a file that comes, goes or changes ends it."""
    file = workspace / PROJECT_FILE
    if content is not None:
        file.write_text(content, encoding="utf-8")
    assert not TrustStore().trusts_folder(workspace)
    assert main(["trust", str(workspace), "--yes"]) == 0
    assert "checked with what the workspace is configured for" in capsys.readouterr().out
    assert TrustStore().trusts_folder(workspace)
    file.write_text("completion.max_lines = 4", encoding="utf-8")
    assert not TrustStore().trusts_folder(workspace)


def test_trust_command_with_a_broken_file_and_without_a_folder(workspace, capsys):
    """Said plainly, and nothing is remembered."""
    (workspace / PROJECT_FILE).write_text("x =", encoding="utf-8")
    assert main(["trust", str(workspace), "--yes"]) == 1
    assert main(["trust", str(workspace / "missing"), "--yes"]) == 1
    assert "there is no folder" in capsys.readouterr().err
    assert TrustStore().files() == []
    assert not TrustStore().trusts_folder(workspace)
