"""Grammars, parsers and compiled queries: the only importer of tree_sitter and of the grammars' modules.

Everything is loaded on first use and kept for ever: freeing a `Query` has corrupted memory in versions of tree-sitter,
and there are few. A grammar that cannot be loaded is one warning, after which its language is edited as lines alone.
Called by the other modules of `copilot_ls.syntax`.
"""

from __future__ import annotations

import logging
import re
import warnings
from functools import cached_property
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING

from copilot_ls_grammars import query_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls_grammars import LanguageSpec
    from tree_sitter import Language, Node, Parser, Query, Range, Tree

_log = logging.getLogger("copilot_ls.syntax")

_NO_CAPTURE = re.compile(r'"(?:\\.|[^"\\])*"|;[^\n]*|\(#[^()]*\)')
_CAPTURE = re.compile(r"@([\w.]+)")

_runtimes: dict[str, GrammarRuntime | None] = {}


class GrammarRuntime:
    """One language's grammar at work: parse bytes, run a query over a stretch of a tree."""

    def __init__(self, spec: LanguageSpec, language: Language) -> None:
        self.spec = spec
        self.language = language
        self._parser = _parser(language)
        self._timeout_ms = 0
        # Fixers work in threads. A parse holds the interpreter's lock anyway: nobody waits any longer for this one.
        self._lock = Lock()
        self._queries: dict[str, Query | None] = {}

    @cached_property
    def keywords(self) -> frozenset[str]:
        """The words that the grammar knows by themselves."""
        kinds = (self.language.node_kind_for_id(each) for each in range(self.language.node_kind_count))
        named = (self.language.node_kind_is_named(each) for each in range(self.language.node_kind_count))
        return frozenset(
            kind for kind, is_named in zip(kinds, named, strict=True) if kind and not is_named and kind.isalpha()
        )

    def parse(
        self,
        source: bytes,
        old_tree: Tree | None = None,
        *,
        timeout_ms: int = 1000,
        only: tuple[int, int] | None = None,
    ) -> Tree | None:
        """Parse, reusing `old_tree` if it was told of the edits since; None when that took longer than `timeout_ms`.

        With `only`, nothing outside these bytes is looked at; places are those of the whole source all the same.
        """
        with self._lock:
            if only is None:
                return self._parse(source, old_tree, timeout_ms)
            self._parser.included_ranges = [_range(source, *only)]
            try:
                return self._parse(source, old_tree, timeout_ms)
            finally:
                self._parser.included_ranges = []

    def _parse(self, source: bytes, old_tree: Tree | None, timeout_ms: int) -> Tree | None:
        if timeout_ms != self._timeout_ms:
            self._timeout_ms = timeout_ms
            with warnings.catch_warnings():
                # The replacement that the warning names works with read callbacks only, and these leak.
                warnings.simplefilter("ignore", DeprecationWarning)
                self._parser.timeout_micros = timeout_ms * 1000  # type: ignore[misc]  # the stub omits the setter
        try:
            return self._parser.parse(source, old_tree) if old_tree is not None else self._parser.parse(source)
        except ValueError:
            self._parser.reset()  # else the next call would resume this one
            return None

    def query(self, purpose: str) -> Query | None:
        """The compiled query, None when the language has none or it is wrong (one warning).

        `purpose` may name several, separated by `+`: they are one query then, and take one walk of the tree.
        """
        if purpose not in self._queries:
            self._queries[purpose] = self._compile(purpose)
        return self._queries[purpose]

    def matches(
        self, purpose: str, node: Node, start_byte: int = 0, end_byte: int = 0xFFFFFFFF
    ) -> Sequence[tuple[int, dict[str, list[Node]]]]:
        """Matches of a query that touch the bytes from `start_byte` to `end_byte`: pattern number and captures."""
        query = self.query(purpose)
        if query is None:
            return ()
        from tree_sitter import QueryCursor

        cursor = QueryCursor(query)
        cursor.set_byte_range(start_byte, end_byte)
        return cursor.matches(node)

    def captures(self, purpose: str, node: Node, start_byte: int, end_byte: int) -> dict[str, list[Node]]:
        """Captures of a query that touch some bytes, by name and in no order."""
        query = self.query(purpose)
        if query is None:
            return {}
        from tree_sitter import QueryCursor

        cursor = QueryCursor(query)
        cursor.set_byte_range(start_byte, end_byte)
        return cursor.captures(node)

    def capture_names(self, purpose: str) -> list[frozenset[str]]:
        """The names of the captures of each pattern of a query."""
        query = self.query(purpose)
        if query is None:
            return []
        source = self._source(purpose).encode()
        found = []
        for pattern in range(query.pattern_count):  # type: ignore[call-overload]  # a number, whatever the stub says
            start, end = query.start_byte_for_pattern(pattern), query.end_byte_for_pattern(pattern)
            found.append(frozenset(_CAPTURE.findall(_NO_CAPTURE.sub("", source[start:end].decode()))))
        return found

    def setting(self, purpose: str, pattern: int, key: str) -> str | None:
        """The value that a pattern gives to `key` by `#set!`."""
        query = self.query(purpose)
        return None if query is None else query.pattern_settings(pattern).get(key)

    def _source(self, purpose: str) -> str:
        return "\n".join(query_source(self.spec.name, each) for each in purpose.split("+"))

    def _compile(self, purpose: str) -> Query | None:
        from tree_sitter import Query, QueryError

        source = self._source(purpose)
        if not source.strip():
            return None
        try:
            return Query(self.language, source)
        except QueryError as error:
            _log.warning("%s of %s cannot be compiled and is left out: %s", purpose, self.spec.title, error)
            return None


def _range(source: bytes, start: int, end: int) -> Range:
    from tree_sitter import Range

    def point(byte: int) -> tuple[int, int]:
        return source.count(b"\n", 0, byte), byte - (source.rfind(b"\n", 0, byte) + 1)

    return Range(point(start), point(end), start, end)


def _parser(language: Language) -> Parser:
    from tree_sitter import Parser

    return Parser(language)


def load_language(spec: LanguageSpec) -> Language:
    """The grammar of a language; raises ImportError, AttributeError or ValueError (an ABI this version cannot read)."""
    from tree_sitter import Language

    return Language(getattr(import_module(spec.module), spec.attribute)())


def runtime_for(spec: LanguageSpec) -> GrammarRuntime | None:
    """The grammar of a language at work, None when it cannot be loaded; the reason is logged once."""
    if spec.name not in _runtimes:
        try:
            _runtimes[spec.name] = GrammarRuntime(spec, load_language(spec))
        except Exception as error:  # noqa: BLE001 - a compiled module may raise anything; the editor must not notice
            _runtimes[spec.name] = None
            _log.warning(
                "the grammar of %s (%s) cannot be loaded, its files are treated as plain lines: %s; reinstall %s",
                spec.title,
                spec.module,
                error,
                spec.module.replace("_", "-"),
            )
    return _runtimes[spec.name]
