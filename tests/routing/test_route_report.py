"""`copilot-ls doctor --route` says who would be asked, in order, and why somebody would not; it contacts nobody."""

from __future__ import annotations

import json
import time
from contextlib import closing

import pytest
from copilot_ls_telemetry.events import BackendAsked, BackendFault, BackendPassedOver
from copilot_ls_telemetry.store import Store

from copilot_ls.cli import main
from copilot_ls.config.paths import state_dir
from copilot_ls.routing.spend import SpendLog

CONFIG = """
[backend.local]
kind = "ollama"
url = "http://127.0.0.1:9"
model = "qwen2.5-coder:1.5b"
[backend.cloud]
kind = "openai"
url = "https://models.invalid/v1"
model = "big"
api_key_env = "BIG_KEY"
input_price = 3
output_price = 15
max_spend_per_day = 2
[backend.broken]
kind = "no_such_kind"
[[route.completion]]
backend = "local"
deadline_ms = 800
[[route.completion]]
backend = "cloud"
[[route.completion]]
backend = "broken"
[[route.completion]]
backend = "embedded"
"""


@pytest.fixture
def doctor(tmp_path, monkeypatch, capsys):
    """Runs `doctor --route` with settings; gives the exit status and what it printed."""
    monkeypatch.setenv("COPILOT_LS_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("BIG_KEY", raising=False)
    (tmp_path / "config").mkdir()
    (tmp_path / "work").mkdir()

    def run(*arguments, config=CONFIG):
        (tmp_path / "config" / "config.toml").write_text(config)
        status = main(["doctor", "--workspace", str(tmp_path / "work"), *arguments])
        return status, capsys.readouterr().out

    return run


def rows(doctor, *arguments, **more):
    _, out = doctor("--route", "completion", "--json", *arguments, **more)
    return {row["backend"]: row for row in json.loads(out)["completion"]}


def test_each_step_with_its_verdict_and_what_decides(doctor, monkeypatch):
    found = rows(doctor)
    assert list(found) == ["local", "cloud", "broken", "embedded"]
    assert {name: (row["asked"], row["reason"]) for name, row in found.items()} == {
        "local": (True, None),
        "cloud": (False, "no_key"),
        "broken": (False, "unusable"),
        "embedded": (True, None),
    }
    assert found["local"]["verdict"] == "asked first"
    assert found["local"]["details"]["deadline"] == "800 ms"
    assert "no_such_kind" in found["broken"]["verdict"]
    assert found["cloud"]["details"]["prices"] == "input 3, output 15 per million tokens"
    assert found["cloud"]["details"]["key"] == "BIG_KEY is NOT set"
    monkeypatch.setenv("BIG_KEY", "sk-very-secret-0123456789")
    _, out = doctor("--route")
    assert "BIG_KEY is set" in out
    assert "sk-very" not in out


def test_the_key_of_a_service_known_by_name(doctor, monkeypatch):
    config = '[backend.cloud]\nkind = "codestral"\nmodel = "codestral-latest"\n'
    monkeypatch.delenv("CODESTRAL_API_KEY", raising=False)
    cloud = rows(doctor, config=config)["cloud"]
    assert cloud["reason"] == "no_key"
    assert cloud["details"]["key"] == "CODESTRAL_API_KEY is NOT set"
    assert cloud["details"]["kind"] == "codestral, model codestral-latest"
    monkeypatch.setenv("CODESTRAL_API_KEY", "k")
    assert rows(doctor, config=config)["cloud"]["asked"]


def test_a_limit_that_is_reached(doctor, monkeypatch):
    monkeypatch.setenv("BIG_KEY", "k")
    log = SpendLog(state_dir(), wall_clock=time.time, on_problem=print)
    log.settle("cloud", 0.0, 2.5)
    log.sync()
    cloud = rows(doctor)["cloud"]
    assert cloud["reason"] == "max_spend_per_day"
    assert cloud["details"]["spent"] == "2.5 of 2 today, 2.5 this month"


def test_what_running_servers_saw_of_a_backend(doctor):
    now = time.time()
    common = {"session_id": "s", "model": "m"}
    with closing(
        Store(state_dir() / "telemetry.db", max_bytes=10**7, retention_days=9, wall_clock=lambda: now)
    ) as store:
        asked = {"outcome": "answered", "n_tries": 1, "latency_ms": 1.0}
        store.write(
            [
                BackendAsked(at=now - 600, backend="local", **common, **asked),
                BackendFault(at=now - 10, backend="local", fault="refused", **common),
                BackendPassedOver(at=now - 5, session_id="s", backend="local", reason="resting"),
                BackendFault(at=now - 900, backend="cloud", fault="http_500", **common),
                BackendAsked(at=now - 800, backend="cloud", **common, **asked),
            ]
        )
    found = rows(doctor)
    assert (
        found["local"]["details"]["running servers"] == "answered 10 min ago, failed 10 s ago (refused), breaker open"
    )
    assert found["cloud"]["details"]["running servers"] == "answered 13 min ago, failed 15 min ago (http_500)"


def test_without_a_model_nobody_explains(doctor):
    status, out = doctor("--route", config="")
    assert status == 0
    assert "Route of completion\n  1. embedded  asked first" in out
    assert "Route of explain\n  no backend" in out


def test_a_route_of_which_nobody_is_left_is_a_failure(doctor):
    config = CONFIG.replace('[[route.completion]]\nbackend = "embedded"\n', "").replace(
        'backend = "local"\nd', 'backend = "broken"\nd'
    )
    status, _ = doctor("--route", "completion", config=config)
    assert status == 1


def test_a_backend_that_only_completes_does_not_explain(doctor):
    config = '[[route.explain]]\nbackend = "embedded"\n'
    status, out = doctor("--route", "explain", config=config)
    assert status == 1
    assert "passed over: it completes code and holds no conversations" in out
