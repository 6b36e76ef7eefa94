"""Bring the index of a workspace folder up to date, and say what it holds.

An editor's server does the same by itself, in a process of low priority; this command shows how it goes and what is
left out and why. Files that have not changed are not read again; of installed packages that the folder imports the
signatures are looked at. The index lies in the cache folder and can be deleted at any time.
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
_BAR_WIDTH = 30


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
    from copilot_ls.cli.indexed import bring_up_to_date, settings_of
    from copilot_ls.errors import IndexUnavailableError

    told: dict[str, dict[str, Any]] = {}
    progress = _Progress() if sys.stderr.isatty() else None

    def tell(event: dict[str, Any]) -> None:
        told[event["event"]] = {key: value for key, value in event.items() if key != "event"}
        if progress is not None:
            progress.show(event)

    try:
        database = bring_up_to_date(root, settings_of(root), tell)
    except (IndexUnavailableError, OSError) as error:
        print(f"copilot-ls index: {error}", file=sys.stderr)
        return 1
    report = told["done"] | ({"packages": told["packages"]} if "packages" in told else {})
    if arguments.json:
        print(json.dumps({"root": str(root), "database": str(database), **report}, indent=2))
    else:
        print(render(root, database, report))
    return 0


class _Progress:
    """One line on a terminal: a bar where the whole is known, a count before that."""

    def show(self, event: dict[str, Any]) -> None:
        kind, of_files = event["event"], event.get("of_files")
        if kind == "waiting":
            sys.stderr.write("another process is indexing this folder; waiting …\n")
        elif kind == "progress" and of_files:
            done = min(_BAR_WIDTH, _BAR_WIDTH * event["files"] // of_files)
            bar = "█" * done + "░" * (_BAR_WIDTH - done)
            sys.stderr.write(f"\r\x1b[K{bar} {event['files']:,} of {of_files:,} files")
        elif kind == "progress":
            sys.stderr.write(f"\r\x1b[K{event['files']:,} files, {event['bytes'] / _MEGABYTE:,.1f} MB …")
        else:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def render(root: Path, database: Path, report: dict[str, Any]) -> str:
    """What a pass did, in words."""
    from copilot_ls.index.bounds import said_of_bound

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
    packages = report.get("packages", {})
    if packages.get("fault"):
        rows.append(("packages", f"not looked at: {packages['fault']}"))
    elif packages.get("n_packages"):
        new = f"{packages['n_new']:,} new, with {packages['n_declarations']:,} signatures"
        rows.append(("packages", f"{packages['n_packages']:,} are imported ({new})"))
    if report["bound_reached"]:
        rows.append(
            (
                "incomplete",
                said_of_bound(
                    report["bound_reached"], report["beyond"], report["unfinished"], is_counted=report["counted"]
                ),
            )
        )
    return "\n".join(f"{name:<11} {value}" for name, value in rows)


def _explain(root: Path, name: str, *, as_json: bool) -> int:
    from copilot_ls.cli.indexed import settings_of
    from copilot_ls.index.filetypes import file_type
    from copilot_ls.index.ignore import IgnoreRules

    spelled = Path(name)
    full = spelled if spelled.is_absolute() else root / spelled
    path = full.relative_to(root).as_posix() if full.is_relative_to(root) else None
    if path is None or ".." in path.split("/"):
        reason: str | None = "outside of the folder"
    else:
        reason = IgnoreRules(root, settings_of(root).exclude).reason(path, is_folder=full.is_dir())
        if reason is None and not full.is_dir() and file_type(path) is None:
            reason = "other type"
    if as_json:
        print(json.dumps({"path": path or name, "counts": reason is None, "reason": reason}))
    else:
        print(f"{path or name}: " + ("counts" if reason is None else f"left out ({reason})"))
    return 0
