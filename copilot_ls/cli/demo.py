"""Show copilot-ls at work on real code, with nothing configured: no key, no model, no network.

Takes a copy of DIR (by default of a package that is installed with copilot-ls), cuts lines at some hundred places, and
shows what the embedded backend would offer there beside what really follows. Then starts a real server, opens a file as
an editor does, accepts a suggestion, and shows the statistics of that session. It writes to a temporary folder alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from copilot_ls.features.workbench import Workbench

SUMMARY = "show what it does, on real code, with nothing configured"

_SUFFIXES = (".py", ".js", ".ts", ".tsx", ".go", ".rs", ".java", ".c", ".cpp", ".cs", ".rb", ".php", ".sh")
_MAX_FILES = 400
_MAX_BYTES = 200_000
_N_PLACES = 120
_N_SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Trial:
    """A place in a file, what really stands behind it on its line, and what was offered there."""

    path: Path
    line: int
    before: str
    after: str
    offered: str = ""
    confidence: float | None = None
    ms: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether what was offered is how the line really goes on."""
        return bool(self.offered) and self.after.startswith(self.offered.rstrip("\n"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the project and the seed."""
    parser.add_argument(
        "directory", nargs="?", metavar="DIR", help="a project to try it on (default: an installed package)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--seed", type=int, default=1, help="choose other places (default: 1)")


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration; status 1 when nothing was offered or nothing was counted.

    With --json, what is told to people goes to standard error, and standard output gets one object.
    """
    with redirect_stdout(sys.stderr) if arguments.json else nullcontext():
        status, figures = _demonstrate(arguments)
    if arguments.json and figures:
        print(json.dumps(figures, indent=2))
    return status


def _demonstrate(arguments: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    project = Path(arguments.directory).resolve() if arguments.directory else _installed_package()
    if not project.is_dir():
        print(f"copilot-ls demo: {project} is not a folder", file=sys.stderr)
        return 2, {}
    with tempfile.TemporaryDirectory(prefix="copilot-ls-demo-") as folder, _places_of_its_own(Path(folder)):
        workspace = Path(folder) / project.name
        n_files, n_lines = _copy(project, workspace)
        if not n_files:
            print(f"copilot-ls demo: no source files in {project}", file=sys.stderr)
            return 2, {}
        print(
            f"A copy of {project.name}: {n_files} files, {n_lines} lines. Nothing is configured, no socket is opened.\n"
        )
        trials = asyncio.run(_try(workspace, random.Random(arguments.seed)))  # noqa: S311 - a choice of places
        figures: dict[str, Any] = {"project": str(project), "files": n_files, "lines": n_lines, **_show(trials)}
        spoken = [trial for trial in trials if trial.offered]
        if not spoken:
            print("Nothing was offered at any of these places; try another project.")
            return 1, figures
        right = [trial for trial in spoken if trial.is_right]
        figures["statistics"] = _session(workspace, max(right or spoken, key=lambda trial: len(trial.offered)))
        return (0 if figures["statistics"].get("accepted") == 1 else 1), figures


def _installed_package() -> Path:
    """The folder of pygls: code that other people wrote, and that is there wherever copilot-ls is."""
    from importlib.util import find_spec

    spec = find_spec("pygls")
    return Path(spec.origin).parent if spec is not None and spec.origin else Path(__file__).parent


@contextmanager
def _places_of_its_own(folder: Path) -> Iterator[None]:
    """Keep the user's settings, statistics and caches out of it."""
    names = {f"COPILOT_LS_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _copy(project: Path, workspace: Path) -> tuple[int, int]:
    n_files = n_lines = 0
    for path in sorted(project.rglob("*")):
        inside = path.relative_to(project)
        hidden = any(part.startswith((".", "_")) and part != "__init__.py" for part in inside.parts[:-1])
        if hidden or path.suffix not in _SUFFIXES or not path.is_file() or path.stat().st_size > _MAX_BYTES:
            continue
        target = workspace / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        n_files += 1
        n_lines += path.read_bytes().count(b"\n")
        if n_files >= _MAX_FILES:
            break
    return n_files, n_lines


async def _try(workspace: Path, choice: random.Random) -> list[_Trial]:
    from copilot_ls.cli.places import open_workbench

    workbench = open_workbench(workspace)
    try:
        return [await _one(workbench, trial) for trial in _places(workspace, choice)]
    finally:
        await workbench.aclose()


def _places(workspace: Path, choice: random.Random) -> list[_Trial]:
    """Places where a line of code has begun and goes on: behind a word, or behind `.`, `(` or `=`."""
    found: list[_Trial] = []
    for path in sorted(workspace.rglob("*.*")):
        lines = path.read_text("utf-8", "replace").split("\n")
        for number, line in enumerate(lines):
            code = line.strip()
            if number > len(lines) // 3 and len(code) > 12 and code[0].isalpha():  # noqa: PLR2004 - worth completing
                columns = [
                    at + 1 for at, character in enumerate(line) if character in ".(= " and at > len(line) - len(code)
                ]
                if columns:
                    column = choice.choice(columns)
                    found.append(_Trial(path, number, line[:column], line[column:]))
    return choice.sample(found, min(_N_PLACES, len(found)))


async def _one(workbench: Workbench, trial: _Trial) -> _Trial:
    from copilot_ls.cli.complete import complete

    text = _typed_so_far(trial)
    suggestions, ms = await complete(workbench, trial.path, text, _offset(trial, text), automatic=True)
    if not suggestions:
        return _Trial(trial.path, trial.line, trial.before, trial.after, ms=ms)
    best = suggestions[0]
    return _Trial(trial.path, trial.line, trial.before, trial.after, best.text, best.confidence, ms)


def _typed_so_far(trial: _Trial) -> str:
    """The file with the rest of the line not yet written."""
    lines = trial.path.read_text("utf-8", "replace").split("\n")
    return "\n".join([*lines[: trial.line], trial.before, *lines[trial.line + 1 :]])


def _offset(trial: _Trial, text: str) -> int:
    return sum(len(line) + 1 for line in text.split("\n")[: trial.line]) + len(trial.before)


def _show(trials: Sequence[_Trial]) -> dict[str, Any]:
    spoken = [trial for trial in trials if trial.offered]
    right = [trial for trial in spoken if trial.is_right]
    for trial in spoken[:_N_SHOWN]:
        confidence = "" if trial.confidence is None else f"  (confidence {trial.confidence:.2f}, {trial.ms:.1f} ms)"
        print(f"{trial.path.name}:{trial.line + 1}{confidence}")
        print(f"    typed    {trial.before.strip()}")
        print(f"    offered  {_one_line(trial.offered)}")
        print(f"    real     {_one_line(trial.after)}{'' if trial.is_right else '    (differs)'}")
    times = sorted(trial.ms for trial in trials) or [0.0]
    median = times[len(times) // 2]
    print(
        f"\nAsked at {len(trials)} places: offered at {len(spoken)}, {len(right)} of these are how the code goes on; "
        f"median {median:.1f} ms.\n"
    )
    return {"asked": len(trials), "offered": len(spoken), "right": len(right), "median_ms": median}


def _one_line(text: str) -> str:
    return text.strip().replace("\n", " ⏎ ")[:100]


def _session(workspace: Path, trial: _Trial) -> dict[str, Any]:
    """One editor's session with a real server process, and what was recorded of it."""
    from copilot_ls.cli.demo_editor import DemoEditor

    print(f"Now a real server, and an editor's keys in {trial.path.name}:{trial.line + 1}:")
    text = _typed_so_far(trial)
    with DemoEditor(workspace) as editor:
        editor.open(trial.path, text)
        item = editor.ghost_text(trial.path, trial.line, len(trial.before))
        if item is None:
            print("    the server offered nothing")
            return {}
        print(f"    ghost text  {_one_line(item['insertText'])}")
        editor.accept(trial.path, item)
        print("    accepted, and the server told so\n")
    print("What the statistics say:\n", flush=True)
    # -P: the current folder may hold anything and must not be imported from.
    command = [sys.executable, "-P", "-m", "copilot_ls", "stats"]
    print(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)  # noqa: S603 - ourselves
    counted = subprocess.run([*command, "--json"], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - as above
    statistics: dict[str, Any] = json.loads(counted.stdout)
    return statistics
