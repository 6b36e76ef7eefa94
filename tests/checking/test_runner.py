"""Commands that hang, flood, crash, fork, or are not there: the runner ends, says why, and leaves nobody behind."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio import base_subprocess
from pathlib import Path

import pytest

from copilot_ls.checking.runner import run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups")

FORKS = """
import os, sys, time
{before}
if os.fork() == 0:
    with open(sys.argv[1], "w") as file:
        file.write(str(os.getpid()))
        file.flush()
    time.sleep(600)
while not (os.path.exists(sys.argv[1]) and open(sys.argv[1]).read()):
    time.sleep(0.005)
print("done", flush=True)
{after}
"""


async def ran(tmp_path: Path, text: str, *arguments: str, stdin=None, timeout_s=30.0, limit=1_000_000):
    command = [sys.executable, "-I", "-c", text, *arguments]
    return await run(
        command, folder=tmp_path, environment=dict(os.environ), stdin=stdin, timeout_s=timeout_s, max_output_bytes=limit
    )


async def gone(pid: int) -> bool:
    """Whether a process ends; it is a zombie of nobody, or of init, until then."""
    for _ in range(400):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return True
        if stat.rpartition(")")[2].split()[0] in "ZX":
            return True
        await asyncio.sleep(0.01)
    return False


async def test_output_status_and_standard_input(tmp_path):
    answer = await ran(
        tmp_path,
        "import sys, os; print(sys.stdin.read() + os.getcwd()); print('e', file=sys.stderr); sys.exit(3)",
        stdin="é".encode(),
    )
    assert (answer.status, answer.stderr, answer.problem) == (3, b"e\n", "")
    assert answer.stdout.decode().strip() == f"é{tmp_path}"


async def test_it_runs_at_low_priority(tmp_path):
    if os.getpriority(os.PRIO_PROCESS, 0) >= 10:
        pytest.skip("this runs at low priority itself")
    answer = await ran(
        tmp_path, "import os, sys; sys.stdin.read(); print(os.getpriority(os.PRIO_PROCESS, 0))", stdin=b"x" * 1_000_000
    )
    assert answer.stdout.strip() == b"10"


async def test_a_command_that_does_not_read_its_input_is_not_waited_for(tmp_path):
    assert (await ran(tmp_path, "print(1)", stdin=b"x" * 5_000_000)).stdout == b"1\n"


async def test_a_hang_ends_at_the_deadline(tmp_path):
    answer = await ran(tmp_path, "import time; time.sleep(600)", timeout_s=0.3)
    assert answer.problem == "did not end within 0.3 s"


async def test_a_flood_ends_at_the_limit(tmp_path):
    answer = await ran(tmp_path, "import sys\nwhile 1: sys.stdout.write('x' * 100000)")
    assert answer.problem == "wrote more than 1 MB"
    assert len(answer.stdout) <= 1_000_000


async def test_a_crash_is_a_status(tmp_path):
    answer = await ran(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (answer.status, answer.problem) == (-11, "")


@pytest.mark.parametrize("name", ["/there/is/no/such", "a\0b"])
async def test_what_cannot_be_started(tmp_path, name):
    answer = await run([name], folder=tmp_path, environment={}, stdin=None, timeout_s=5)
    assert answer.problem.startswith("cannot be started: ")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")
@pytest.mark.parametrize(
    ("after", "problem"), [("", ""), ("time.sleep(600)", "did not end within 3 s")], ids=["ends", "hangs"]
)
async def test_a_child_that_stays_is_ended(tmp_path, after, problem):
    """It holds the pipes open, which delays the answer by a moment at most."""
    file = tmp_path / "pid"
    answer = await ran(tmp_path, FORKS.format(before="", after=after), str(file), timeout_s=3)
    assert (answer.stdout, answer.problem) == (b"done\n", problem)
    assert await gone(int(file.read_text()))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")
async def test_cancelling_ends_the_command_and_its_children(tmp_path):
    file = tmp_path / "pid"
    task = asyncio.ensure_future(ran(tmp_path, FORKS.format(before="", after="time.sleep(600)"), str(file)))
    while not (file.exists() and file.read_text()):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await gone(int(file.read_text()))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")
async def test_cancelling_while_it_starts_ends_it_too(tmp_path, monkeypatch):
    """asyncio itself would wait for whoever holds the pipes by then, and end none of them."""
    file, go_on = tmp_path / "pid", asyncio.Event()
    connect = base_subprocess.BaseSubprocessTransport._connect_pipes

    async def slowly(transport, waiter):
        await go_on.wait()
        await connect(transport, waiter)

    monkeypatch.setattr(base_subprocess.BaseSubprocessTransport, "_connect_pipes", slowly)
    task = asyncio.ensure_future(ran(tmp_path, FORKS.format(before="", after="time.sleep(600)"), str(file)))
    while not (file.exists() and file.read_text()):
        await asyncio.sleep(0.01)
    task.cancel()
    asyncio.get_running_loop().call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 30)
    assert await gone(int(file.read_text()))
