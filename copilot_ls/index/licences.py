"""Which licence a text gives: the header of a source file, a licence's own text, or what a package says of itself.

Names are SPDX's where there is one. Pure but for `licence_of_folder`, which reads a few small files. Called by
`copilot_ls.features.duplicates`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SPDX = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+-]+)")
# Those that hold another's name come first.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"affero general public", "AGPL-3.0"),
    (r"lesser general public|library general public|\blgpl", "LGPL"),
    (r"general public license[\s,]{1,9}version 2|\bgpl-?v?2", "GPL-2.0"),
    (r"general public license|\bgpl-?v?3", "GPL-3.0"),
    (r"apache license|apache software license|apache-2\.0|licensed under the apache", "Apache-2.0"),
    (r"mozilla public license|mpl[- ]2\.0", "MPL-2.0"),
    (r"eclipse public license", "EPL-2.0"),
    (r"python software foundation|\bpsf\b", "PSF-2.0"),
    (r"permission to use, copy, modify, and(?:/or)? distribute|\bisc license|^isc$", "ISC"),
    (r"permission is hereby granted, free of charge|\bmit license|^mit$|mit-licensed", "MIT"),
    (r"redistributions? (?:of source code|and use)|redistribution and use|\bbsd\b", "BSD"),
    (r"unlicense|released into the public domain", "Unlicense"),
    (r"all rights reserved|proprietary|confidential", "proprietary"),
)
_PATTERNS = [(re.compile(words, re.IGNORECASE), name) for words, name in _WORDS]
_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING", "COPYING.txt")
_LONGEST = 16_384
# A header stands within this much of a file's beginning.
_HEADER = 3_000


def licence_of_text(text: str) -> str | None:
    """The licence that the beginning of a text names; None when it names none."""
    head = " ".join(text[:_HEADER].split())
    spdx = _SPDX.search(head)
    if spdx is not None:
        return spdx[1]
    return next((name for pattern, name in _PATTERNS if pattern.search(head)), None)


def licence_of_folder(folder: Path) -> str | None:
    """The licence of what lies in a folder, as its own files say; None when they say nothing that is known."""
    for name in _FILES:
        text = _text(folder / name)
        if text and (found := licence_of_text(text)) is not None:
            return found
    declared = _declared(folder)
    return (licence_of_text(declared) or declared) if declared else None


def _declared(folder: Path) -> str | None:
    """What package.json or pyproject.toml says in a word."""
    package = _text(folder / "package.json")
    if package:
        try:
            said = json.loads(package).get("license")
        except (ValueError, AttributeError, RecursionError):
            said = None
        if isinstance(said, str) and said:
            return said[:60]
    found = re.search(
        r"^license[ \t]*=[ \t]*(?:\{[^}]*?text[ \t]*=[ \t]*)?\"([^\"]{2,60})\"",
        _text(folder / "pyproject.toml"),
        re.MULTILINE,
    )
    return found[1] if found is not None else None


def _text(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(_LONGEST)
    except OSError:
        return ""
