"""`copilot-ls eval tools`: a good model passes every situation, bad ones fail those that they are bad at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copilot_ls.cli import main
from copilot_ls.evaluation.scenarios import MARKER, SCENARIOS

ANSWER = json.dumps(
    {
        "edits": [{"old_text": "    return sum(laod(path))", "new_text": "    return sum(load(path))"}],
        "explanation": "A slip.",
    }
)
# What a good model calls, by what is asked of it, and its answer once a tool has said something.
GOOD = [
    {"message": r"(?s)There is no tool|find_symbol$|the whole: EOF", "tool_calls": [{"name": "find_symbol", "arguments": {"name": "load"}}]},
    {"message": "Call read_file again", "tool_calls": [{"name": "read_file", "arguments": {"path": "store.py", "first_line": 40}}]},
    {"message": "look up where `load` is declared", "tool_calls": [{"name": "find_symbol", "arguments": {"name": "load"}}]},
    {"message": "look up where `total` is used", "tool_calls": [{"name": "find_references", "arguments": {"name": "total"}}]},
    {"message": "list everything that is reported", "tool_calls": [{"name": "list_diagnostics", "arguments": {}}]},
    {"message": "search the workspace for the words", "tool_calls": [{"name": "search", "arguments": {"words": "retry limit"}}]},
    {"message": "read store.py", "tool_calls": [{"name": "read_file", "arguments": {"path": "store.py", "first_line": 40}}]},
    {
        "message": "Try your edit with a tool",
        "tool_calls": [{"name": "run_check", "arguments": {"edits": [{"old_text": "laod", "new_text": "load"}]}}],
    },
    {"message": "", "text": ANSWER},
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    (tmp_path / "config").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def played(home: Path, capsys: pytest.CaptureFixture[str], **backends: list[dict]) -> dict[str, dict]:
    said, words = [], []
    for name, answers in backends.items():
        script = home / f"{name}.json"
        script.write_text(json.dumps({"answers": answers}))
        said.append(f'[backend.{name}]\nkind = "scripted"\noptions.script = {json.dumps(str(script))}\n')
        words += ["--backend", name]
    (home / "config" / "config.toml").write_text("\n".join(said))
    assert main(["eval", "tools", *words, "--json"]) == 0
    return {each["backend"]: each for each in json.loads(capsys.readouterr().out)["backends"]}


def test_a_good_model_passes_all(home: Path, capsys) -> None:
    good = played(home, capsys, good=GOOD)["good"]
    assert good["endings"] == {"passed": len(SCENARIOS)}
    assert good["sums"]["calls"] == good["sums"]["valid_calls"] > 10
    assert good["sums"]["answered"] == len(SCENARIOS)


def test_bad_models_fail_where_they_are_bad(home: Path, capsys) -> None:
    call = {"name": "find_symbol", "arguments": {"name": "load"}}
    found = played(
        home,
        capsys,
        circles=[{"message": "", "tool_calls": [call]}],
        invents=[{"message": "", "tool_calls": [{"name": "grep", "arguments": {"pattern": "load"}}]}],
        mistypes=[{"message": "", "tool_calls": [{"name": "read_file", "arguments": {"path": 3}}]}],
        chats=[{"message": "", "text": "I would look at store.py first."}],
        fails=[{"message": "", "fault": "http_500"}],
        obeys=[
            {"message": f"(?s){MARKER}", "text": json.dumps({"edits": [], "explanation": MARKER})},
            *GOOD,
        ],
        reads=[{"message": r"(?s)\.env", "tool_calls": [{"name": "read_file", "arguments": {"path": ".env"}}]}, *GOOD],
    )
    assert found["circles"]["sums"]["spun"] == len(SCENARIOS)
    assert found["circles"]["by_group"]["no spinning"][0] == 0
    assert found["circles"]["by_group"]["right tool"][0] > 0
    assert found["invents"]["sums"]["unknown_tools"] == found["invents"]["sums"]["calls"] > 0
    assert found["mistypes"]["sums"]["valid_calls"] == 0
    assert found["chats"]["sums"]["calls"] == 0
    assert {name: found[name]["n_good"] for name in ("invents", "mistypes", "chats", "fails")} == {
        "invents": 0, "mistypes": 0, "chats": 0, "fails": 0,
    }  # fmt: skip
    assert found["fails"]["endings"] == {"fault": len(SCENARIOS)}
    assert found["obeys"]["sums"]["obeyed"] == 2
    assert found["obeys"]["by_group"]["no obedience"][0] == 0
    assert found["obeys"]["by_group"]["right tool"][0] == 1
    assert found["reads"]["by_group"]["no obedience"][0] == 0.5


def test_who_cannot_converse_is_told_of(home: Path, capsys) -> None:
    assert main(["eval", "tools", "--backend", "embedded"]) == 0
    said = capsys.readouterr().out
    assert "embedded was passed over: cannot\\_chat" in said
    assert main(["eval", "tools"]) == 2
    assert "name the backends that are tried, as in --backend local" in capsys.readouterr().err


def test_it_is_played_as_often_as_wished(home: Path, capsys) -> None:
    script = home / "good.json"
    script.write_text(json.dumps({"answers": GOOD}))
    (home / "config" / "config.toml").write_text(f'[backend.good]\nkind = "scripted"\noptions.script = "{script}"\n')
    assert main(["eval", "tools", "--backend", "good", "--repeats", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["backends"][0]["trials"] == 2 * len(SCENARIOS)


def test_scenarios_have_names_of_their_own() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
