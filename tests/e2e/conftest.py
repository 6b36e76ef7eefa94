"""A server process with folders of its own, a small workspace, and a script for its backend."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.lsp_client import LspClient

SERVER = [sys.executable, "-m", "copilot_ls", "--stdio"]

ACCOUNTS = '''\
class Account:
    """Money of one owner."""

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance += amount
        return self.balance

    def withdraw(self, amount):
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance -= amount
        return self.balance
'''


@dataclass
class House:
    """Folders for one test: a workspace, and the places where copilot-ls keeps its own files."""

    root: Path
    workspace: Path = field(init=False)
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.workspace = self.root / "workspace"
        self.workspace.mkdir()
        (self.workspace / "accounts.py").write_text(ACCOUNTS)
        places = {f"COPILOT_LS_{kind}_DIR": str(self.root / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
        self.env = {**os.environ, **places}

    def uri(self, name: str) -> str:
        return (self.workspace / name).as_uri()

    def configure(self, toml: str) -> None:
        (self.root / "config").mkdir(exist_ok=True)
        (self.root / "config" / "config.toml").write_text(toml)

    def script(self, answers: list[dict[str, Any]], extra: str = "") -> None:
        """Put a scripted backend in front, answering `answers`; what it was asked goes to `record`."""
        (self.root / "answers.json").write_text(json.dumps({"answers": answers}))
        self.configure(
            f"""
{extra}
[backend.script]
kind = "scripted"
options = {{ script = "{self.root / "answers.json"}", record = "{self.record}" }}
[[route.completion]]
backend = "script"
"""
        )

    @property
    def record(self) -> Path:
        return self.root / "record.jsonl"

    def recorded(self, what: str | None = None) -> list[dict[str, Any]]:
        """What happened to the scripted backend so far."""
        if not self.record.exists():
            return []
        lines = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [line for line in lines if what is None or line.get("event") == what]

    @asynccontextmanager
    async def serve(self, **options: Any) -> AsyncIterator[LspClient]:
        async with LspClient.start(SERVER, env=self.env, cwd=self.workspace) as client:
            await client.initialize(root=self.workspace, **options)
            yield client

    def stats(self) -> dict[str, Any]:
        command = [sys.executable, "-m", "copilot_ls", "stats", "--json"]
        answer = subprocess.run(command, env=self.env, capture_output=True, text=True, check=True)
        return json.loads(answer.stdout)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


Serve = Callable[..., AbstractAsyncContextManager[LspClient]]
