"""Asks the extension jupyter-copilot as its page does; run by the Python that it is installed in.

    python jupyter_driver.py ADDRESS NOTEBOOK CELL LINE CHARACTER [CELL'S NEW TEXT]

Prints the extension's answer, one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

from tornado.websocket import websocket_connect

WITHIN_S = 30.0


async def ask(address: str, notebook: str, cell: int, line: int, character: int, *text: str) -> str:
    """What is offered at a place of a cell, which reads `text` from now on if that is given."""
    socket = await websocket_connect(f"{address}/jupyter-copilot/ws?path={notebook}")

    async def say(kind: str, **more: object) -> None:
        await socket.write_message(json.dumps({"type": kind, **more}))

    assert json.loads(await socket.read_message())["type"] == "connection_established"
    if text:
        await say("cell_update", cell_id=cell, content=text[0])
    await say("update_lsp_version")
    await say("get_completion", cell_id=cell, line=line, character=character, req_id="1")
    answer = await asyncio.wait_for(socket.read_message(), WITHIN_S)
    socket.close()
    return answer


if __name__ == "__main__":
    address, notebook, *place = sys.argv[1:5]
    print(asyncio.run(ask(address, notebook, int(place[0]), int(place[1]), int(sys.argv[5]), *sys.argv[6:])))
