"""`copilot-ls export`, as its user runs it, and its data sets as `datasets` and pyarrow read them."""

from __future__ import annotations

import json
import stat
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from copilot_ls_telemetry import events
from copilot_ls_telemetry.store import Store

from copilot_ls.cli import main
from copilot_ls.features.exporting.near_duplicates import without_near_duplicates
from copilot_ls.features.exporting.tables import described_columns
from tests.telemetry.conftest import AT, common, generated, of_chain, requested

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
SUM = "total = sum(each.price * each.n for each in basket)"
LOOP = "for each in basket:\n    total += each.price"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "state"


def record(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "at": AT + number,
        "session_id": "session",
        "chain_id": f"c{number}",
        "workspace": "0f0f",
        "language": "python",
        "backend": "local",
        "model": "qwen",
        "prefix": f"# file {number}\ndef price{number}(basket):\n    ",
        "suffix": f"\n    return total  # {number}\n",
        "shown": SUM,
        "was_shown": True,
        "outcome": "accepted",
        "reason": "",
        "accepted_length": len(SUM),
        "written": SUM,
        "licence": "MIT",
        **fields,
    }


@pytest.fixture
def texts(state: Path) -> list[dict[str, Any]]:
    """Five places: kept; dismissed and written another way; rewritten; kept and dismissed at one place; unclear."""
    place = {"prefix": "def one_place(basket):\n    ", "suffix": "\n    return found\n"}
    records = [
        record(1),
        record(2, outcome="rejected", written=LOOP + "\n    print(total)\nmore = 1"),
        record(3, written="return compute_it_in_another_module()"),
        record(4, outcome="accepted", **place),
        record(
            5,
            outcome="ignored",
            reason="typing_disagreed",
            shown="found = find_nothing_at_all(basket)",
            written="",
            **place,
        ),
        record(6, outcome="ignored", reason="cursor_left", written=""),
        record(7, outcome="rejected", shown="x", written=LOOP),
        record(8, language="go", shown=f'key := "{SECRET}" // and more', written=f'key := "{SECRET}" // and more'),
        record(9, prefix=record(1)["prefix"].replace("file 1", "file  1")),  # the first again, but for a space
    ]
    folder = state / "completion-texts"
    folder.mkdir(parents=True)
    (folder / "2027-01-15.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    return records


@pytest.fixture
def fix(state: Path) -> None:
    """A fix whose second proposal was verified and stayed."""
    told = [
        events.FixOpened(**common(), fix_id="f1", language="python", rule="ruff:F821", kind="fix", n_diagnostics=1),
        events.FixProposed(
            **common(), fix_id="f1", verdict="verified", backend="cloud", model="m", n_tries=2, latency_ms=5.0
        ),
        events.FixApplied(**common(), fix_id="f1"),
        events.FixResolved(**common(), fix_id="f1", resolved=True, reason="gone"),
    ]
    with closing(Store(state / "telemetry.db", max_bytes=10**7, retention_days=10**4, wall_clock=lambda: AT)) as store:
        store.write(told)
    folder = state / "fix-transcripts"
    folder.mkdir(parents=True, exist_ok=True)
    said = [
        ("system", "You mend code."),
        ("user", "Undefined name."),
        ("assistant", "first"),
        ("user", "No."),
        ("assistant", "second"),
    ]
    lines = [json.dumps({"role": role, "content": content, "tool_calls": []}) for role, content in said]
    (folder / "f1.jsonl").write_text("\n".join(lines) + "\n")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["export", *words])
    out, err = capsys.readouterr()
    return status, out, err


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_pairs_for_dpo(capsys: pytest.CaptureFixture[str], texts: Any, fix: None) -> None:
    status, out, _ = run(capsys, "--format", "trl-dpo", "--out", "d")
    assert status == 0
    assert "completions  3\nfixes        1\n" in out
    pairs = {row["chosen"]: row for row in rows(Path("d/completions/train.jsonl"))}
    assert all(row.keys() == {"prompt", "chosen", "rejected"} for row in pairs.values())
    assert pairs["for each in basket:"]["rejected"] == SUM, "as many lines as were shown"
    assert pairs["return compute_it_in_another_module()"]["rejected"] == SUM
    assert pairs[SUM]["rejected"] == "found = find_nothing_at_all(basket)"
    (conversation,) = rows(Path("d/fixes/train.jsonl"))
    assert [message["role"] for message in conversation["prompt"]] == ["system", "user"]
    assert conversation["chosen"] == [{"role": "assistant", "content": "second"}]
    assert conversation["rejected"] == [{"role": "assistant", "content": "first"}]


