"""Next edits from a real process: rename, accept one, turn down the other; all is counted."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

from tests.e2e.conftest import House
from tests.lsp_client import LspClient, edit

SHOP = "def total_of(prices):\n    return sum(prices)\n\n\ndef show(prices):\n    print(total_of(prices))\n    return total_of(prices)\n"
WITHIN_S = 30


async def until_offered(client: LspClient, uri: str, version: int) -> dict[str, Any]:
    """Ask until there is an edit: an index grows, and a busy machine may be too late."""
    params = {"textDocument": {"uri": uri, "version": version}, "position": {"line": 0, "character": 5}}
    async with asyncio.timeout(WITHIN_S):
        while True:
            answer = await client.request("textDocument/copilotInlineEdit", params)
            if answer["edits"]:
                return answer["edits"][0]
            await asyncio.sleep(0.05)


async def test_a_rename_goes_on_through_the_file(house: House) -> None:
    (house.workspace / "shop.py").write_text(SHOP)
    uri = house.uri("shop.py")
    async with house.serve() as client:
        client.open(uri, SHOP)
        client.change(uri, 2, [edit((0, 4), (0, 12), "sum_of")])
        version = 2
        found = await until_offered(client, uri, version)
        assert found["textDocument"] == {"uri": uri, "version": version}
        assert (found["range"]["start"]["line"], found["text"]) == (5, "sum_of")
        client.notify("textDocument/didShowInlineEdit", {"item": found})
        client.change(uri, 3, [{"range": found["range"], "text": found["text"]}])
        await client.execute(found["command"])
        found = await until_offered(client, uri, 3)
        assert (found["range"]["start"]["line"], found["text"]) == (6, "sum_of")
        client.notify("textDocument/didShowInlineEdit", {"item": found})
        await client.execute({"command": "copilot-ls.didRejectNextEdit", "arguments": found["command"]["arguments"]})
    command = [sys.executable, "-m", "copilot_ls", "stats", "--by", "task", "--json"]
    answer = subprocess.run(command, env=house.env, capture_output=True, text=True, check=True)
    (outcome,) = [row for row in json.loads(answer.stdout)["groups"] if row["group"] == "next_edit"]
    assert (outcome["shown"], outcome["accepted"], outcome["rejected"]) == (2, 1, 1)
