"""Which language a document is in. Imports no grammar; called by everything that needs a `LanguageSpec`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls_grammars import LanguageSpec

_log = logging.getLogger("copilot_ls.syntax")


def language_for(language_id: str, path: str = "", first_line: str = "") -> LanguageSpec | None:
    """The language of an LSP language id, else of a file's name, else of a `#!` line; None when it is not known.

    Reads one small file the first time; loads no grammar.
    """
    from copilot_ls_grammars import LanguageSpecError, find

    try:
        return find(language_id, path, first_line)
    except (LanguageSpecError, OSError) as error:
        _log.warning("language %r is treated as plain lines: %s", language_id, error)
        return None