def test_judgements_for_kto(capsys: pytest.CaptureFixture[str], texts: Any) -> None:
    assert run(capsys, "--format", "trl-kto", "--out", "d")[0] == 0
    told = [(row["completion"][:5], row["label"]) for row in rows(Path("d/completions/train.jsonl"))]
    assert told == [
        ("total", True),
        ("total", False),
        ("total", False),
        ("total", True),
        ("found", False),
        ("key :", True),
    ]


def test_what_was_kept_for_sft_by_language_without_secrets(capsys: pytest.CaptureFixture[str], texts: Any) -> None:
    assert run(capsys, "--format", "trl-sft", "--out", "d", "--language", "go")[0] == 0
    (row,) = rows(Path("d/completions/train.jsonl"))
    assert row.keys() == {"prompt", "completion"}
    assert SECRET not in Path("d/completions/train.jsonl").read_text()
    assert row["completion"].startswith('key := "')
    assert stat.S_IMODE(Path("d/completions/train.jsonl").stat().st_mode) == 0o600


def test_provenance_and_card(capsys: pytest.CaptureFixture[str], texts: Any, fix: None) -> None:
    status, out, _ = run(capsys, "--format", "trl-sft", "--out", "d", "--json")
    told = json.loads(out)
    assert (status, told["rows"]) == (0, {"completions": 3, "fixes": 1})
    assert told["left_out"]["nearly the same as another"] == 1
    origins = rows(Path("d/provenance.jsonl"))
    assert [(origin["config"], origin.get("chain_id"), origin.get("fix_id")) for origin in origins] == [
        ("completions", "c1", None),
        ("completions", "c4", None),
        ("completions", "c8", None),
        ("fixes", None, "f1"),
    ]
    assert {origin["licence"] for origin in origins} == {"MIT", None}
    card = Path("d/README.md").read_text()
    header = yaml.safe_load(card.split("---")[1])
    assert [each["config_name"] for each in header["configs"]] == ["completions", "fixes"]
    assert all((Path("d") / each["data_files"][0]["path"]).is_file() for each in header["configs"])
    for said in ("4 examples", "local qwen (3)", "MIT (3), unknown (1)", "terms", "python (3), go (1)"):
        assert said in card


def test_prompts_in_the_format_of_a_family(capsys: pytest.CaptureFixture[str], texts: Any) -> None:
    assert run(capsys, "--format", "trl-sft", "--out", "d", "--profile", "qwen-coder")[0] == 0
    prompt = rows(Path("d/completions/train.jsonl"))[0]["prompt"]
    assert prompt == f"<|fim_prefix|>{record(1)['prefix']}<|fim_suffix|>{record(1)['suffix']}<|fim_middle|>"
    status, _, err = run(capsys, "--format", "trl-sft", "--out", "e", "--profile", "nobody")
    assert status == 1
    assert "--profile nobody: there is no such fill-in-the-middle format; there are " in err


