"""The Go compiler and `go vet`: in the workspace itself, with the draft laid over the file (`-overlay`).

The compiler says everything that is wrong with the types of a package (`go build -gcflags=-e`); vet stops at the first
such error, and is what checks test files. Columns count bytes from one; there are no ends.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from copilot_ls.checking.listing import entries
from copilot_ls.checking.reading import BYTES, UnreadableOutputError, span_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site


def _build(site: Site) -> Sequence[str]:
    return site.executable, "build", "-gcflags=-e", "-o", os.devnull, *_place(site)


def _vet(site: Site) -> Sequence[str]:
    return site.executable, "vet", *_place(site)


def _place(site: Site) -> Sequence[str]:
    overlay = site.scratch / "overlay.json"
    overlay.write_text(json.dumps({"Replace": {str(site.draft.path): str(site.path)}}), "utf-8")
    return "-overlay", str(overlay), "./" + os.path.relpath(site.draft.path.parent, site.folder)


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    said = ran.stderr.decode("utf-8", "replace")
    # vet says who speaks before a type error.
    listing = "\n".join(line.removeprefix("vet: ") for line in said.splitlines() if not line.startswith("# "))
    found = []
    # What is laid over a file goes by its own name.
    for each in entries(listing, (site.draft.path, site.path), site.folder):
        span = span_of(site.text, (each.line, each.column or 0), unit=BYTES)
        found.append(Diagnostic(span, each.message, "compiler", "", each.severity))
    if ran.status and not found and ".go:" not in listing:
        raise UnreadableOutputError("could not check the package")
    return found


BUILD = Tool(
    name="go",
    executables=("go",),
    languages=frozenset({"go"}),
    configured_by=("go.mod", "go.work"),
    delivery="beside",
    command=_build,
    read=_read,
)
VET = Tool(
    name="go vet",
    executables=("go",),
    languages=frozenset({"go"}),
    configured_by=("go.mod", "go.work"),
    delivery="beside",
    command=_vet,
    read=_read,
)
