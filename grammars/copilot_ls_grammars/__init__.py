"""Languages as data: one folder each, with `language.toml` and the tree-sitter queries, and the loader of these.

Adding a language is adding a folder; `grammars/README.md` says what goes into it. A folder whose name starts with an
underscore is no language but holds queries that several languages inherit. Nothing here imports tree-sitter: grammars
are loaded, and queries compiled, by `copilot_ls.syntax`, the caller of this package.
"""

from __future__ import annotations

from copilot_ls_grammars.loader import find, languages, load, query_files, query_source
from copilot_ls_grammars.spec import OPTIONAL_PURPOSES, PURPOSES, LanguageSpec, LanguageSpecError

__all__ = [
    "OPTIONAL_PURPOSES",
    "PURPOSES",
    "LanguageSpec",
    "LanguageSpecError",
    "find",
    "languages",
    "load",
    "query_files",
    "query_source",
]
