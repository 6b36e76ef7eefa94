"""Duplicates: what looking for a suggestion among all installed packages costs. The baseline reads the files and no more."""

from __future__ import annotations

import asyncio
import sysconfig
import time
from pathlib import Path

from copilot_ls.features import duplicates
from copilot_ls.text import DocumentSnapshot, TextSnapshot
from tests.bench.table import Row, median

LINES = "\n".join(f"    value_{number} = compute_what_nobody_has(order_{number}, limit)" for number in range(9))
N_RUNS = 5


def rows() -> list[Row]:
    """Milliseconds for a long suggestion that no package has, the worst case, over this environment's packages."""
    site = Path(sysconfig.get_paths()["purelib"])
    root = site.parents[2].parent
    document = DocumentSnapshot("file:///a.py", str(root / "a.py"), "python", 1, TextSnapshot.of(""))
    patient = duplicates.DuplicateCheck(lambda _: root, deadline_s=60)
    hurried = duplicates.DuplicateCheck(lambda _: root)
    files = list(duplicates._files(site, (".py", ".pyi")))
    ours, theirs, bounded = [], [], []
    for _ in range(N_RUNS):
        started = time.perf_counter()
        for path in files:
            Path(path).read_bytes()
        theirs.append((time.perf_counter() - started) * 1000)
        for check, took in ((patient, ours), (hurried, bounded)):
            started = time.perf_counter()
            asyncio.run(check.find(LINES, document))
            took.append((time.perf_counter() - started) * 1000)
    return [
        Row(f"duplicates: {len(files):,} files of installed packages", median(ours), baseline=median(theirs)),
        Row("duplicates: the same within the deadline", median(bounded), at_most=500),
    ]
