"""The command that opens the statistics, in a session that accepted something."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tests.e2e.conftest import House
from tests.lsp_client import LspClient, edit


async def show(client: LspClient) -> str:
    answer = await client.execute({"command": "copilot-ls.showStatistics", "arguments": []})
    file = Path(url2pathname(urlsplit(answer["uri"]).path))
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    return file.read_text("utf-8")


async def test_what_was_accepted_is_in_it(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price * quantity"}])
    async with house.serve() as client:
        assert "nothing has been recorded yet" in (await show(client)).lower()
        uri = house.uri("a.py")
        client.open(uri, "total = ")
        (item,) = await client.inline_completion(uri, 0, 8)
        client.change(uri, 2, [edit((0, 8), (0, 8), item["insertText"])])
        await client.execute(item["command"])
        async with asyncio.timeout(20):
            while "1 of 1 shown were accepted" not in (text := await show(client)):
                await asyncio.sleep(0.05)
        assert text.startswith("# Statistics of copilot-ls\n\nSuggestions of all time: 1 of 1 shown were accepted")
        assert "\n\n```text\n" in text
        assert "window/showDocument" in [method for method, _ in client.requests_received]
