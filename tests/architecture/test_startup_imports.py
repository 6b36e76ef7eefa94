"""What an editor's user waits for stays light: the server answers `initialize` before it imports anything heavy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lsp_client import LspClient

# Each costs 10 to 150 ms to import, or brings something that does. They come after `initialized`, when first needed.
HEAVY = (
    "pydantic", "pydantic_core", "httpx2", "httpcore2", "h2", "diskcache", "pickle", "tree_sitter", "sqlite3", "platformdirs",
    "pathspec", "tomllib", "argparse", "importlib.metadata", "copilot_ls_grammars", "multiprocessing", "unittest",
)  # fmt: skip
# The stated budget; argparse and the like are dearer than they look only together, these are so alone.
FORBIDDEN_AT_IMPORT = ("pydantic", "httpx2", "diskcache", "tree_sitter", "sqlite3", "platformdirs", "pathspec")


@pytest.mark.parametrize("module", ["copilot_ls.cli.serve", "copilot_ls.lsp.server"])
def test_importing_the_server_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert module in loaded
    crept_in = sorted(set(loaded) & set(FORBIDDEN_AT_IMPORT))
    assert not crept_in, (
        f"{module} imports {crept_in} when it is imported: import them inside the functions that need them"
    )


async def test_answering_initialize_imports_nothing_heavy(tmp_path: Path) -> None:
    state = {
        name: str(tmp_path / name) for name in ("COPILOT_LS_STATE_DIR", "COPILOT_LS_CACHE_DIR", "COPILOT_LS_CONFIG_DIR")
    }
    command = [sys.executable, "-X", "importtime", "-m", "copilot_ls", "--stdio"]
    async with LspClient.start(command, env=os.environ | state) as client:
        await client.initialize(root=tmp_path, initialized=False)
        await client.kill()
        imported = set(re.findall(r"^import time:.*\| +(\S+)$", client.stderr, re.MULTILINE))
    assert "asyncio" in imported
    crept_in = sorted(imported & set(HEAVY))
    assert not crept_in, f"the server imports {crept_in} before it answers initialize: put that off until it is needed"
