"""The checkers that there are, and which of them check a file of a workspace.

Where the settings name checkers, those; else those that the workspace is configured for, found on PATH or among its own
tools. None at all in a workspace that is not trusted: checkers read settings that may name code to run, and some run
the workspace's. Called by `features.fixing`, `cli.fix` and `doctor`; the caller knows who is trusted
(`config.trust.TrustStore.trusts_folder`).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.checking import cargo, custom, eslint, gcc, go, mypy, pyright, pytest_file, ruff, tsc
from copilot_ls.checking.command import CommandChecker

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls.checking.base import Checker
    from copilot_ls.checking.tool import Tool
    from copilot_ls.config.settings import Settings

TOOLS: tuple[Tool, ...] = (
    ruff.TOOL,
    eslint.TOOL,
    gcc.TOOL,
    pyright.TOOL,
    mypy.TOOL,
    tsc.TOOL,
    go.BUILD,
    go.VET,
    cargo.TOOL,
    pytest_file.TOOL,
)
"""In the order in which they are asked: quick ones first."""

_BY_NAME = {tool.name: tool for tool in TOOLS}
_MAX_SETTINGS_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A checker of a workspace: where it is, None where it is not installed, and why it is asked."""

    tool: Tool
    executable: str | None
    why: str


def checkers_for(language_id: str, settings: Settings, *, trusted: bool, root: Path | None = None) -> list[Checker]:
    """The checkers of a language's files, quick ones first; none without trust. Looks at a few files, runs nothing."""
    if not trusted:
        return []
    secret = _secret_names(settings)
    return [
        CommandChecker(found.tool, found.executable, secret)
        for found in found_in(root, settings, trusted=True)
        if found.executable is not None and (not found.tool.languages or language_id in found.tool.languages)
    ]


def command_checker(command: str, settings: Settings) -> Checker:
    """The checker that a command line of the user's is, who vouches for it. Raises SettingsError where it is none."""
    tool = custom.tool_of(command)
    (name,) = tool.executables
    return CommandChecker(tool, shutil.which(name) or name, _secret_names(settings))


def found_in(root: Path | None, settings: Settings, *, trusted: bool) -> list[Found]:
    """Every checker that the settings name or `root` is configured for, whether or not it is installed."""
    named = settings.fix.checkers
    if named:
        return [Found(tool, find(tool, root if trusted else None), "named in fix.checkers") for tool in tools(named)]
    found = []
    for tool in TOOLS:
        by = _configured_by(tool, root) if root is not None else None
        if by is not None:
            found.append(Found(tool, find(tool, root if trusted else None), f"configured in {by}"))
    return found


def tools(names: tuple[str, ...]) -> list[Tool]:
    """The tools of these names, in their order; unknown names are left out, and `unknown` says which."""
    return [_BY_NAME[name] for name in dict.fromkeys(names) if name in _BY_NAME]


def unknown(names: tuple[str, ...]) -> list[str]:
    """Names that no checker has."""
    return [name for name in names if name not in _BY_NAME]


def find(tool: Tool, root: Path | None) -> str | None:
    """Where a tool is: among the own tools of `root`, which is trusted, then on PATH."""
    for folder in tool.project_folders if root is not None else ():
        for name in tool.executables:
            if root is not None and (own := shutil.which(name, path=str(root / folder))):
                return own
    return next((path for name in tool.executables if (path := shutil.which(name))), None)


def _secret_names(settings: Settings) -> frozenset[str]:
    return frozenset(name for each in settings.backend.values() if (name := each.api_key_env))


def _configured_by(tool: Tool, root: Path) -> str | None:
    """The file that says that a workspace uses the tool, as `configured_by` names it."""
    for wanted in tool.configured_by:
        name, _, words = wanted.partition(":")
        path = root / name
        try:
            if path.is_file() and (not words or words.encode() in path.read_bytes()[:_MAX_SETTINGS_BYTES]):
                return name
        except OSError:
            continue
    return None
