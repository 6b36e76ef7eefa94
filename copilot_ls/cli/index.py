"""Bring the index of a workspace folder up to date, and say what it holds.

An editor's server does the same by itself, in a process of low priority; this command shows how it goes and what is
left out. Files that have not changed are not read again. The index lies in the cache folder and can be deleted at any
time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

SUMMARY = "index a workspace folder, and show what the index holds"

_MEGABYTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the folder and the form of the answer."""
    parser.add_argument(
        "folder", nargs="?", default=".", metavar="DIR", help="the workspace folder (default: this one)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--why", metavar="FILE", help="say whether a file of the folder counts, and if not, why")


def run(arguments: argparse.Namespace) -> int:
    """Index, or explain one file; returns the exit status."""
    root = Path(arguments.folder).resolve()
    if not root.is_dir():
        print(f"copilot-ls index: {arguments.folder!r} is not a folder; name the top of a project", file=sys.stderr)
        return 2
    if arguments.why is not None:
        return _explain(root, arguments.why, as_json=arguments.json)
    from copilot_ls.config.paths import cache_dir
    from copilot_ls.errors import IndexUnavailableError
    from copilot_ls.index.location import database_for
    from copilot_ls.index.walk import WalkLimits
    from copilot_ls.index.worker import build

    settings = _settings(root)
    limits = WalkLimits(max_files=settings.max_files, max_file_bytes=settings.max_file_bytes)
    database = database_for(root, cache_dir(create=True))
    last: dict[str, Any] = {}

    def tell(event: dict[str, Any]) -> None:
        last.update(event)
        if sys.stderr.isatty():
            _show_progress(event)

    try:
        build(root, database, tell=tell, limits=limits, exclude=settings.exclude)
    except IndexUnavailableError as error:
        print(f"copilot-ls index: {error}", file=sys.stderr)
        return 1
    del last["event"]
    if arguments.json:
        print(json.dumps({"root": str(root), "database": str(database), **last}, indent=2))
    else:
        print(render(root, database, last))
    return 0


def _settings(root: Path) -> Any:  # noqa: ANN401 -- the settings models are pydantic's, loaded late
    from copilot_ls.config.load import load
    from copilot_ls.config.paths import config_dir

    loaded = load(user_file=config_dir() / "config.toml", workspace_roots=[root], editor=None)
    for problem in loaded.problems:
        print(f"copilot-ls: {problem}", file=sys.stderr)
    return loaded.settings.index


def _show_progress(event: dict[str, Any]) -> None:
    if event["event"] == "waiting":
        sys.stderr.write("another process is indexing this folder; waiting …\n")
    elif event["event"] == "progress":
        sys.stderr.write(f"\r{event['files']:,} files, {event['bytes'] / _MEGABYTE:,.1f} MB …")
    else:
        sys.stderr.write("\r\x1b[K")
    sys.stderr.flush()


def render(root: Path, database: Path, report: dict[str, Any]) -> str:
    """What a pass did, in words."""
    speed = report["changed_bytes"] / _MEGABYTE / report["seconds"] if report["seconds"] else 0.0
    rows = [
        ("folder", str(root)),
        ("files", f"{report['files']:,} ({report['bytes'] / _MEGABYTE:,.1f} MB)"),
        ("brought in", f"{report['changed']:,} new or changed, {report['removed']:,} gone"),
        ("time", f"{report['seconds']:.2f} s" + (f" ({speed:.1f} MB/s)" if report["changed"] else "")),
        ("index", f"{database} ({report['size'] / _MEGABYTE:,.1f} MB)"),
    ]
    if report["left_out"]:
        reasons = sorted(report["left_out"].items(), key=lambda pair: (-pair[1], pair[0]))
        rows.append(("left out", ", ".join(f"{count:,} {reason}" for reason, count in reasons)))
    if report["bound_reached"]:
        bound = report["bound_reached"]
        rows.append(("incomplete", f"the bound {bound} was reached; raise index.{bound} or exclude folders"))
    return "\n".join(f"{name:<11} {value}" for name, value in rows)


def _explain(root: Path, name: str, *, as_json: bool) -> int:
    from copilot_ls.index.filetypes import file_type
    from copilot_ls.index.ignore import IgnoreRules

    spelled = Path(name)
    full = spelled if spelled.is_absolute() else root / spelled
    path = full.relative_to(root).as_posix() if full.is_relative_to(root) else None
    if path is None or ".." in path.split("/"):
        reason: str | None = "outside of the folder"
    else:
        reason = IgnoreRules(root, _settings(root).exclude).reason(path, is_folder=full.is_dir())
        if reason is None and not full.is_dir() and file_type(path) is None:
            reason = "other type"
    if as_json:
        print(json.dumps({"path": path or name, "counts": reason is None, "reason": reason}))
    else:
        print(f"{path or name}: " + ("counts" if reason is None else f"left out ({reason})"))
    return 0
