"""Show the settings in force and where each comes from, what is wrong with them, or the reference of all settings."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from copilot_ls.config.load import Loaded

SUMMARY = "show the settings in force, and where each comes from"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--workspace", type=Path, default=Path(), metavar="DIR", help="workspace folder (default: here)"
    )
    parser.add_argument("--changed", action="store_true", help="only settings that are not at their default")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--json", action="store_true", help="print JSON")
    what.add_argument("--reference", action="store_true", help="print the reference of all settings, as Markdown")
    what.add_argument("--schema", action="store_true", help="print the JSON schema of a settings file")


def run(arguments: argparse.Namespace) -> int:
    """Print; 1 if something is wrong with the settings."""
    if arguments.reference or arguments.schema:
        from copilot_ls.config import reference

        sys.stdout.write(reference.reference() if arguments.reference else reference.schema())
        return 0
    from copilot_ls.config.load import load
    from copilot_ls.config.paths import config_dir

    user_file = config_dir() / "config.toml"
    loaded = load(user_file=user_file, workspace_roots=[arguments.workspace.absolute()], editor=None)
    if arguments.json:
        print(json.dumps(_as_json(loaded, user_file), indent=2, ensure_ascii=False))
    else:
        _print(loaded, user_file, changed_only=arguments.changed)
    return 1 if loaded.problems else 0


def _as_json(loaded: Loaded, user_file: Path) -> dict[str, Any]:
    from copilot_ls.config.problems import is_secret

    values: dict[str, Any] = {}
    for key, value in _leaves("", loaded.settings):
        hidden = is_secret(key) and isinstance(value, str)
        values[key] = {"value": "(hidden)" if hidden else value, "origin": loaded.origins.get(key, "default")}
    return {
        "user_file": str(user_file),
        "settings": values,
        "problems": [{"key": problem.key, "message": problem.message} for problem in loaded.problems],
    }


def _print(loaded: Loaded, user_file: Path, *, changed_only: bool) -> None:
    from copilot_ls.config.problems import shown

    rows = [
        (key, shown(key, value), loaded.origins.get(key, "default"))
        for key, value in _leaves("", loaded.settings)
        if not changed_only or key in loaded.origins
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for key, value, origin in rows:
        print(f"{key:{widths[0]}}  {value:{min(widths[1], 40)}}  {origin}")
    if not rows:
        print("All settings are at their defaults.")
    if not user_file.exists():
        print(f"\nThere is no user file yet; it would be {user_file}")
    if loaded.problems:
        print("\nProblems:")
        for problem in loaded.problems:
            print(f"  {problem}")


def _leaves(path: str, value: object) -> list[tuple[str, Any]]:
    """Every setting as its dotted name and value, tables of free form taken apart."""
    dotted = f"{path}." if path else ""
    if dataclasses.is_dataclass(value):
        inner = [(entry.name, getattr(value, entry.name)) for entry in dataclasses.fields(value)]
    elif isinstance(value, dict):
        inner = list(value.items())
    else:
        if isinstance(value, tuple):
            value = [getattr(each, "backend", each) for each in value]
        return [(path, value)]
    return [leaf for name, each in inner for leaf in _leaves(f"{dotted}{name}", each)]
