"""`copilot-ls doctor` finds what does not work, says what to do, and tells no secrets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from copilot_ls_telemetry.events import BackendFault
from copilot_ls_telemetry.recorder import Recorder

from copilot_ls.cli import doctor
from tests.backends.model_server import says

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Folders of its own; call it with the text of the user's settings."""
    for kind in ("config", "state", "cache"):
        monkeypatch.setenv(f"COPILOT_LS_{kind.upper()}_DIR", str(tmp_path / kind))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def write(text: str) -> Path:
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "config.toml").write_text(text)
        return tmp_path

    (tmp_path / "work").mkdir()
    return write


async def examined(tmp_path: Path) -> dict[str, list[doctor.Finding]]:
    found: dict[str, list[doctor.Finding]] = {}
    for finding in await doctor.examine(tmp_path / "work"):
        found.setdefault(finding.section, []).append(finding)
    return found


def named(findings: list[doctor.Finding], name: str) -> doctor.Finding:
    return next(finding for finding in findings if finding.name == name)


async def test_a_fresh_machine_is_healthy(house, tmp_path):
    found = await examined(tmp_path)
    bad = [finding for findings in found.values() for finding in findings if finding.status == "bad"]
    assert bad == []
    sections = ["versions", "folders", "settings", "statistics", "index", "checkers", "backends", "lately", "grammars"]
    assert list(found) == sections
    assert named(found["backends"], "embedded").status == "ok"


async def test_a_backend_that_works_is_reported_with_its_latency(house, tmp_path, server):
    server.script = says("openai", "a + b")
    house(f'[backend.local]\nkind = "openai"\nurl = "{server.url}"\nmodel = "qwen2.5-coder"\n')
    finding = named((await examined(tmp_path))["backends"], "local")
    assert finding.status == "ok"
    assert finding.text.startswith("fills in the middle, ")
    assert finding.text.endswith(" ms")
    assert finding.details["asked_by"] == "prompt"
    assert finding.details["model_listed"] == "no"


@pytest.mark.parametrize("text", ["banana", ""])
async def test_a_model_that_cannot_fill_in_is_bad(house, tmp_path, server, text):
    server.script = says("openai", text)
    house(f'[backend.local]\nkind = "openai"\nurl = "{server.url}"\nmodel = "m"\n')
    finding = named((await examined(tmp_path))["backends"], "local")
    assert finding.status == "bad"
    assert "made for completing code" in finding.text


async def test_a_server_that_is_down_is_bad_and_the_others_are_still_checked(house, tmp_path, server):
    server.script = says("ollama", "a + b")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        house(
            f'[backend.down]\nkind = "openai"\nurl = "http://127.0.0.1:{free.getsockname()[1]}"\n'
            f'[backend.up]\nkind = "ollama"\nurl = "{server.url}"\nmodel = "qwen2.5-coder"\n'
        )
        backends = (await examined(tmp_path))["backends"]
    assert named(backends, "down").status == "bad"
    assert "start the model server" in named(backends, "down").text
    assert named(backends, "up").status == "ok"


async def test_an_unknown_kind_and_a_bad_key_are_bad(house, tmp_path):
    house('[backend.odd]\nkind = "opanai"\n\n[completion]\nmax_lines = "many"\n')
    found = await examined(tmp_path)
    assert named(found["backends"], "odd").status == "bad"
    assert any(finding.status == "bad" and "max_lines" in finding.text for finding in found["settings"])


async def test_settings_are_shown_with_their_origin_and_without_secrets(house, tmp_path, server, monkeypatch):
    monkeypatch.setenv("SOME_KEY", KEY)
    server.script = says("openai", "a + b")
    house(
        f'[completion]\nmax_lines = 7\n[backend.local]\nkind = "openai"\nurl = "{server.url}"\nmodel = "m"\n'
        f'api_key_env = "SOME_KEY"\nheaders = {{ "x-token" = "{KEY}" }}\n'
    )
    findings = await doctor.examine(tmp_path / "work")
    report = doctor.report(findings)
    assert "completion.max_lines" in report
    assert "config.toml" in next(line for line in report.splitlines() if "completion.max_lines" in line)
    assert "SOME_KEY is set" in report
    assert KEY not in report
    assert "(hidden)" in report


async def test_the_faults_of_the_last_days_are_told(house, tmp_path):
    assert [each.name for each in (await examined(tmp_path))["lately"]] == ["log"]
    recorder = Recorder(tmp_path / "state" / "telemetry.db", on_problem=pytest.fail)
    common = {"session_id": "s", "workspace": None, "request_id": "1", "task": "completion", "language": "python"}
    for n_days, fault in ((0, "timeout"), (1, "timeout"), (2, "http_401"), (30, "dns")):
        at = time.time() - n_days * 86_400
        recorder.record(BackendFault(**common, at=at, backend="local", model="m", fault=fault))
    recorder.close()
    found = (await examined(tmp_path))["lately"]
    assert [(each.status, each.text) for each in found if each.name == "local"] == [
        ("note", "timeout (m), 2 times in 7 days"),
        ("note", "http_401 (m), once in 7 days"),
    ]


async def test_where_the_log_goes_is_told(house, tmp_path):
    assert "to standard error" in named((await examined(tmp_path))["lately"], "log").text
    house(f'[log]\nlevel = "info"\nfile = "{tmp_path / "copilot-ls.log"}"\n')
    assert "info and worse" in named((await examined(tmp_path))["lately"], "log").text
    (tmp_path / "copilot-ls.log").write_text("WARNING copilot_ls: x\n")
    assert named((await examined(tmp_path))["lately"], "log").text.endswith("copilot-ls.log, 1 kB")


async def test_the_home_folder_is_not_told(house, tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(home / "state"))
    report = doctor.report(await doctor.examine(tmp_path / "work"))
    assert str(home) not in report
    assert "~/state" in report


async def test_a_folder_that_is_open_to_others_or_cannot_be_made_is_noticed(house, tmp_path, monkeypatch):
    (tmp_path / "state").mkdir(mode=0o755)
    (tmp_path / "state").chmod(0o755)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COPILOT_LS_CACHE_DIR", str(tmp_path / "file" / "cache"))
    folders = (await examined(tmp_path))["folders"]
    assert named(folders, "state").status == "note"
    assert named(folders, "cache").status == "bad"


def command(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "copilot_ls", "doctor", *words],
        cwd=tmp_path / "work",
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_says_by_its_status_whether_all_works(house, tmp_path):
    healthy = command(tmp_path, "--json")
    assert healthy.returncode == 0, healthy.stdout + healthy.stderr
    assert json.loads(healthy.stdout)["healthy"] is True
    house('[backend.odd]\nkind = "opanai"\n')
    broken = command(tmp_path)
    assert broken.returncode == 1
    assert "BAD odd" in broken.stdout
    assert broken.stdout.rstrip().endswith("marked BAD above.")
