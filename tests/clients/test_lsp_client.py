"""The client that every end-to-end test trusts, tried against a plain pygls server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.lsp_client import LspClient, LspError, edit, recorded_capabilities

MINIMAL = [sys.executable, Path(__file__).parents[1] / "bench" / "minimal_server.py"]
URI = "file:///workspace/a.py"


async def test_a_session_from_handshake_to_exit_is_clean(tmp_path: Path) -> None:
    async with LspClient.start(MINIMAL) as client:
        answer = await client.initialize(root=tmp_path)
        assert answer["serverInfo"]["name"] == "minimal"
        assert client.server_capabilities["inlineCompletionProvider"] is not None
        client.open(URI, "x = 1\n")
        client.change(URI, 2, [edit((0, 0), (0, 1), "y")])
        assert [item["insertText"] for item in await client.inline_completion(URI, 0, 0)] == ["pass"]


async def test_an_error_answer_is_raised() -> None:
    async with LspClient.start(MINIMAL) as client:
        await client.initialize()
        with pytest.raises(LspError, match="nonsense/nothing") as caught:
            await client.request("nonsense/nothing", {})
        assert caught.value.code == -32601


async def test_a_traceback_on_stderr_fails_the_test() -> None:
    noisy = "import sys, runpy; print('Traceback (most recent call last)', file=sys.stderr); runpy.run_path(sys.argv[1], run_name='__main__')"
    with pytest.raises(AssertionError, match="complained on stderr"):
        async with LspClient.start([sys.executable, "-c", noisy, MINIMAL[1]]) as client:
            await client.initialize()


async def test_a_server_that_dies_fails_what_was_asked() -> None:
    with pytest.raises(LspError, match=r"went away|closed the connection") as caught:
        async with LspClient.start([sys.executable, "-c", "raise SystemExit('no such thing')"]) as client:
            await client.initialize()
    assert "no such thing" in "".join(caught.value.__notes__)


async def test_a_killed_server_is_no_failure() -> None:
    async with LspClient.start(MINIMAL) as client:
        await client.initialize()
        await client.kill()


@pytest.mark.parametrize("editor", ["ale", "eglot", "emacs-lsp-mode", "helix", "neovim", "vscode"])
async def test_recorded_capabilities_are_those_of_an_editor(editor: str) -> None:
    capabilities = recorded_capabilities(editor)
    assert "textDocument" in capabilities
