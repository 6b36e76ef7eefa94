"""The statistics as a document that an editor can open: the tables of `copilot-ls stats`, as Markdown.

One file in the state folder, its owner's alone and read-only, made anew each time. Called by
`copilot_ls.lsp.handlers.statistics`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "statistics.md"
_READ_ONLY = 0o400
_NOTHING_YET = "No suggestion has been recorded yet. Statistics appear once ghost text has been shown."
_PAGE = """\
{said}

```text
{tables}
```"""
_BELOW = """\
`copilot-ls stats --explain` says what each figure means and where its traps are, `copilot-ls dashboard` shows them as a
page, and `--by language|backend|day|…` and `--since 7d` look closer.
"""


def write_statistics() -> Path:
    """Write them; raises `OSError` where that cannot be. Reads the whole record: to be called in a thread."""
    from copilot_ls_telemetry.report import make_report
    from copilot_ls_telemetry.store import StoreError

    from copilot_ls.config.paths import state_dir
    from copilot_ls.features.statistics_tables import headline, render, what_stands_out

    folder = state_dir(create=True)
    try:
        report = make_report(folder / "telemetry.db", by="language")
        if report.total.offered or report.fixes:
            said = [headline(report), *(f"* {text}" for text in what_stands_out(report))]
            tables = render(report, with_headline=False)
            text = _PAGE.format(said="\n\n".join(said), tables=tables)
        else:
            text = _NOTHING_YET
    except StoreError as error:
        text = str(error)
    place = folder / _NAME
    new = place.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _READ_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write(f"# Statistics of copilot-ls\n\n{text}\n\n{_BELOW}")
    new.replace(place)
    return place
