"""The incremental tree of one open document.

Edits are remembered at no cost and told to the old tree when a new one is asked for. What cannot be parsed in
reasonable time (too large, one huge line, binary) gets a `SyntaxTree` without a tree. Called by `copilot_ls.features`,
which tells of every edit and asks at every request.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from copilot_ls.syntax.languages import language_for
from copilot_ls.syntax.near import parse_near
from copilot_ls.syntax.tree import SyntaxTree
from copilot_ls.text import Span

if TYPE_CHECKING:
    from copilot_ls_grammars import LanguageSpec
    from tree_sitter import Tree

    from copilot_ls.syntax.runtime import GrammarRuntime
    from copilot_ls.text import AppliedEdit, Point, TextSnapshot

_log = logging.getLogger("copilot_ls.syntax")

MAX_BYTES = 4 << 20
"""Larger documents are treated as lines alone: parsing would take near half a second and 100 MB."""

MAX_LINE_CHARS = 65_536
"""A longer line is generated or no code; error recovery within one line is quadratic in places."""

# Telling a tree of an edit costs about as much as re-parsing 100 bytes; after so many, starting anew is cheaper.
_MAX_PENDING_EDITS = 2_000

# Parsing a large text again costs 1 to 3 ms at 10,000 lines and 5 to 20 at 50,000, and where an edit unsettles all that
# follows it ten times that. So most keystrokes parse the neighbourhood of the cursor alone (see `near`), and the whole
# is parsed at every so many requests, within three times the time that is usual, and now and then with all it needs.
_FULL_TIMEOUT_MS = 1_000
_KEYSTROKE_TIMEOUT_MS = 5
_KEYSTROKE_BYTES_PER_MS = 60_000
_SMALL_BYTES = 100_000
_WHOLE_EVERY = 8
_TAKE_TIME_EVERY = 8

# The first parses after one from scratch reuse little: 20, 6 and 3 ms at 10,000 lines, where the later ones take 0.5.
_N_COLD = 3

_N_KEPT_TREES = 2


class SyntaxDocument:
    """Follows one document. Making one loads nothing; the grammar is loaded by the first `tree_at`."""

    def __init__(self, language_id: str, path: str) -> None:
        self._language_id = language_id
        self._path = path
        self._spec: LanguageSpec | None = None
        self._resolved = False
        self._recent: list[SyntaxTree] = []
        self.reset()

    def edit(self, edit: AppliedEdit) -> None:
        """Remember an edit that the document's buffer has made. O(1)."""
        if self._tree is None:
            return
        if len(self._pending) >= _MAX_PENDING_EDITS or len(edit.text) > MAX_LINE_CHARS or "\r" in edit.text:
            # A CR by itself is a line end for us and none for tree-sitter, whose rows would then be wrong.
            if "\r" not in edit.text.replace("\r\n", "") and len(edit.text) <= MAX_LINE_CHARS // 2:
                self._remember(edit)
                return
            self._forget_tree()
            return
        self._pending.append(edit)

    def reset(self) -> None:
        """The whole text was replaced."""
        self._tree: Tree | None = None
        self._encoded = b""
        self._rows_agree = True
        self._pending: list[AppliedEdit] = []
        self._n_cold = 0
        # A stale tree was told of all edits, but is not what parsing the text would give.
        self._is_stale = False
        self._n_requests = 0
        self._n_failures = 0
        self._edited_at = 0
        self._refused_bytes = 0

    def fork(self) -> SyntaxDocument:
        """A copy that goes its own way, for a text that is only supposed: edits of one are none of the other."""
        copy = SyntaxDocument(self._language_id, self._path)
        copy._spec, copy._resolved = self._spec, self._resolved
        copy._tree, copy._encoded, copy._pending = self._tree, self._encoded, list(self._pending)
        copy._rows_agree, copy._refused_bytes = self._rows_agree, self._refused_bytes
        copy._is_stale, copy._edited_at = self._is_stale, self._edited_at
        copy._n_requests, copy._n_failures = 1, self._n_failures
        return copy

    def tree_at(self, snapshot: TextSnapshot, cursor: Point | None = None) -> SyntaxTree:
        """The syntax of a snapshot; never raises.

        The snapshot should be the text after all edits so far: then parsing costs what the last edits touched. An older
        one, unless asked for lately, is parsed from scratch. With `cursor`, the tree of a large text may hold no more
        than the definitions around that place.
        """
        for recent in self._recent:
            if recent.snapshot is snapshot and recent.covers(cursor):
                return recent
        try:
            tree = self._parse(snapshot, cursor)
        except Exception:  # noqa: BLE001 - parsing never fails towards the editor
            _log.exception("parsing failed; this version is treated as plain lines")
            self._forget_tree()
            tree = SyntaxTree(self._spec, snapshot)
        self._recent = [tree, *self._recent[: _N_KEPT_TREES - 1]]
        return tree

    def _parse(self, snapshot: TextSnapshot, cursor: Point | None) -> SyntaxTree:
        spec = self._language(snapshot)
        n_bytes = snapshot.n_bytes
        if spec is None or n_bytes > MAX_BYTES or n_bytes * 2 > self._refused_bytes > 0:
            self._forget_tree()
            return SyntaxTree(spec, snapshot)
        from copilot_ls.syntax.runtime import runtime_for

        runtime = runtime_for(spec)
        if runtime is None:
            return SyntaxTree(spec, snapshot)
        encoded = snapshot.encoded
        if self._tree is not None and self._belongs(snapshot, encoded):
            byte = None if cursor is None else snapshot.byte_offset(snapshot.clip(cursor))
            tree = self._advance(runtime, encoded, self._tree, byte)
            return SyntaxTree(spec, snapshot, runtime, tree, rows_agree=self._rows_agree, is_whole=tree is self._tree)
        return self._start(spec, runtime, snapshot, encoded)

    def _belongs(self, snapshot: TextSnapshot, encoded: bytes) -> bool:
        """Whether the remembered edits lead from the tree's text to this one, as far as can be seen cheaply."""
        if not self._pending:
            return encoded == self._encoded
        grown = sum(edit.new_end_byte - edit.old_end_byte for edit in self._pending)
        last = self._pending[-1]
        return (
            len(self._encoded) + grown == len(encoded) and snapshot.slice(Span(last.start, last.new_end)) == last.text
        )

    def _advance(self, runtime: GrammarRuntime, encoded: bytes, old: Tree, byte: int | None) -> Tree | None:
        """The tree after the remembered edits: whole, or of a byte's neighbourhood; None when neither is to be had."""
        if not self._pending and not self._is_stale:
            return old
        if not self._rows_agree:
            tree = runtime.parse(encoded, timeout_ms=_FULL_TIMEOUT_MS)
            if tree is None:
                self._refuse(len(encoded), "parsing it takes too long")
                return None
            self._tree, self._encoded, self._pending = tree, encoded, []
            return tree
        old = self._told_of_edits(old)
        self._tree, self._encoded, self._pending, self._is_stale = old, encoded, [], True
        is_whole_due = self._n_requests % _WHOLE_EVERY == 0
        self._n_requests += 1
        if byte is not None and not is_whole_due and not self._n_cold and len(encoded) > _SMALL_BYTES:
            near = parse_near(runtime, encoded, old, byte)
            if near is not None:
                return near
        if is_whole_due or not self._n_failures:
            tree = runtime.parse(encoded, old, timeout_ms=self._time_for(len(encoded)))
            if tree is not None:
                self._tree, self._is_stale, self._n_failures = tree, False, 0
                self._n_cold -= self._n_cold > 0
                return tree
            self._n_failures += 1
        return parse_near(runtime, encoded, old, self._edited_at if byte is None else byte)

    def _told_of_edits(self, tree: Tree) -> Tree:
        tree = tree.copy()
        for edit in self._pending:
            tree.edit(
                edit.start_byte,
                edit.old_end_byte,
                edit.new_end_byte,
                (edit.start.line, edit.start_byte_column),
                (edit.old_end.line, edit.old_end_byte_column),
                (edit.new_end.line, edit.new_end_byte_column),
            )
            self._edited_at = edit.new_end_byte
        return tree

    def _time_for(self, n_bytes: int) -> int:
        """Milliseconds that parsing the whole may take."""
        takes_its_time = self._n_failures > 0 and self._n_failures % _TAKE_TIME_EVERY == 0
        if n_bytes <= _SMALL_BYTES or self._n_cold or takes_its_time:
            return _FULL_TIMEOUT_MS
        return max(_KEYSTROKE_TIMEOUT_MS, n_bytes // _KEYSTROKE_BYTES_PER_MS)

    def _start(self, spec: LanguageSpec, runtime: GrammarRuntime, snapshot: TextSnapshot, encoded: bytes) -> SyntaxTree:
        """Parse from scratch. It becomes the tree to go on from unless there is a better one."""
        if b"\0" in encoded:
            self._refuse(len(encoded), "it is binary")
            return SyntaxTree(spec, snapshot)
        if len(encoded) > MAX_LINE_CHARS and max(map(len, snapshot.lines(0, snapshot.n_lines))) > MAX_LINE_CHARS:
            self._refuse(len(encoded), f"a line is longer than {MAX_LINE_CHARS} characters")
            return SyntaxTree(spec, snapshot)
        tree = runtime.parse(encoded, timeout_ms=_FULL_TIMEOUT_MS)
        if tree is None:
            self._refuse(len(encoded), "parsing it takes too long")
            return SyntaxTree(spec, snapshot)
        rows_agree = b"\r" not in encoded or encoded.count(b"\r") == encoded.count(b"\r\n")
        if self._tree is None:
            self._tree, self._encoded, self._pending, self._rows_agree = tree, encoded, [], rows_agree
            self._n_cold, self._is_stale, self._n_failures = _N_COLD, False, 0
        return SyntaxTree(spec, snapshot, runtime, tree, rows_agree=rows_agree)

    def _language(self, snapshot: TextSnapshot) -> LanguageSpec | None:
        if not self._resolved:
            self._resolved = True
            self._spec = language_for(self._language_id, self._path, snapshot.line(0)[:200])
        return self._spec

    def _remember(self, edit: AppliedEdit) -> None:
        if len(self._pending) >= _MAX_PENDING_EDITS:
            self._forget_tree()
        else:
            self._pending.append(edit)

    def _forget_tree(self) -> None:
        self._tree = None
        self._is_stale = False
        self._n_failures = 0
        self._encoded = b""
        self._pending = []
        self._rows_agree = True

    def _refuse(self, n_bytes: int, reason: str) -> None:
        """Do not try again until the text has shrunk to half, or was replaced."""
        self._forget_tree()
        self._refused_bytes = n_bytes
        _log.info("a document of %d bytes is treated as plain lines: %s", n_bytes, reason)
