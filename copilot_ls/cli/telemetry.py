"""Look at, export, delete, turn off or on the statistics that copilot-ls records on this machine.

status    whether and where they are recorded, how much there is
path      the database's path, for other tools: sqlite3 "$(copilot-ls telemetry path)"
export    every event as one line of JSON
delete    delete everything recorded, stored texts included
off, on   turn recording off or on in your own settings file
forward   send them to your own OpenTelemetry collector (`telemetry.otlp_endpoint`), which servers do by themselves
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from copilot_ls.cli.folders import fault_of

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls.config.settings import Settings

SUMMARY = "see, export, delete, turn off or on the statistics recorded on this machine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = ("status", "path", "export", "delete", "off", "on", "forward")
    parser.add_argument("action", choices=actions, nargs="?", default="status", help="what to do (default: status)")
    parser.add_argument("--json", action="store_true", help="print the status as one JSON object")
    parser.add_argument("--yes", action="store_true", help="delete without asking")
    parser.add_argument("--once", action="store_true", help="forward what there is, and end")
    parser.add_argument("--with-server", action="store_true", help=argparse.SUPPRESS)  # end with standard input


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    from copilot_ls_telemetry.store import StoreError

    from copilot_ls.errors import SettingsError

    path = database_path()
    try:
        if arguments.action == "path":
            print(path)
        elif arguments.action == "forward":
            from copilot_ls.cli.forward import forward

            return forward(arguments)
        elif arguments.action in ("off", "on"):
            _switch(on=arguments.action == "on")
        elif arguments.action == "export":
            _export(path)
        elif arguments.action == "delete":
            return _delete(path, ask=not arguments.yes)
        else:
            return _print_status(path, as_json=arguments.json)
    except (StoreError, SettingsError, OSError) as error:
        print(f"copilot-ls telemetry {arguments.action}: {error}", file=sys.stderr)
        return 1
    return 0


def database_path() -> Path:
    """Where the statistics are, or would be."""
    from copilot_ls.config.paths import state_dir

    return state_dir() / "telemetry.db"


def text_folders() -> list[Path]:
    """Where texts are, or would be, if the user has them stored."""
    from copilot_ls.config.paths import state_dir

    return [state_dir() / name for name in ("completion-texts", "fix-transcripts")]


def _switch(*, on: bool) -> None:
    """Turn recording on or off in the user's file, and say what that means."""
    from copilot_ls.config.user_file import set_switch

    file = _config_file()
    word = "on" if on else "off"
    if set_switch(file, "telemetry", "enable", value=on):
        print(f"Recording is {word} now: telemetry.enable = {str(on).lower()} in {file}.")
        print("A server that runs follows when its editor starts it again.")
    else:
        print(f"Recording was {word} already, in {file}.")
    if not on:
        print("What has been recorded stays until you run `copilot-ls telemetry delete`.")


def _config_file() -> Path:
    from copilot_ls.config.paths import config_dir

    return config_dir() / "config.toml"


def _export(path: Path) -> None:
    from copilot_ls_telemetry.store import all_events

    for event in all_events(path):
        print(json.dumps(event, ensure_ascii=False))


def _print_status(path: Path, *, as_json: bool) -> int:
    """Print how things stand; 1 where nothing can be recorded or read."""
    status = _status(path)
    if as_json:
        print(json.dumps(status, indent=2))
    else:
        _print_lines(status)
    return 1 if status["problem"] else 0


def _status(path: Path) -> dict[str, Any]:
    from copilot_ls_telemetry.store import NothingRecordedError, StoreError, obstacle, set_aside_files, summary

    settings = _settings()
    status: dict[str, Any] = {
        "recording": None if settings is None else settings.telemetry.enable,
        "path": str(path),
        "exists": False,
        "bytes": 0,
        "set_aside": [],
        "problem": None,
        "n_events": 0,
        "n_sessions": 0,
        "first_at": None,
        "last_at": None,
        "n_days": 0,
        "first_day": None,
        "storing_texts": None if settings is None else settings.telemetry.store_text,
        "text_bytes": 0,
        "forwarding": _forwarding(settings),
    }
    try:
        files = [part for ending in ("", "-wal") if (part := path.with_name(path.name + ending)).is_file()]
        status["exists"] = path.exists()
        status["bytes"] = sum(part.stat().st_size for part in files)
        status["set_aside"] = [str(aside) for aside in set_aside_files(path)]
        status["text_bytes"] = sum(file.stat().st_size for folder in text_folders() for file in folder.glob("*.jsonl"))
        status |= summary(path)
    except NothingRecordedError:
        pass
    except StoreError as error:
        status["problem"] = str(error)
    except OSError as error:
        status["problem"] = _cannot(fault_of(path.parent) or f"{path.parent}: {error.strerror or error}")
        return status
    fault = fault_of(path.parent)
    status["problem"] = obstacle(path) or (None if fault is None else _cannot(fault)) or status["problem"]
    return status


