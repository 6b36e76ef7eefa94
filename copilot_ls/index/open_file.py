"""An open file on its way into the index's overlay: read and taken apart once per version. Called by `lookup`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.digest import digest
from copilot_ls.index.facts import Facts, file_facts
from copilot_ls.index.filetypes import file_type
from copilot_ls.index.store.writing import NewFile

if TYPE_CHECKING:
    from collections.abc import Callable

# A longer text takes too long to be taken apart while somebody waits; it stays as it was saved.
_MOST_CHARACTERS = 400_000


class OpenFile(NamedTuple):
    """A file that is open in the editor. `read` gives its text; a new `version` says that it has changed."""

    path: str
    version: object
    read: Callable[[], str]


class Prepared(NamedTuple):
    """One version of an open file, taken apart."""

    version: object
    hash: bytes
    new: NewFile
    lines: list[str]
    facts: Facts


def prepared(file: OpenFile) -> Prepared | None:
    """Take a file apart; None for those that the index leaves alone."""
    kind = file_type(file.path)
    text = file.read()
    if kind is None or len(text) > _MOST_CHARACTERS:
        return None
    data = text.encode("utf-8", "replace")
    text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    taken = digest(text)
    content_hash = hashlib.blake2b(data, digest_size=16).digest()
    new = NewFile(file.path, len(data), 0, content_hash, kind.language, kind.family, None, *taken)
    facts = file_facts(text, kind.language, kind.family, file.path)
    return Prepared(file.version, content_hash, new, text.split("\n")[: taken.n_lines], facts)
