"""Changes one switch in the user's `config.toml`, and leaves all else of it as it was: comments, order, spacing.

tomlkit can do that, but one switch is not worth a dependency. A line is replaced or added, and the result is read back:
unless it says exactly what was to be said, nothing is written. Called by `cli.telemetry`.
"""

from __future__ import annotations

import os
import re
import tomllib
from typing import TYPE_CHECKING, Any

from copilot_ls.config.paths import private_dir
from copilot_ls.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]\s*(#.*)?$")
_ANY_HEADER = re.compile(r"\s*\[")


def set_switch(file: Path, section: str, key: str, *, value: bool) -> bool:
    """Make `[section] key` say `value` in the user's file, which is made if there is none; False when it already did.

    Raises `SettingsError`, which says what to write by hand, where the file cannot be changed so; `OSError` where it
    cannot be read or written. The file keeps its mode; a new one is its owner's alone.
    """
    try:
        text = file.read_bytes().decode("utf-8")
        before = tomllib.loads(text)
    except FileNotFoundError:
        text, before = "", {}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{file} is no TOML ({error}); mend it, then write `{key} = {_toml(value)}` below [{section}]"
        ) from error
    table = before.get(section, {})
    if isinstance(table, dict) and table.get(key) is value:
        return False
    changed = with_switch(text, section, key, value=value)
    if changed is None:
        raise SettingsError(
            f"{file} says `{section}` in a way that cannot be changed from here; write `{key} = {_toml(value)}` below "
            f"[{section}] yourself"
        )
    _replace(file, changed)
    return True


def with_switch(text: str, section: str, key: str, *, value: bool) -> str | None:
    """`text` with `[section] key` set to `value`; None when no line can be found or added that says so and no more."""
    expected: dict[str, Any] = tomllib.loads(text)
    if not isinstance(expected.setdefault(section, {}), dict):
        return None
    expected[section][key] = value
    lines = text.splitlines(keepends=True)
    for candidate in _candidates(lines, section, key, _toml(value)):
        try:
            if tomllib.loads(candidate) == expected:
                return candidate
        except tomllib.TOMLDecodeError:
            continue
    return None


def _candidates(lines: list[str], section: str, key: str, value: str) -> list[str]:
    """The text with the value in each line that may hold it, then with a new line, then with a new table."""
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    found = []
    holder = re.compile(rf"(\s*(?:{re.escape(section)}\s*\.\s*)?{re.escape(key)}\s*=\s*)(true|false)(.*)", re.DOTALL)
    for at, line in enumerate(lines):
        if match := holder.fullmatch(line):
            found.append("".join([*lines[:at], match[1] + value + match[3], *lines[at + 1 :]]))
    closed = [*lines[:-1], *(lines[-1:] if not lines or lines[-1].endswith("\n") else [lines[-1] + end])]
    for at, line in enumerate(closed):
        if (match := _HEADER.match(line.rstrip("\r\n"))) and match[1] == section:
            found.append("".join([*closed[: at + 1], f"{key} = {value}{end}", *closed[at + 1 :]]))
    gap = end if closed and closed[-1].strip() else ""
    found.append("".join([*closed, f"{gap}[{section}]{end}{key} = {value}{end}"]))
    # The table may have been begun by dotted keys; then only another such key can go on with it.
    first_table = next((at for at, line in enumerate(closed) if _ANY_HEADER.match(line)), len(closed))
    found.append("".join([*closed[:first_table], f"{section}.{key} = {value}{end}", *closed[first_table:]]))
    return found


def _toml(value: bool) -> str:
    return "true" if value else "false"


def _replace(file: Path, text: str) -> None:
    """Write beside the file, and put that in its place, so that a reader sees the old or the new whole."""
    file = file.resolve()  # a link, into a repository of settings for one, stays
    private_dir(file.parent)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
            stream.write(text.encode("utf-8"))
        beside.chmod(mode)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
