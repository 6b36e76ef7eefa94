"""A server that predicts what a test wants: `python next_edit_server.py FOLDER --stdio`.

`FOLDER/edit.json` is the next edit, `{"path", "range", "text"}` and whether it is `stale`, read anew at each request; without
the file there is none. `FOLDER/heard.jsonl` gets a line for each request, notification and command about it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

FOLDER = Path(sys.argv[1])
server = LanguageServer("next-edit", "0", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)


def heard(what: str) -> None:
    with (FOLDER / "heard.jsonl").open("a") as file:
        file.write(json.dumps(what) + "\n")


@server.feature("textDocument/copilotInlineEdit")
def next_edit(params: Any) -> dict[str, Any]:
    heard("asked")
    place = FOLDER / "edit.json"
    if not place.exists():
        return {"edits": []}
    edit = json.loads(place.read_text())
    uri = Path(edit["path"]).as_uri()
    version = params.textDocument.version if uri == params.textDocument.uri else None
    if edit.get("stale"):
        version -= 1
    command = {"title": "Accept", "command": "github.copilot.didAcceptNextEditSuggestionItem", "arguments": ["id-1"]}
    document = {"uri": uri, "version": version}
    return {"edits": [{"text": edit["text"], "range": edit["range"], "textDocument": document, "command": command}]}


@server.feature("textDocument/didShowInlineEdit")
def did_show(params: Any) -> None:
    heard(f"shown {params.item.command.arguments[0]}")


@server.command("github.copilot.didAcceptNextEditSuggestionItem")
def did_accept(*arguments: str) -> None:
    (FOLDER / "edit.json").unlink(missing_ok=True)
    heard(f"accepted {arguments[0]}")


@server.command("copilot-ls.didRejectNextEdit")
def did_reject(*arguments: str) -> None:
    (FOLDER / "edit.json").unlink(missing_ok=True)
    heard(f"rejected {arguments[0]}")


if __name__ == "__main__":
    server.start_io()
