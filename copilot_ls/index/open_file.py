"""An open file on its way into the index's overlay: read and taken apart once per version.

Of a long text of which an earlier state is known, only what has changed is parsed. Called by `store.reading`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.changed_facts import Known, changed_facts
from copilot_ls.index.digest import digest
from copilot_ls.index.facts import Facts, file_facts
from copilot_ls.index.filetypes import file_type
from copilot_ls.index.store.writing import NewFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# A longer text takes too long to be taken apart while somebody waits; it stays as it was saved.
_MOST_CHARACTERS = 400_000
# Lines. Shorter texts are parsed as a whole within some milliseconds.
_LONG = 400


class OpenFile(NamedTuple):
    """A file that is open in the editor. `read` gives its text; a new `version` says that it has changed."""

    path: str
    version: object
    read: Callable[[], str]


class Prepared(NamedTuple):
    """One version of an open file, taken apart; not further than its hash (no `facts`) when that is as it was saved."""

    version: object
    hash: bytes
    new: NewFile | None = None
    lines: Sequence[str] = ()
    facts: Facts | None = None


def prepared(file: OpenFile, saved_hash: bytes, known: Known | None) -> Prepared | None:
    """Take a file apart; None for those that the index leaves alone. `known` is another state of it."""
    kind = file_type(file.path)
    text = file.read()
    if kind is None or len(text) > _MOST_CHARACTERS:
        return None
    data = text.encode("utf-8", "replace")
    content_hash = hashlib.blake2b(data, digest_size=16).digest()
    if content_hash == saved_hash:
        return Prepared(file.version, content_hash)
    text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    taken = digest(text)
    new = NewFile(file.path, len(data), 0, content_hash, kind.language, kind.family, None, *taken)
    lines = text.split("\n")[: taken.n_lines]
    facts = None
    if known is not None and len(lines) > _LONG:
        facts = changed_facts(known, lines, kind.language, kind.family, file.path)
    if facts is None:
        facts = file_facts(text, kind.language, kind.family, file.path)
    return Prepared(file.version, content_hash, new, lines, facts)
