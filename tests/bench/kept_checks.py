"""What checkers said of texts, kept between runs of `bench_fix`: the same text in the same package is checked once.

Only where the subject names its checkers' versions, which are part of the key. Beside the unpacked packages, one file per
package; a damaged one is begun anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import zlib
from typing import TYPE_CHECKING

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.text import Point, Span
from tests.bench.packages import CACHE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.bench.mutations import Subject


class KeptChecks:
    """A subject's checkers over one package, asked only what is not known."""

    def __init__(self, subject: Subject, package: str) -> None:
        self._subject = subject
        self._package = package
        name = re.sub(r"[^\w.=@+-]+", "_", package)
        self._file = CACHE.parent / "fix-checks" / f"{subject.name}-{name}.json.z"
        self._known: dict[str, list[list[object]]] = {}
        if subject.checkers:
            with contextlib.suppress(OSError, ValueError, zlib.error):
                self._known = json.loads(zlib.decompress(self._file.read_bytes()))

    def __call__(self, root: Path, texts: Mapping[str, str]) -> dict[str, list[Diagnostic]]:
        keys = {key: self._key(key, text) for key, text in texts.items()}
        new = {key: text for key, text in texts.items() if keys[key] not in self._known}
        if new:
            for key, found in self._subject.check(root, new).items():
                self._known[keys[key]] = [
                    [each.span, each.message, each.source, each.code, each.severity] for each in found
                ]
            if self._subject.checkers:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                self._file.write_bytes(zlib.compress(json.dumps(self._known).encode()))
        return {key: [_diagnostic(each) for each in self._known[keys[key]]] for key in texts}

    def _key(self, key: str, text: str) -> str:
        whole = "\0".join((self._subject.checkers, self._package, key.partition("#")[0], text))
        return hashlib.blake2b(whole.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _diagnostic(row) -> Diagnostic:
    (start, end), message, source, code, severity = row
    return Diagnostic(Span(Point(*start), Point(*end)), message, source, code, severity)
