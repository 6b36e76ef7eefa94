"""Go: an import that nothing uses goes, and a package that is used without one is imported.

Packages of the standard library by their names, others as the other files of the workspace import them.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import next_line, without_lines
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_UNUSED = re.compile(r'"([^"]+)" imported(?: as \w+)? and not used')
_MOST = 4
# Packages of the standard library by the name that they are used by, the likelier first where several share it.
_PACKAGES_TEXT = (
    "bufio bytes cmp context embed errors expvar flag fmt hash html io iter log maps math os path plugin reflect "
    "regexp runtime slices sort strconv strings structs sync syscall testing time unicode unique unsafe archive/tar "
    "archive/zip compress/bzip2 compress/flate compress/gzip compress/zlib container/heap container/list "
    "container/ring crypto crypto/aes crypto/cipher crypto/ecdsa crypto/ed25519 crypto/elliptic crypto/hmac "
    "crypto/md5 crypto/rand crypto/rsa crypto/sha1 crypto/sha256 crypto/sha512 crypto/subtle crypto/tls crypto/x509 "
    "database/sql database/sql/driver debug/elf encoding/base32 encoding/base64 encoding/binary encoding/csv "
    "encoding/gob encoding/hex encoding/json encoding/pem encoding/xml go/ast go/build go/format go/parser go/token "
    "go/types hash/adler32 hash/crc32 hash/crc64 hash/fnv hash/maphash html/template text/template image "
    "image/color image/draw image/gif image/jpeg image/png index/suffixarray io/fs io/ioutil log/slog log/syslog "
    "math/big math/bits math/cmplx math/rand mime mime/multipart net net/http net/http/httptest net/http/httputil "
    "net/mail net/netip net/rpc net/smtp net/textproto net/url os/exec os/signal os/user path/filepath "
    "regexp/syntax runtime/debug runtime/pprof runtime/trace sync/atomic testing/fstest testing/iotest "
    "testing/quick text/scanner text/tabwriter time/tzdata unicode/utf16 unicode/utf8"
)
_PACKAGES = tuple(_PACKAGES_TEXT.split())
_RAND_OF_CRYPTO = frozenset({"Reader", "Prime"})


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    unused = _UNUSED.search(diagnostic.message)
    if unused is not None:
        spec = next((each for each in _specs(problem) if _path(each) == unused[1]), None)
        if spec is not None:
            why = "Nothing in this file uses it."
            yield _proposal(f'Remove the unused import of "{unused[1]}"', _without(problem, spec), 0.95, why)
        return
    reported = reported_name(problem)
    if reported is None or not _is_package(problem, reported[1]):
        return
    taken = {_path(each) for each in _specs(problem)}
    member = _member(problem, reported[1])
    seen: set[str] = set()
    for certainty, path, alias, why in sorted(_candidates(problem, reported[0], member), key=lambda each: -each[0]):
        if path not in taken and path not in seen and len(seen) < _MOST:
            seen.add(path)
            yield _proposal(f'Import "{path}"', _with(problem, path, alias), certainty, why)


def _candidates(problem: Problem, name: str, member: str) -> Iterator[tuple[float, str, str, str]]:
    for rank, path in enumerate(each for each in _PACKAGES if posixpath.basename(each) == name):
        certainty = 0.94 - 0.08 * rank + 0.1 * (path == "crypto/rand" and member in _RAND_OF_CRYPTO)
        yield certainty, path, "", f"'{path}' of the standard library has this name."
    if problem.index is None:
        return
    ways: Counter[tuple[str, str]] = Counter()
    for _, module, _ in problem.index.imports_of_families(["go"]):
        if posixpath.basename(re.sub(r"/v\d+$", "", module)) == name:
            ways[module, ""] += 1
    for hit in problem.index.imports_of_name(name):
        if hit.path.endswith(".go") and hit.alias == name:
            ways[hit.module, name] += 1
    for (path, alias), n_files in ways.items():
        yield 0.9 + min(n_files, 5) * 0.01, path, alias, "Other files of the workspace import it."


def _is_package(problem: Problem, span: Span) -> bool:
    line = problem.document.text.line_text(span.end.line)
    return line[span.end.column :].startswith(".") and not line[: span.start.column].endswith(".")


def _member(problem: Problem, span: Span) -> str:
    match = re.match(r"\.(\w+)", problem.document.text.line_text(span.end.line)[span.end.column :])
    return match[1] if match else ""


def _specs(problem: Problem) -> list[CodeNode]:
    root = problem.tree.root
    return list(root.of_kind("import_spec")) if root is not None else []


def _path(spec: CodeNode) -> str:
    path = spec.field("path")
    return path.text.strip('"`') if path is not None else ""


def _without(problem: Problem, spec: CodeNode) -> Replacement:
    declaration = spec.within("import_declaration")
    text = problem.document.text
    if declaration is not None and sum(each.kind == "import_spec" for each in declaration.walk()) == 1:
        edit = without_lines(text, declaration)
        # The blank line behind it goes along.
        end = edit.span.end
        if end.column == 0 and not text.line_text(end.line).strip() and end.line + 1 < text.n_lines:
            return Replacement(Span(edit.span.start, Point(end.line + 1, 0)), "")
        return edit
    return without_lines(text, spec)


def _with(problem: Problem, path: str, alias: str) -> Replacement:
    """The edit that imports a package: into the first list, at its place in the alphabet among packages of its sort."""
    written = f'{alias} "{path}"' if alias and alias != posixpath.basename(path) else f'"{path}"'
    specs, text = _specs(problem), problem.document.text
    listed = [each for each in specs if each.parent is not None and each.parent.kind == "import_spec_list"]
    if listed:
        sort = "." in path.partition("/")[0]
        same = [each for each in listed if ("." in _path(each).partition("/")[0]) == sort] or listed
        at = next((each for each in same if _path(each) > path), None)
        if at is not None:
            return Replacement(Span(Point(at.line, 0), Point(at.line, 0)), f"\t{written}\n")
        end = next_line(text, same[-1].end)
        return Replacement(Span(end, end), f"\t{written}\n")
    root = problem.tree.root
    head = root.named_children if root is not None else []
    last = next((each for each in reversed(head) if each.kind in ("import_declaration", "package_clause")), None)
    end = next_line(text, last.end) if last is not None else Point(0, 0)
    gap = "\n" if last is not None and last.kind == "package_clause" else ""
    return Replacement(Span(end, end), f"{gap}import {written}\n")


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("go_imports", title, (edit,), certainty, why)


RULE = Rule(
    "go_imports",
    propose,
    languages=frozenset({"go"}),
    codes=codes("UnusedImport", "UndeclaredName", "UndeclaredImportedName", "undeclared"),
    message=words(r"imported(?: as \w+)? and not used", r"undefined: \w", r"undeclared name"),
)