def _forwarding(settings: Settings | None) -> dict[str, Any] | None:
    """Where statistics are forwarded to, when that was done last, and what went wrong with it; None if they are not."""
    from copilot_ls.cli.forward import status

    if settings is None or settings.telemetry.otlp_endpoint is None:
        return None
    told = status() or {}
    return {
        "endpoint": settings.telemetry.otlp_endpoint,
        "sent_at": told.get("sent_at"),
        "problem": told.get("problem"),
    }


def _cannot(fault: str) -> str:
    return f"nothing is recorded, as the state folder {fault}; set COPILOT_LS_STATE_DIR to another folder"


def _print_lines(status: dict[str, Any]) -> None:
    recording = {True: "on", False: "off (telemetry.enable = false)", None: "unknown (settings cannot be read)"}
    print(f"recording   {recording[status['recording']]}")
    nothing = "" if status["exists"] or status["problem"] else " (not there yet: nothing has been recorded)"
    print(f"database    {status['path']}{nothing}")
    if status["exists"]:
        print(f"size        {status['bytes'] / 1024:.0f} KiB")
    if status["n_events"]:
        print(f"events      {status['n_events']} in {status['n_sessions']} sessions")
        print(f"from, to    {_local(status['first_at'])}, {_local(status['last_at'])}")
    if status["n_days"]:
        print(f"totals      of {status['n_days']} days, from {status['first_day']}")
    if status["storing_texts"] or status["text_bytes"]:
        state = "stored (telemetry.store_text = true)" if status["storing_texts"] else "no longer stored"
        print(
            f"texts       {state}, {status['text_bytes'] / 1024:.0f} KiB; `copilot-ls export` makes data sets of them"
        )
    if (forwarding := status["forwarding"]) is not None:
        print(f"forwarded   to {forwarding['endpoint']}, last {_local(forwarding['sent_at'])}")
        if forwarding["problem"]:
            print(f"            {forwarding['problem']}")
    if status["problem"]:
        print(f"problem     {status['problem']}")
    for aside in status["set_aside"]:
        print(f"set aside   {aside} (was damaged; `copilot-ls telemetry delete` removes it)")


def _settings() -> Settings | None:
    """The user's settings on this machine; None when they cannot be read."""
    try:
        from copilot_ls.config.load import load

        return load(user_file=_config_file(), workspace_roots=[], editor=None).settings
    except Exception:  # noqa: BLE001  # the status is to be had whatever state the settings are in
        return None


def _delete(path: Path, *, ask: bool) -> int:
    from copilot_ls_telemetry.store import delete, set_aside_files

    texts = [file for folder in text_folders() for file in sorted(folder.glob("*.jsonl"))]
    if not path.exists() and not set_aside_files(path) and not texts:
        print(f"There is nothing to delete: no {path}.")
        return 0
    if ask:
        if not sys.stdin.isatty():
            print("copilot-ls telemetry delete: nobody is here to be asked; add --yes to delete", file=sys.stderr)
            return 2
        what = "statistics and stored texts" if texts else "statistics"
        answer = input(f"Delete all {what} in {path if not texts else path.parent}? They cannot be had back. [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.")
            return 1
    # What was counted for the user's collector goes as well; it is begun anew.
    for file in [*texts, *(path.with_name(name) for name in ("otlp.json", "otlp-status.json"))]:
        file.unlink(missing_ok=True)
    if texts:
        print(f"Deleted the stored texts, {len(texts)} files.")
    if delete(path):
        print(f"Deleted {path}.")
    else:
        print(f"Deleted everything in {path}; the empty file stays, because a running server has it open.")
    return 0


def _local(at: float | None) -> str:
    return "-" if at is None else datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
