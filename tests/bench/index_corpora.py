"""The workspaces that `bench_index` measures on: real packages by the line, and many small files. Made once."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from copilot_ls.index.ignore import IgnoreRules
from copilot_ls.index.walk import WalkReport, read_source, source_text, walk
from tests.bench.packages import CACHE, unpacked
from tests.bench.sources import python_source

if TYPE_CHECKING:
    from pathlib import Path

# 57,000 lines and 2.2 MB; 620,000 lines and 21.4 MB, as the index counts them.
SMALL = ("pypi:scrapy==2.11.2", "npm:rxjs@7.8.1", "pypi:httpx==0.27.2")
LARGE = ("pypi:django==5.1.1", "pypi:networkx==3.3", "pypi:sqlalchemy==2.0.35", "npm:rxjs@7.8.1")
N_SMALL_FILES = 10_000


def workspace(name: str, packages: tuple[str, ...]) -> Path:
    """A folder with these packages' files (as links to the same content)."""
    root = CACHE.parent / "workspaces" / name
    if not root.is_dir():
        making = root.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        for package in packages:
            source = unpacked(package)
            shutil.copytree(source, making / source.name, copy_function=os.link)
        making.rename(root)
    return root


def many_files() -> Path:
    """`N_SMALL_FILES` files of thirty lines each, made up."""
    root = CACHE.parent / "workspaces" / f"{N_SMALL_FILES}_files"
    if not root.is_dir():
        making = root.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        for number in range(N_SMALL_FILES):
            folder = making / f"package_{number // 50:03}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"module_{number:05}.py").write_text(python_source(30, seed=number), "utf-8")
        making.rename(root)
    return root


def texts(root: Path) -> dict[str, str]:
    """The files that count, as the index reads them."""
    found = {}
    for stat in walk(root, IgnoreRules(root, ()), WalkReport()):
        text, skipped = source_text(read_source(root, stat.path) or b"")
        if skipped is None:
            found[stat.path] = text
    return found
