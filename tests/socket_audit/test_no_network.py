"""Without a configured backend nothing of copilot-ls opens a socket, ever: not the server, not the processes it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.socket_audit.audited import session, variables


def test_a_session_without_backends_uses_no_network(tmp_path: Path) -> None:
    events, watched, offered = session(tmp_path)
    assert watched >= 1, "the audit did not run"
    assert offered, "there was no ghost text, so that the session proves little"
    assert not events, "the network was used:\n" + "\n".join(events)


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.getaddrinfo('localhost', 1)",
        "import socket; socket.socket(socket.AF_INET)",
        "import socket; socket.socket(socket.AF_UNIX).connect_ex('nowhere')",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.create_server((\"127.0.0.1\", 0))'])",
    ],
)
def test_the_audit_sees_what_uses_it(tmp_path: Path, code: str) -> None:
    log = tmp_path / "log"
    subprocess.run([sys.executable, "-c", code], env=os.environ | variables(log), check=True)
    assert " socket." in log.read_text()


def test_the_audit_lets_asyncio_wake_itself(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import asyncio; asyncio.run(asyncio.sleep(0))"
    subprocess.run([sys.executable, "-c", code], env=os.environ | variables(log), check=True)
    assert " socket." not in log.read_text()
