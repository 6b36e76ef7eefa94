"""Two processes that share the work: the same results, whatever becomes of the second one."""

import os
import signal
import subprocess
import sys

import pytest

from copilot_ls.index import crew as crew_module
from copilot_ls.index.crew import Crew
from copilot_ls.index.worker import build
from tests.index.contents import contents

TASK = "crew:perform"  # a task that does another one


def pieces(n):
    return [("terms:split_identifier", (f"part_{number}",)) for number in range(n)]


def said(crew, n):
    return sorted(result[0] for result in crew.run(TASK, pieces(n)))


@pytest.fixture
def two(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with Crew() as crew:
        yield crew


@pytest.mark.parametrize("n", [0, 1, 2, 40])
def test_every_piece_is_done_once(two, n):
    assert said(two, n) == sorted(f"part_{number}" for number in range(n))
    assert said(two, 3) == ["part_0", "part_1", "part_2"]  # the helper is used again


def test_one_piece_is_no_reason_to_start_a_process(two):
    assert said(two, 1) == ["part_0"]
    assert two._process is None


def test_a_helper_that_dies_in_the_midst_of_it(two):
    results = two.run(TASK, pieces(60))
    got = [next(results)[0] for _ in range(5)]
    os.kill(two._process.pid, signal.SIGKILL)
    got += [result[0] for result in results]
    assert sorted(got) == sorted(f"part_{number}" for number in range(60))
    assert said(two, 4) == ["part_0", "part_1", "part_2", "part_3"]  # alone from now on


def test_a_helper_that_cannot_be_started(two, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert len(said(two, 10)) == 10


def test_a_system_that_allows_no_wider_pipes_has_a_helper_all_the_same(two, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_arguments):
        raise PermissionError("no wider pipes")

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    assert said(two, 10) == sorted(f"part_{number}" for number in range(10))
    assert two._process is not None


def test_threads_take_turns_as_before_when_the_helper_has_ended(two):
    before = sys.getswitchinterval()
    said(two, 10)
    assert sys.getswitchinterval() < before
    two.close()
    assert sys.getswitchinterval() == before


def test_one_processor_has_no_helper(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with Crew() as crew:
        assert len(said(crew, 10)) == 10
        assert crew._process is None


def test_both_make_the_same_index(write, database, tmp_path, monkeypatch):
    root = write({f"d/f{n}.py": f"def shared_{n % 7}(x):\n    return helper_{n}(x)\n" * 900 for n in range(30)})
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    used = []
    monkeypatch.setattr(crew_module.Crew, "_start", _noting(crew_module.Crew._start, used))
    build(root, database, tell=lambda _: None)
    assert used
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    build(root, tmp_path / "alone.db", tell=lambda _: None)
    assert contents(database, "helper_1") == contents(tmp_path / "alone.db", "helper_1")


def _noting(start, used):
    def noting(self):
        used.append(True)
        start(self)

    return noting
