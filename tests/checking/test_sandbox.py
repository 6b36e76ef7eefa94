"""What a checker sees of the environment, reaches of the network, and may write."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from copilot_ls.checking.sandbox import confined, environment, network

KEPT = {
    "PATH": "/usr/bin:/home/k7f3j2h1g5d8s9a0q2w4e6r8t0/bin", "HOME": "/home/me", "LANG": "de_DE.UTF-8", "RUSTFLAGS": "-C x",
    "VIRTUAL_ENV": "/home/me/project/.venv", "GOPATH": "/home/me/go", "JAVA_HOME": "/opt/java", "EDITOR": "vim",
}  # fmt: skip
SECRET = {
    "OPENAI_API_KEY": "x", "GITHUB_TOKEN": "x", "AWS_SECRET_ACCESS_KEY": "x", "DB_PASSWORD": "x", "PGPASS": "x", "mysql_pwd": "x",
    "SSH_AUTH_SOCK": "/run/agent", "GPG_AGENT_INFO": "x", "SESSION_COOKIE": "x", "SENTRY_DSN": "x", "DATABASE_URL": "x",
    "INNOCENT": "ghp_0123456789abcdefghijABCDEFGHIJ012345", "PLAIN": "postgres://me:hunter2@db/x", "SLACK_WEBHOOK": "x",
    "LLM": "x",
}  # fmt: skip


def test_keys_do_not_reach_a_checker():
    seen = environment(KEPT | SECRET | {"LC_ALL": "de_DE"}, more={"X": "1"}, secret_names=["llm"])
    del SECRET["PGPASS"]  # no name of a variable that holds one: libpq's is PGPASSWORD
    assert not seen.keys() & SECRET.keys()
    assert seen.items() >= KEPT.items()
    assert (seen["LC_ALL"], seen["X"], seen["GOPROXY"]) == ("C.UTF-8", "1", "off")


cut_off = pytest.mark.skipif(network() != "cut off", reason="user namespaces are not allowed here")


@cut_off
async def test_there_is_no_network(tmp_path):
    """Not even this machine's own: a server of this very process cannot be reached."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
        command = await confined([sys.executable, "-c", program], read_only=None)
        ended = subprocess.run(command, check=False, capture_output=True)
    assert ended.returncode == 1
    assert b"Error" in ended.stderr


@cut_off
async def test_the_workspace_cannot_be_written_to_and_arguments_stay_as_they_are(tmp_path):
    folder = tmp_path / "a b'c"
    folder.mkdir()
    (folder / "file").write_text("old")
    program = "import sys, pathlib; print(sys.argv[1:]); pathlib.Path(sys.argv[1], 'file').write_text('new')"
    relative = "open('file', 'w').write('new')"
    ended = subprocess.run(
        await confined([sys.executable, "-c", relative], read_only=folder), check=False, capture_output=True, cwd=folder
    )
    assert b"Read-only file system" in ended.stderr
    command = await confined([sys.executable, "-c", program, str(folder), "$(touch x); 'y'"], read_only=folder)
    ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert ended.stdout.strip() == repr([str(folder), "$(touch x); 'y'"])
    assert "Read-only file system" in ended.stderr
    assert (folder / "file").read_text() == "old"
    assert os.listdir(tmp_path) == [folder.name]
