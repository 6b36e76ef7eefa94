"""What is known of a language besides its grammar: the content of a `language.toml`, checked.

Leaves finding files to `copilot_ls_grammars.loader`, its only caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from re import Pattern

PURPOSES = ("definitions", "references", "imports", "scopes", "noncode", "routines")
"""The queries that every language has: `<purpose>.scm` in its folder."""

OPTIONAL_PURPOSES = ("bindings",)
"""The queries that a language may have."""

BlockStyle = Literal["indent", "braces", "keywords"]

_STYLES = ("indent", "braces", "keywords")


class LanguageSpecError(ValueError):
    """A `language.toml` that does not say what it must."""


@dataclass(frozen=True, slots=True)
class LanguageSpec:
    """One language.

    `module` and `attribute` name the Python module of the grammar and its function that gives the language;
    `prologue` is what a fragment needs before it to be code at all. `quotes` are longest first, and those in
    `multiline_quotes` may span lines. Lines are judged by patterns that see them with comments blanked and strings
    masked: `opener` finds one that opens a block, `complete` a statement that ends there for certain, `import_line` an
    import. `middles` are words that close one part of a statement and open the next (`else`), `closers` the words or
    signs that end a block, `block_kinds` the node kinds that hold statements or members; `markup` is true where
    code holds tags. `repairs` are texts that complete
    code which stops midway, with `{indent}` for the indentation of its last line; `terminator` ends a statement.
    `unfinished` are patterns of how a line may stop where a word or a clause is missing, each with what would do.
    """

    name: str
    title: str
    language_ids: tuple[str, ...]
    extensions: tuple[str, ...]
    filenames: tuple[str, ...]
    shebangs: tuple[str, ...]
    module: str
    attribute: str
    prologue: str
    line_comments: tuple[str, ...]
    block_comments: tuple[tuple[str, str], ...]
    quotes: tuple[str, ...]
    multiline_quotes: frozenset[str]
    indent_unit: str
    block_style: BlockStyle
    opener: Pattern[str] | None
    middles: frozenset[str]
    closers: tuple[str, ...]
    block_kinds: frozenset[str]
    markup: bool
    repairs: tuple[str, ...]
    terminator: str
    complete: Pattern[str] | None
    import_line: Pattern[str] | None
    unfinished: tuple[tuple[Pattern[str], str], ...]


_KEYS = {
    "": {"name", "title", "language_ids", "extensions", "filenames", "shebangs"},
    "grammar": {"module", "attribute", "prologue"},
    "comments": {"line", "block"},
    "strings": {"quotes", "multiline"},
    "indent": {"unit"},
    "blocks": {"style", "opener", "middles", "closers", "kinds", "repairs", "markup"},
    "statements": {"complete", "import", "terminator", "unfinished"},
}


def _compiled(folder: str, section: str, key: str, source: str) -> Pattern[str]:
    try:
        return re.compile(source)
    except re.error as error:
        raise LanguageSpecError(f"{folder}/language.toml: [{section}] {key} is no pattern: {error}") from error


def from_mapping(facts: Mapping[str, Any], folder: str) -> LanguageSpec:
    """The language that a parsed `language.toml` describes; raises `LanguageSpecError` naming the key that is wrong."""
    sections: dict[str, Mapping[str, Any]] = {"": {key: value for key, value in facts.items() if key not in _KEYS}}
    for section, keys in _KEYS.items():
        if section:
            sections[section] = facts.get(section, {})
        unknown = sorted(set(sections[section]) - keys)
        if unknown:
            raise LanguageSpecError(
                f"{folder}/language.toml: unknown key {unknown[0]!r} in {section or 'the top'}; known: {sorted(keys)}"
            )

    def need(section: str, key: str) -> Any:  # noqa: ANN401 - TOML values; each caller narrows
        try:
            return sections[section][key]
        except KeyError:
            place = f"[{section}] " if section else ""
            raise LanguageSpecError(f"{folder}/language.toml: {place}{key} is missing") from None

    def pattern(section: str, key: str) -> Pattern[str] | None:
        source = sections[section].get(key)
        return None if source is None else _compiled(folder, section, key, source)

    blocks, strings, statements = sections["blocks"], sections["strings"], sections["statements"]
    style = need("blocks", "style")
    if style not in _STYLES:
        raise LanguageSpecError(f"{folder}/language.toml: [blocks] style is {style!r}; expected one of {_STYLES}")
    if need("", "name") != folder:
        raise LanguageSpecError(f"{folder}/language.toml: name is {facts['name']!r}; expected the folder's, {folder!r}")
    return LanguageSpec(
        name=folder,
        title=need("", "title"),
        language_ids=tuple(need("", "language_ids")),
        extensions=tuple(facts.get("extensions", ())),
        filenames=tuple(facts.get("filenames", ())),
        shebangs=tuple(facts.get("shebangs", ())),
        module=need("grammar", "module"),
        attribute=need("grammar", "attribute"),
        prologue=sections["grammar"].get("prologue", ""),
        line_comments=tuple(sections["comments"].get("line", ())),
        block_comments=tuple((opener, closer) for opener, closer in sections["comments"].get("block", ())),
        quotes=tuple(sorted(strings.get("quotes", ()), key=len, reverse=True)),
        multiline_quotes=frozenset(strings.get("multiline", ())),
        indent_unit=need("indent", "unit"),
        block_style=style,
        opener=pattern("blocks", "opener"),
        middles=frozenset(blocks.get("middles", ())),
        closers=tuple(blocks.get("closers", ("}",) if style == "braces" else ())),
        block_kinds=frozenset(need("blocks", "kinds")),
        markup=blocks.get("markup", False),
        repairs=tuple(blocks.get("repairs", ())),
        terminator=statements.get("terminator", ""),
        complete=pattern("statements", "complete"),
        import_line=pattern("statements", "import"),
        unfinished=tuple(
            (_compiled(folder, "statements", "unfinished", source), missing)
            for source, missing in statements.get("unfinished", ())
        ),
    )
