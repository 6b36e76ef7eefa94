"""What a collector is told: counted once whatever happens in between, and never a text, a path or a name of anybody."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.otlp import instruments
from copilot_ls_telemetry.otlp.folding import Totals, fold, plain_name
from copilot_ls_telemetry.otlp.forwarding import Forwarder, SendError
from copilot_ls_telemetry.otlp.instruments import INSTRUMENTS, prometheus_names
from copilot_ls_telemetry.store import Store, delete
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.cli import main
from tests.otlp.receiver import Receiver
from tests.telemetry.conftest import AT, common, generated, of_chain, requested


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def configured(home: Path, receiver: Receiver) -> Path:
    file = home / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text(f'[telemetry]\notlp_endpoint = "{receiver.endpoint}"\notlp_interval_s = 1\notlp_spans = true\n')
    return file


def write(home: Path, *told: Any) -> None:
    path = home / "state" / "telemetry.db"
    with closing(Store(path, max_bytes=10**8, retention_days=10**5, wall_clock=lambda: AT)) as store:
        store.write(told)


ASKED = events.BackendAsked(
    **common(), backend="local", model="/home/ada/secret models/qwen.gguf", outcome="answered", n_tries=1,
    latency_ms=120.0, first_token_ms=40.0, request_id="r1", language="python", input_tokens=300, output_tokens=20, cost=0.25,
)  # fmt: skip
SESSION = [
    requested(1),
    ASKED,
    generated(1, backend="local", model="qwen"),
    generated(2, chain_id="s1", backend="local", model="qwen", request_id="r2"),
    of_chain(events.Shown, 1),
    of_chain(events.PartiallyAccepted, 1, accepted_length=4),
    of_chain(events.PartiallyAccepted, 1, accepted_length=6),
    of_chain(events.Accepted, 1, accepted_length=10),
    events.RetentionChecked(
        **common(), suggestion_id="s1", chain_id="s1", moment="300s", kept=0.8, survives=True, n_lexemes=5, kept_chars=8
    ),
    requested(3),
    events.Skipped(**common(), request_id="r3", language="python", reason="mid_word"),
    events.BackendFault(**common(), backend="cloud", model="m", fault="http_401", request_id="r3"),
    events.BackendPassedOver(**common(), backend="cloud", reason="resting"),
    events.Written(**common(), language="python", n_typed=7, n_inserted=10, n_deleted=2),
]
WHOSE = (
    ("copilot_ls.backend", "local"),
    ("copilot_ls.language", "python"),
    ("copilot_ls.task", "completion"),
    ("gen_ai.request.model", "qwen"),
)
ASKED_OF = (
    ("gen_ai.operation.name", "text_completion"),
    ("gen_ai.provider.name", "local"),
    ("gen_ai.request.model", "qwen.gguf"),
)


def test_a_session_as_a_collector_sees_it(home: Path, receiver: Receiver, configured: Path, capsys: Any) -> None:
    write(home, requested(0))
    assert main(["telemetry", "forward", "--once"]) == 0, "what was recorded before is not forwarded"
    assert not receiver.messages["/v1/metrics"]
    write(home, *SESSION)
    assert main(["telemetry", "forward", "--once"]) == 0
    assert f"{len(SESSION)} events forwarded to {receiver.endpoint}" in capsys.readouterr().out
    series = receiver.series()
    ended = {dict(key)["copilot_ls.outcome"]: value for key, value in series["copilot_ls.suggestions.ended"].items()}
    assert ended == {"accepted": 1, "partially_accepted": 1}
    assert series["copilot_ls.suggestions.generated"] == {WHOSE: 1}
    assert series["copilot_ls.suggestions.shown"] == {WHOSE: 1}
    assert series["copilot_ls.suggestions.accepted_characters"] == {WHOSE: 10}
    ((looked, n),) = series["copilot_ls.suggestions.looked_at"].items()
    assert (dict(looked)["copilot_ls.survives"], dict(looked)["copilot_ls.moment"], n) == (True, "300s", 1)
    assert series["copilot_ls.requests"] == {(("copilot_ls.language", "python"),): 2}
    assert series["gen_ai.client.operation.duration"] == {ASKED_OF: (1, 0.12)}
    assert series["gen_ai.client.operation.time_to_first_chunk"] == {ASKED_OF: (1, 0.04)}
    assert series["gen_ai.client.token.usage"] == {
        (*ASKED_OF, ("gen_ai.token.type", "input")): (1, 300),
        (*ASKED_OF, ("gen_ai.token.type", "output")): (1, 20),
    }
    assert series["copilot_ls.cost"] == {ASKED_OF: 0.25}
    ((fault, n),) = series["copilot_ls.backend.faults"].items()
    assert (dict(fault)["error.type"], n) == ("http_401", 1)
    assert sum(series["copilot_ls.written_characters"].values()) == 19
    assert receiver.units()["gen_ai.client.operation.duration"] == "s"
    assert receiver.resource()["service.name"] == "copilot-ls"
    assert set(series) <= {instrument.name for instrument in INSTRUMENTS}
    everything = b"".join(receiver.bodies)
    for secret in (b"/home", b"ada", b"secret", str(home).encode(), b"session_id"):
        assert secret not in everything


def test_a_span_for_each_request(home: Path, receiver: Receiver, configured: Path) -> None:
    write(home, requested(0))
    main(["telemetry", "forward", "--once"])
    write(home, *SESSION)
    main(["telemetry", "forward", "--once"])
    (message,) = receiver.messages["/v1/traces"]
    (span,) = message.resource_spans[0].scope_spans[0].spans
    attributes = {each.key: each.value for each in span.attributes}
    assert (span.name, span.kind) == ("text_completion qwen.gguf", 3)
    assert attributes["gen_ai.usage.input_tokens"].int_value == 300
    assert span.end_time_unix_nano - span.start_time_unix_nano == 120_000_000
    assert (len(span.trace_id), len(span.span_id)) == (16, 8)


@pytest.mark.parametrize("killed", ["before it is sent", "before it is remembered"])
def test_nothing_is_counted_twice_or_lost_when_it_is_killed(home: Path, killed: str) -> None:
    database, state = home / "state" / "telemetry.db", home / "state" / "otlp.json"
    sent: list[dict[str, Any]] = []

    def send(progress: Any, _rows: Any) -> None:
        if killed == "before it is sent" and not was_killed:
            was_killed.append(True)
            raise KeyboardInterrupt
        sent.append(progress.totals.as_json())

    was_killed: list[bool] = []
    write(home, requested(0))
    Forwarder(database, state, send).forward()
    write(home, *SESSION[:7])
    forwarder = Forwarder(database, state, send)
    if killed == "before it is remembered":
        forwarder._save = lambda _: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        forwarder.forward()
    write(home, *SESSION[7:])
    Forwarder(database, state, send).forward()
    assert sent[-1] == expected(home)


def expected(home: Path) -> dict[str, Any]:
    """The totals of SESSION, folded at once."""
    database, state = home / "once" / "telemetry.db", home / "once" / "otlp.json"
    with closing(Store(database, max_bytes=10**8, retention_days=10**5, wall_clock=lambda: AT)) as store:
        store.write([requested(0)])
    sent: list[Any] = []
    forwarder = Forwarder(database, state, lambda progress, _: sent.append(progress.totals.as_json()))
    forwarder.forward()
    with closing(Store(database, max_bytes=10**8, retention_days=10**5, wall_clock=lambda: AT)) as store:
        store.write(SESSION)
    forwarder.forward()
    return sent[-1]


def test_what_is_refused_comes_with_the_next(home: Path, receiver: Receiver, configured: Path, capsys: Any) -> None:
    write(home, requested(0))
    main(["telemetry", "forward", "--once"])
    write(home, *SESSION[:5])
    receiver.status = 400
    assert main(["telemetry", "forward", "--once"]) == 1
    assert f"the collector at {receiver.endpoint} did not take" in capsys.readouterr().err
    assert main(["telemetry", "status"]) == 0
    assert f"forwarded   to {receiver.endpoint}" in (out := capsys.readouterr().out)
    assert "did not take" in out
    receiver.status = 200
    write(home, *SESSION[5:])
    assert main(["telemetry", "forward", "--once"]) == 0
    assert receiver.series()["copilot_ls.suggestions.accepted_characters"] == {WHOSE: 10}
    assert json.loads((home / "state" / "otlp-status.json").read_text())["problem"] is None


def test_a_database_that_was_deleted_is_begun_anew_and_totals_go_on(home: Path) -> None:
    database, state = home / "state" / "telemetry.db", home / "state" / "otlp.json"
    totals: list[Totals] = []
    forwarder = Forwarder(database, state, lambda progress, _: totals.append(progress.totals))
    write(home, requested(0))
    forwarder.forward()
    write(home, requested(1), requested(2))
    forwarder.forward()
    delete(database)
    assert forwarder.forward() == 0
    write(home, requested(3), requested(4), requested(5), requested(6))
    assert forwarder.forward() == 4
    ((_, series),) = totals[-1].of(instruments.REQUESTS)
    assert series.value == 6


def test_a_database_that_is_pruned_goes_on(home: Path) -> None:
    database, state = home / "state" / "telemetry.db", home / "state" / "otlp.json"
    read: list[int] = []
    forwarder = Forwarder(database, state, lambda _, rows: read.append(len(rows)))
    write(home, requested(0))
    forwarder.forward()
    write(home, *(requested(n) for n in range(1, 20)))
    import sqlite3

    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM events WHERE id < 10")
    assert forwarder.forward() == 11


def test_progress_that_cannot_be_read_begins_anew(home: Path) -> None:
    database, state = home / "state" / "telemetry.db", home / "state" / "otlp.json"
    write(home, requested(0))
    state.write_text('{"format": 1, "cursor": "x"}')
    assert Forwarder(database, state, lambda *_: None).forward() == 0
    assert json.loads(state.read_text())["cursor"] == 1
    assert state.stat().st_mode & 0o777 == 0o600


def test_deleting_everything_deletes_what_was_counted(home: Path, receiver: Receiver, configured: Path) -> None:
    database, state = home / "state" / "telemetry.db", home / "state" / "otlp.json"
    counted: list[int] = []

    def send(progress: Any, _rows: Any) -> None:
        counted.append(sum(series.value for _, series in progress.totals.of(instruments.REQUESTS)))

    forwarder = Forwarder(database, state, send)
    write(home, requested(0))
    forwarder.forward()
    write(home, requested(1), requested(2))
    forwarder.forward()
    assert main(["telemetry", "delete", "--yes"]) == 0
    assert not state.exists()
    write(home, requested(3))
    forwarder.forward()
    write(home, requested(4))
    forwarder.forward()
    assert counted == [2, 1]


def test_a_refusal_keeps_the_cursor(home: Path) -> None:
    def refuse(*_: Any) -> None:
        raise SendError("no")

    database, state = home / "state" / "telemetry.db", home / "state" / "otlp.json"
    write(home, requested(0))
    forwarder = Forwarder(database, state, refuse)
    assert forwarder.forward() == 0
    write(home, requested(1))
    with pytest.raises(SendError):
        forwarder.forward()
    assert json.loads(state.read_text())["cursor"] == 1


@given(st.lists(st.integers(1, 5), max_size=6))
def test_batches_make_no_difference(sizes: list[int]) -> None:
    names = (
        "event",
        "language",
        "backend",
        "model",
        "task",
        "reason",
        "suggestion_id",
        "chain_id",
        "latency_ms",
        "source",
    )
    rows = [
        {**dict.fromkeys((*names, "offer_language", "offer_backend", "offer_model", "offer_task")), "event": "generated",
         "language": "python", "latency_ms": n * 7.0, "source": "cache", "suggestion_id": n, "chain_id": n}
        for n in range(sum(sizes))
    ]  # fmt: skip
    whole, parts = Totals(), Totals()
    for row in rows:
        fold(whole, row)
    at = 0
    for size in sizes:
        parts = Totals.from_json(json.loads(json.dumps(parts.as_json())))
        for row in rows[at : at + size]:
            fold(parts, row)
        at += size
    assert parts.as_json() == whole.as_json()


def test_series_are_bounded() -> None:
    totals = Totals()
    for n in range(2000):
        totals.add(instruments.REQUESTS, 1, {"copilot_ls.language": f"made up {n}"})
    series = totals.of(instruments.REQUESTS)
    assert len(series) == 501
    assert ({"otel.metric.overflow": True}, 1500) in [(attributes, each.value) for attributes, each in series]


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("qwen2.5-coder:7b", "qwen2.5-coder:7b"),
        ("bigcode/starcoder2-3b", "bigcode/starcoder2-3b"),
        ("/home/ada/models/x.gguf", "x.gguf"),
        ("models/of ada/x.gguf", "x.gguf"),
        (r"C:\Users\ada\x.bin", "x.bin"),
        ("~/m/x", "x"),
        ("./m/x", "x"),
        ("file:///home/ada/x", "x"),
        (None, ""),
    ],
)
def test_a_model_that_is_a_file_is_called_by_its_name_alone(model: str | None, name: str) -> None:
    assert plain_name(model) == name


def test_the_dashboard_asks_for_what_is_forwarded_and_for_all_of_it() -> None:
    text = files("copilot_ls_telemetry").joinpath("grafana", "copilot-ls.json").read_text("utf-8")
    asked = [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]
    names = {name for each in asked for name in re.findall(r"\b((?:copilot_ls|gen_ai)\w+)(?=[{\[])", each)}
    forwarded = {name: instrument for instrument in INSTRUMENTS for name in prometheus_names(instrument)}
    assert names <= forwarded.keys(), names - forwarded.keys()
    assert {forwarded[name].name for name in names} == {instrument.name for instrument in INSTRUMENTS}
    labels = {
        label for each in asked for label in re.findall(r"\b(?:copilot_ls|gen_ai|error)_\w+(?=\s*=|=~|[,)])", each)
    }
    source = (Path(instruments.__file__).parent / "folding.py").read_text()
    known = {
        attribute.replace(".", "_") for attribute in re.findall(r'"((?:copilot_ls|gen_ai|error)\.[a-z_.]+)"', source)
    }
    assert labels - names <= known, labels - names - known


# The command and the process


def test_without_an_address_it_says_what_to_write(capsys: Any, home: Path) -> None:
    assert main(["telemetry", "forward", "--once"]) == 2
    assert f"set `otlp_endpoint` below [telemetry] in {home / 'config' / 'config.toml'}" in capsys.readouterr().err


def test_without_the_sdk_it_says_what_to_install(
    capsys: Any, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    assert main(["telemetry", "forward", "--once"]) == 2
    assert "pip install 'copilot-ls[otlp]'" in capsys.readouterr().err


def test_headers_are_not_sent_in_clear(capsys: Any, configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured.write_text('[telemetry]\notlp_endpoint = "http://collector.example:4318"\n')
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer x")
    assert main(["telemetry", "forward", "--once"]) == 2
    assert "in clear; use https" in capsys.readouterr().err


def test_neither_a_workspace_nor_an_editor_can_name_the_collector(home: Path) -> None:
    from copilot_ls.config.load import load

    project = home / "project"
    project.mkdir()
    (project / ".copilot-ls.toml").write_text('[telemetry]\notlp_endpoint = "http://evil.example"\n')
    editor = {"telemetry": {"otlp_endpoint": "http://evil.example"}}
    loaded = load(user_file=home / "config.toml", workspace_roots=[project], editor=editor)
    assert loaded.settings.telemetry.otlp_endpoint is None
    said = [str(problem) for problem in loaded.problems]
    assert len(said) == 2
    assert all("it counts only in your own file" in each for each in said)


def wait_for(condition: Any, what: str, seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)
    return found


def test_a_server_starts_it_one_forwards_and_the_next_takes_over(
    home: Path, receiver: Receiver, configured: Path
) -> None:
    """Two servers, two processes, one lock; each ends with the pipe that its server holds, however that ends."""
    write(home, requested(0))
    command = [sys.executable, "-m", "copilot_ls", "telemetry", "forward", "--with-server"]
    first, second = (subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2))
    try:
        wait_for((home / "state" / "otlp.json").exists, "the first look")
        write(home, *SESSION)
        wait_for(lambda: receiver.messages["/v1/metrics"], "what the collector gets")
        assert receiver.series()["copilot_ls.requests"] == {(("copilot_ls.language", "python"),): 2}
        for process in (first, second):
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(30) == 0
    finally:
        for process in (first, second):
            process.kill()
            process.wait()


def test_the_workbench_starts_and_ends_it(home: Path, receiver: Receiver, configured: Path) -> None:
    import asyncio

    from copilot_ls.features.workbench import Workbench

    write(home, requested(0))

    async def serve() -> None:
        bench = Workbench()
        assert not bench.load_settings({})
        await asyncio.to_thread(wait_for, (home / "state" / "otlp-status.json").exists, "the process to work")
        forwarding = bench._telemetry._forwarding
        assert forwarding is not None
        process = forwarding._process
        assert process is not None
        assert process.poll() is None
        await bench.aclose()
        await asyncio.to_thread(wait_for, lambda: process.poll() is not None, "the process to end")

    asyncio.run(serve())
