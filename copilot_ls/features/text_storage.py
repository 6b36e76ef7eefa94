"""Puts together what keeps texts where the user turned that on: `completion_texts` follows them, `text_files` writes.

Called by the workbench, once for each server.
"""

from __future__ import annotations

import asyncio
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.features.completion_texts import CompletionTexts
from copilot_ls.features.text_files import TextFiles

if TYPE_CHECKING:
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.text import DocumentSnapshot

FOLDER = "completion-texts"


def text_storage(house: Workbench, *, is_server: bool) -> CompletionTexts:
    """The storage of a workbench; a command's stores nothing."""

    def folder() -> Path:
        from copilot_ls.config.paths import state_dir

        return state_dir() / FOLDER

    def is_on() -> bool:
        telemetry = house.settings().telemetry
        return is_server and telemetry.enable and telemetry.store_text

    def may_keep(document: DocumentSnapshot) -> bool:
        opened = house.documents.get(document.uri)
        return opened is not None and not opened.is_secret and bool(house.ignored.may_teach([document]))

    def write(record: dict[str, Any], document: DocumentSnapshot) -> None:
        root = house.root_of(document)
        files.write_soon(record, partial(_licence_of, None if root is None else str(root)))

    files = TextFiles(folder, keep_days=lambda: house.settings().telemetry.retention_days)
    texts = CompletionTexts(
        is_on=is_on,
        may_keep=may_keep,
        write=write,
        call_later=lambda delay_s, call: asyncio.get_running_loop().call_later(delay_s, call),
    )
    house.documents.on_change.append(
        lambda document, edits: texts.document_changed(document.uri, edits, document.buffer.snapshot())
    )
    house.documents.on_replace.append(
        lambda document: texts.document_changed(document.uri, (), document.buffer.snapshot())
    )
    house.documents.on_close.append(lambda document: texts.document_closed(document.uri))
    return texts


@cache
def _licence_of(root: str | None) -> str | None:
    from copilot_ls.index.licences import licence_of_folder

    return None if root is None else licence_of_folder(Path(root))
