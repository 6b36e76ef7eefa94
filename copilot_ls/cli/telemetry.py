"""Look at, export, delete or turn off the statistics that copilot-ls records on this machine. They never leave it.

status    whether and where they are recorded, how much there is
path      the database's path, for other tools: sqlite3 "$(copilot-ls telemetry path)"
export    every event as one line of JSON
delete    delete everything recorded
off-hint  how to turn recording off
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from copilot_ls.cli.folders import fault_of

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

SUMMARY = "see, export, delete or turn off the statistics recorded on this machine"

_OFF_HINT = """\
Statistics are recorded on this machine only and never sent anywhere. To record none, put this into {config}:

    [telemetry]
    enable = false

or set `telemetry.enable` to false in your editor's settings for copilot-ls. A running server follows after its restart.
What has been recorded stays until you run `copilot-ls telemetry delete`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = ("status", "path", "export", "delete", "off-hint")
    parser.add_argument("action", choices=actions, nargs="?", default="status", help="what to do (default: status)")
    parser.add_argument("--json", action="store_true", help="print the status as one JSON object")
    parser.add_argument("--yes", action="store_true", help="delete without asking")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    from copilot_ls_telemetry.store import StoreError

    path = database_path()
    try:
        if arguments.action == "path":
            print(path)
        elif arguments.action == "off-hint":
            print(_OFF_HINT.format(config=_config_file()))
        elif arguments.action == "export":
            _export(path)
        elif arguments.action == "delete":
            return _delete(path, ask=not arguments.yes)
        else:
            _print_status(path, as_json=arguments.json)
    except (StoreError, OSError) as error:
        print(f"copilot-ls telemetry {arguments.action}: {error}", file=sys.stderr)
        return 1
    return 0


def database_path() -> Path:
    """Where the statistics are, or would be."""
    from copilot_ls.config.paths import state_dir

    return state_dir() / "telemetry.db"


def _config_file() -> Path:
    from copilot_ls.config.paths import config_dir

    return config_dir() / "config.toml"


def _export(path: Path) -> None:
    from copilot_ls_telemetry.store import all_events

    for event in all_events(path):
        print(json.dumps(event, ensure_ascii=False))


def _print_status(path: Path, *, as_json: bool) -> None:
    from copilot_ls_telemetry.store import NothingRecordedError, StoreError, obstacle, set_aside_files, summary

    status: dict[str, Any] = {
        "recording": _is_recording(),
        "path": str(path),
        "exists": path.exists(),
        "bytes": sum(
            part.stat().st_size for ending in ("", "-wal") if (part := path.with_name(path.name + ending)).exists()
        ),
        "set_aside": [str(aside) for aside in set_aside_files(path)],
        "problem": None,
        "n_events": 0,
        "n_sessions": 0,
        "first_at": None,
        "last_at": None,
        "n_days": 0,
        "first_day": None,
    }
    try:
        status |= summary(path)
    except NothingRecordedError:
        pass
    except StoreError as error:
        status["problem"] = str(error)
    status["problem"] = obstacle(path) or fault_of(path.parent) or status["problem"]
    if as_json:
        print(json.dumps(status, indent=2))
        return
    recording = {True: "on", False: "off (telemetry.enable = false)", None: "unknown (settings cannot be read)"}
    print(f"recording   {recording[status['recording']]}")
    print(f"database    {path}{'' if status['exists'] else ' (not there yet: nothing has been recorded)'}")
    if status["exists"]:
        print(f"size        {status['bytes'] / 1024:.0f} KiB")
    if status["n_events"]:
        print(f"events      {status['n_events']} in {status['n_sessions']} sessions")
        print(f"from, to    {_local(status['first_at'])}, {_local(status['last_at'])}")
    if status["n_days"]:
        print(f"totals      of {status['n_days']} days, from {status['first_day']}")
    if status["problem"]:
        print(f"problem     {status['problem']}")
    for aside in status["set_aside"]:
        print(f"set aside   {aside} (was damaged; `copilot-ls telemetry delete` removes it)")


def _is_recording() -> bool | None:
    """Whether the settings on this machine let a server record; None when they cannot be read."""
    try:
        from copilot_ls.config.load import load

        return bool(load(user_file=_config_file(), workspace_roots=[], editor=None).settings.telemetry.enable)
    except Exception:  # noqa: BLE001  # the status is to be had whatever state the settings are in
        return None


def _delete(path: Path, *, ask: bool) -> int:
    from copilot_ls_telemetry.store import delete, set_aside_files

    if not path.exists() and not set_aside_files(path):
        print(f"There is nothing to delete: no {path}.")
        return 0
    if ask:
        if not sys.stdin.isatty():
            print("copilot-ls telemetry delete: nobody is here to be asked; add --yes to delete", file=sys.stderr)
            return 2
        answer = input(f"Delete all statistics in {path}? They cannot be had back. [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.")
            return 1
    if delete(path):
        print(f"Deleted {path}.")
    else:
        print(f"Deleted everything in {path}; the empty file stays, because a running server has it open.")
    return 0


def _local(at: float | None) -> str:
    return "-" if at is None else datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
