"""What one checker is: a name, a command line, how the draft reaches it, and a reader of what it prints.

Each checker is one `Tool` in a file of its own; `registry` lists them, `command` runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls.checking.base import Draft
    from copilot_ls.checking.runner import Ran
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.text import TextSnapshot

Delivery = Literal["stdin", "beside", "shadow"]
"""How the draft reaches a checker: through standard input, with its real path as a name; as a file in a scratch folder
that the command line puts in the place of the real one; in a shadow tree."""


@dataclass(frozen=True, slots=True)
class Site:
    """One run. `path` is where the checker finds the draft, `folder` where it is started, both absolute.

    With `stdin`, `path` is the real one. `root` is what stands for the workspace folder; `scratch` goes afterwards.
    """

    executable: str
    draft: Draft
    text: TextSnapshot
    path: Path
    root: Path
    folder: Path
    scratch: Path


Command = Callable[[Site], Sequence[str]]
Reader = Callable[["Ran", Site], "list[Diagnostic]"]


def _nothing(_: Site) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Tool:
    """One checker.

    `executables` are tried in order; `project_folders` are those of a workspace in which it may be installed. A
    workspace that has one of `configured_by` is configured for it: file names, or `file:text` where the text must stand
    in the file. `statuses` are those with which its output is a report. `read` raises `UnreadableOutputError` (or any
    of ValueError, KeyError, TypeError, AttributeError, RecursionError) where it is not one.
    """

    name: str
    executables: tuple[str, ...]
    languages: frozenset[str]
    configured_by: tuple[str, ...]
    delivery: Delivery
    command: Command
    read: Reader
    statuses: frozenset[int] = frozenset({0, 1})
    project_folders: tuple[str, ...] = ()
    environment: Callable[[Site], Mapping[str, str]] = field(default=_nothing)
