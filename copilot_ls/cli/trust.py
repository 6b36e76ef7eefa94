"""Let a workspace's own settings file say where completions come from, after showing it; let its checkers run.

Trust is given to the file as it is now, or to a folder that has none. When it changes, it is asked for again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from copilot_ls.config.trust import TrustStore

SUMMARY = "let a workspace's settings file name backends and other places, and its checkers run"

_CHECKERS = (
    "Fixes are checked with what the workspace is configured for (ruff, mypy, tsc, cargo check and so on), which may "
    "run code of the workspace."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="workspace (default: here)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print JSON; with --yes or --revoke it still does that")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--revoke", action="store_true", help="trust the file no longer")
    what.add_argument("--list", action="store_true", help="list trusted files")


def run(arguments: argparse.Namespace) -> int:
    """Show, ask, remember; 1 if nothing is trusted in the end, 2 if nobody was there to be asked."""
    from copilot_ls.config.trust import PROJECT_FILE, TrustStore

    store = TrustStore()
    file = arguments.folder.absolute() / PROJECT_FILE
    try:
        if arguments.list:
            return _list(store, as_json=arguments.json)
        if arguments.revoke:
            return _revoke(store, file, as_json=arguments.json)
        return _trust(store, file, arguments)
    except OSError as error:
        print(f"copilot-ls trust: {store.path} cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1


def _list(store: TrustStore, *, as_json: bool) -> int:
    files = store.files()
    if as_json:
        print(json.dumps({"trusted": files}))
    else:
        print("\n".join(files) or "No workspace is trusted.")
    return 0


def _revoke(store: TrustStore, file: Path, *, as_json: bool) -> int:
    was_trusted = store.revoke(file)
    if as_json:
        print(json.dumps({"file": str(file), "trusted": False, "was_trusted": was_trusted}))
    else:
        print(f"{file} is no longer trusted." if was_trusted else f"{file} was not trusted.")
    return 0


def _trust(store: TrustStore, file: Path, arguments: argparse.Namespace) -> int:
    from copilot_ls.config.files import UnusableFileError, parse, read
    from copilot_ls.config.load import keys_that_need_trust
    from copilot_ls.config.paths import config_dir

    try:
        content = read(file)
        table = {} if content is None else parse(file, content)
    except UnusableFileError as error:
        print(f"copilot-ls trust: {error}", file=sys.stderr)
        return 1
    if not file.parent.is_dir():
        print(f"copilot-ls trust: there is no folder {file.parent}", file=sys.stderr)
        return 1
    waiting = {key: _value(table, key) for key in keys_that_need_trust(table, config_dir() / "config.toml")}
    trusted = store.is_trusted(file, content or b"")
    if not arguments.json:
        _show(file, waiting, exists=content is not None, trusted=trusted)
    if not trusted and (arguments.yes or (not arguments.json and _agreed())):
        store.trust(file, content or b"")
        trusted = True
        if not arguments.json:
            print("Trusted, as it is now.")
    if arguments.json:
        print(json.dumps({"file": str(file), "trusted": trusted, "needs_trust": waiting}, default=str))
    elif not trusted and not sys.stdin.isatty():
        print("copilot-ls trust: nobody is here to be asked; add --yes to trust it", file=sys.stderr)
        return 2
    return 0 if trusted else 1


def _show(file: Path, waiting: dict[str, Any], *, exists: bool, trusted: bool) -> None:
    is_trusted = f"{file if exists else file.parent} is trusted."
    if not exists:
        print(is_trusted if trusted else f"{file.parent} has no {file.name}.")
    elif waiting:
        print(f"{is_trusted} It sets:" if trusted else f"{file} would set:")
    else:
        print(is_trusted if trusted else f"{file} sets nothing that needs trust.")
    for key, value in waiting.items():
        # JSON, so that no control character of the file reaches the terminal.
        print(f"  {json.dumps(key)[1:-1]} = {json.dumps(value, default=str)}")
    print(_CHECKERS)


def _agreed() -> bool:
    return sys.stdin.isatty() and input("Trust this workspace, as it is now? [y/N] ").strip().lower() in ("y", "yes")


def _value(table: dict[str, Any], dotted: str) -> object:
    """Return what the file says for a key, whichever way it spells the key."""
    from copilot_ls.config.names import canonical, unfolded

    value: Any = unfolded(table)
    for part in dotted.split(".", 1):
        value = next(
            (inner for name, inner in unfolded(value).items() if name == part or canonical(name, [part])), None
        )
        if not isinstance(value, dict):
            break
    return value
