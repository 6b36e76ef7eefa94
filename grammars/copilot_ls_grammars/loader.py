"""Find languages, read their `language.toml` and their queries, lazily and once.

A query file may start with `; inherits: <folder>[,<folder>…]`: the files of the same name in those folders come before
it. Inherited files inherit nothing themselves, so that one look at the first line tells all. Called by
`copilot_ls.syntax`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath

from copilot_ls_grammars.spec import LanguageSpec, LanguageSpecError, from_mapping

_ROOT = Path(__file__).parent
_INHERITS = re.compile(r";\s*inherits:\s*(\S+)\s*\n")


@cache
def languages() -> tuple[str, ...]:
    """Names of all languages: the folders that hold a `language.toml`."""
    return tuple(sorted(path.parent.name for path in _ROOT.glob("*/language.toml")))


@cache
def load(language_name: str) -> LanguageSpec:
    """The language of that name; raises `LanguageSpecError` when there is none or its `language.toml` is wrong."""
    import tomllib

    if language_name not in languages():
        raise LanguageSpecError(f"no language {language_name!r}; there are {', '.join(languages())}")
    path = _ROOT / language_name / "language.toml"
    try:
        facts = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LanguageSpecError(f"{language_name}/language.toml: {error}") from error
    return from_mapping(facts, language_name)


def find(language_id: str, path: str = "", first_line: str = "") -> LanguageSpec | None:
    """The language of an LSP language id, else of a file's name or extension, else of a `#!` line."""
    if language_id in languages():  # most ids are the folder's name: one file is read instead of all
        return load(language_id)
    by_id, by_extension, by_filename, by_shebang = _tables()
    file_name = PurePosixPath(path.replace("\\", "/")).name
    name = (
        by_id.get(language_id.lower())
        or by_filename.get(file_name)
        or by_extension.get(file_name.rpartition(".")[2].lower() if "." in file_name else "")
    )
    if name is None and first_line.startswith("#!"):
        words = [word for word in re.split(r"[\s/]+", first_line[2:]) if word and not word.startswith("-")]
        name = next((by_shebang[word] for word in reversed(words) if word in by_shebang), None)
    return None if name is None else load(name)


def query_files(language_name: str, purpose: str) -> tuple[Path, ...]:
    """The files that make up one query of a language, inherited ones first; none when the language lacks it."""
    path = _ROOT / language_name / f"{purpose}.scm"
    if not path.is_file():
        return ()
    first_line = _INHERITS.match(path.read_text("utf-8"))
    inherited = first_line[1].split(",") if first_line else []
    for folder in inherited:
        if not (_ROOT / folder).is_dir():
            raise LanguageSpecError(f"{language_name}/{purpose}.scm: it inherits {folder!r}, which is no folder here")
    paths = [_ROOT / folder / f"{purpose}.scm" for folder in inherited]
    return (*(inherited_path for inherited_path in paths if inherited_path.is_file()), path)


def query_source(language_name: str, purpose: str) -> str:
    """The text of one query of a language; empty when the language lacks it."""
    return "\n".join(path.read_text("utf-8") for path in query_files(language_name, purpose))


@cache
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str], dict[str, str]]:
    by_id: dict[str, str] = {}
    by_extension: dict[str, str] = {}
    by_filename: dict[str, str] = {}
    by_shebang: dict[str, str] = {}
    for name in languages():
        spec = load(name)
        by_id |= dict.fromkeys(spec.language_ids, name)
        by_extension |= dict.fromkeys(spec.extensions, name)
        by_filename |= dict.fromkeys(spec.filenames, name)
        by_shebang |= dict.fromkeys(spec.shebangs, name)
    return by_id, by_extension, by_filename, by_shebang
