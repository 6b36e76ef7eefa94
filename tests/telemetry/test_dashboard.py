"""The dashboard's server: whom it answers, with what, and what it never does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.page import asset
from copilot_ls_telemetry.store import Store

from copilot_ls.cli import main
from copilot_ls.cli.dashboard import DashboardServer
from tests.telemetry.conftest import AT, generated, of_chain, requested


@pytest.fixture
def database(path: Path) -> Path:
    """Twelve suggestions in Python, all shown, a quarter of them accepted and looked at."""
    with closing(Store(path, max_bytes=64_000_000, retention_days=9999, wall_clock=lambda: AT)) as opened:
        for number in range(12):
            opened.write([requested(number), generated(number), of_chain(events.Shown, number)])
            if number % 4:
                opened.write([of_chain(events.Ignored, number)])
            else:
                looked = {"moment": "300s", "kept": 0.5, "survives": True, "n_lexemes": 4, "kept_chars": 5}
                opened.write([of_chain(events.Accepted, number)])
                opened.write([of_chain(events.RetentionChecked, number, **looked)])
    return path


@pytest.fixture
def server(database: Path) -> Iterator[DashboardServer]:
    with DashboardServer(database) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def get(server: DashboardServer, path: str, *, host: str | None = None) -> tuple[HTTPResponse, bytes]:
    port = server.server_address[1]
    connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
    with closing(connection):
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
        answer = connection.getresponse()
        return answer, answer.read()


def data(server: DashboardServer, name: str) -> Any:
    answer, body = get(server, f"/{server.token}/{name}")
    assert answer.status == 200
    return json.loads(body)


def test_the_page_and_its_files_are_served_and_nothing_else(server: DashboardServer) -> None:
    answer, body = get(server, f"/{server.token}/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for name in ("dashboard.js", "dashboard.css", "uPlot.iife.min.js", "uPlot.min.css"):
        assert name.encode() in body
        assert get(server, f"/{server.token}/{name}")[0].status == 200
    for name in ("../page.py", "..%2fpage.py", "uPlot.LICENSE", "/etc/passwd", "nothing.js", "data"):
        assert get(server, f"/{server.token}/{name}")[0].status == 404


@pytest.mark.parametrize("asked", ["/", "/wrong/", "/wrong/data.json", "/%C3%A9/", "//data.json"])
def test_without_the_token_there_is_nothing(server: DashboardServer, asked: str) -> None:
    answer, body = get(server, asked)
    assert (answer.status, b"accepted" in body) == (404, False)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "0.0.0.0"])
def test_a_name_that_was_made_to_mean_this_machine_is_refused(server: DashboardServer, host: str) -> None:
    assert get(server, f"/{server.token}/data.json", host=host)[0].status == 421
    assert get(server, f"/{server.token}/data.json", host=f"localhost:{server.server_address[1]}")[0].status == 200


def test_through_a_forwarded_port_it_answers_under_the_name_that_it_was_told(database: Path) -> None:
    with DashboardServer(database, reached_as="localhost:9443") as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        seen = {
            host: get(made, f"/{made.token}/", host=host)[0].status for host in ("localhost:9443", "localhost:9444")
        }
        made.shutdown()
        thread.join()
    assert seen == {"localhost:9443": 200, "localhost:9444": 421}


def test_the_page_may_load_nothing_from_elsewhere(server: DashboardServer) -> None:
    policy = get(server, f"/{server.token}/")[0].headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
    assert "unsafe" not in policy
    for name in ("index.html", "dashboard.js", "dashboard.css", "uPlot.min.css"):
        found = asset(name)
        assert found is not None
        assert b"http:" not in found[1]
        assert b"https:" not in found[1]


def test_it_listens_on_loopback_alone(server: DashboardServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_the_data_are_those_of_stats(server: DashboardServer) -> None:
    found = data(server, "data.json?period=all")
    assert (found["shown"], found["accepted"], found["acceptance_rate"]) == (12, 3, 0.25)
    (language,) = found["groups"]["language"]
    assert (language["group"], language["survival_rate"], language["looked_at"]) == ("python", 1.0, 3)
    (backend,) = found["backends"]
    assert (backend["group"], backend["p50_ms"], backend["cost"]) == ("embedded", 5.0, None)
    assert found["distribution"] == [{"group": None, "source": "backend", "bucket_ms": 5, "n": 12}]
    assert [(row["language"], row["shown"], row["acceptance_rate"]) for row in found["places"]] == [
        ("python", 12, 0.25)
    ]
    assert data(server, "data.json?period=day")["shown"] in (0, 12)  # AT is a day of 2027


def test_the_tail_tells_what_came_after(server: DashboardServer) -> None:
    latest = data(server, "tail.json?after=0")["events"]
    assert [event["event"] for event in latest][-1] == "ignored"
    assert data(server, f"tail.json?after={latest[-1]['id']}")["events"] == []
    assert set().union(*latest) <= {
        "id", "at", "event", "language", "backend", "source", "reason", "latency_ms", "n_chars", "moment", "kept",
    }  # fmt: skip


@pytest.mark.parametrize(
    "query",
    ["data.json?period=forever", "tail.json?after=-1", "tail.json?after=1e9", "tail.json?after=9999999999999999999"],
)
def test_what_makes_no_sense_is_said(server: DashboardServer, query: str) -> None:
    answer, body = get(server, f"/{server.token}/{query}")
    assert answer.status == 400
    assert "error" in json.loads(body)


def test_without_a_record_the_page_says_so(path: Path) -> None:
    with DashboardServer(path) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        assert data(made, "data.json") == {"empty": True, "events": []}
        made.shutdown()
        thread.join()
    assert not path.exists(), "looking makes no file"


def test_a_port_that_is_taken_is_named(server: DashboardServer, capsys: pytest.CaptureFixture[str]) -> None:
    port = server.server_address[1]
    assert main(["dashboard", "--no-open", "--port", str(port)]) == 1
    assert f"port {port} cannot be used (Address already in use); choose another" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["dashboard", "--port", "70000"])
    assert "'70000' is no port; give a number from 0 (a free one) to 65535" in capsys.readouterr().err