@pytest.mark.parametrize("form", ["trl-dpo", "trl-kto", "trl-sft"])
def test_datasets_loads_it_as_it_is(
    capsys: pytest.CaptureFixture[str],
    texts: Any,
    fix: None,
    form: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    assert run(capsys, "--format", form, "--out", "d")[0] == 0
    columns = {"trl-dpo": ["prompt", "chosen", "rejected"], "trl-kto": ["prompt", "completion", "label"]}
    for config in ("completions", "fixes"):
        loaded = datasets.load_dataset(str(tmp_path / "d"), config, split="train", cache_dir=str(tmp_path / "hf"))
        assert loaded.column_names == columns.get(form, ["prompt", "completion"])
        assert len(loaded) == len(rows(Path("d") / config / "train.jsonl"))
        assert isinstance(loaded[0]["prompt"], str if config == "completions" else list)


def test_without_stored_texts_it_says_how_they_come_about(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, err = run(capsys, "--format", "trl-dpo")
    assert (status, out) == (1, "")
    assert f"`store_text = true` below [telemetry] in {tmp_path / 'config' / 'config.toml'}" in err
    assert not Path("copilot-ls-trl-dpo").exists()


def test_a_folder_that_holds_something_is_left_alone(capsys: pytest.CaptureFixture[str], texts: Any) -> None:
    Path("d").mkdir()
    Path("d/mine").write_text("")
    status, _, err = run(capsys, "--format", "trl-sft", "--out", "d")
    assert status == 2
    assert "not empty" in err
    assert [file.name for file in Path("d").iterdir()] == ["mine"]


def test_nothing_that_teaches_is_said_so(capsys: pytest.CaptureFixture[str], texts: Any) -> None:
    status, _, err = run(capsys, "--format", "trl-dpo", "--backend", "nobody", "--out", "d")
    assert status == 1
    assert "there is nothing to export as trl-dpo" in err
    assert not Path("d").exists()


# Tables


@pytest.fixture
def recorded(state: Path) -> None:
    with closing(Store(state / "telemetry.db", max_bytes=10**7, retention_days=10**4, wall_clock=lambda: AT)) as store:
        for number, language in enumerate(["python", "go", "python"]):
            store.write([requested(number, language=language), generated(number, language=language)])
            store.write([of_chain(events.Shown, number), of_chain(events.Accepted, number)])


def test_tables_as_lines(capsys: pytest.CaptureFixture[str], recorded: None) -> None:
    status, out, _ = run(capsys, "--format", "jsonl")
    assert (status, out.splitlines()[:3]) == (0, ["events       12", "chains       3", "fixes        0"])
    chains = rows(Path("copilot-ls-jsonl/chains.jsonl"))
    assert {(row["language"], row["outcome"]) for row in chains} == {("python", "accepted"), ("go", "accepted")}


def test_tables_as_parquet_with_described_columns(capsys: pytest.CaptureFixture[str], recorded: None) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert run(capsys, "--format", "parquet", "--out", "p", "--language", "go")[0] == 0
    events_table = parquet.read_table("p/events.parquet")
    assert sorted(events_table["event"].to_pylist()) == ["accepted", "generated", "requested", "shown"]
    field = events_table.schema.field("kept")
    assert (str(field.type), field.metadata[b"description"]) == ("double", b"share of the lexemes")
    chains = parquet.read_table("p/chains.parquet").to_pylist()
    assert [(row["language"], row["shown"], row["accepted_chars"]) for row in chains] == [("go", 1, 10)]
    assert str(parquet.read_schema("p/chains.parquet").field("offered_at").type) == "double"


def test_without_pyarrow_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, _, err = run(capsys, "--format", "parquet", "--out", "p")
    assert status == 1
    assert "pip install 'copilot-ls[parquet]'" in err


def test_without_a_record_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "--format", "jsonl", "--out", "p")
    assert status == 1
    assert "nothing has been recorded yet" in err


def test_every_column_of_events_is_read_from_the_schema() -> None:
    columns = described_columns()
    assert columns["at"] == ("REAL", "unix time, seconds")
    assert {"event", "session_id", "chain_id", "kept", "n_deleted"} <= columns.keys()


def test_near_duplicates_go_and_others_stay() -> None:
    words = [f"word{n}" for n in range(60)]
    base = " ".join(words)
    near = " ".join([*words[:-1], "another"])
    other = " ".join(words[:30] + [f"different{n}" for n in range(30)])
    assert without_near_duplicates([base, near, other, base, "x", "y", "x"], str) == [base, other, "x", "y"]
