"""Distributions, built once per run, and clean environments to install them in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
BUILT_OR_PRIVATE = (
    ".git", ".venv", ".cache", ".hypothesis", ".*_cache", "__pycache__", "node_modules", "build", "dist", "*.egg-info", "*.pyc"
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder. They run in one worker, as they share what is built."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.packaging)
            item.add_marker(pytest.mark.timeout(600))


@dataclass(frozen=True, slots=True)
class Distributions:
    """What `python -m build` makes: the wheel comes from the sdist; `direct_wheel` from the tree."""

    sdist: Path
    wheel: Path
    direct_wheel: Path


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a command without this project's environment around it; its output, or a failure that shows all of it."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COPILOT_LS"))
    }
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=inherited | variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository as a clone would have it."""
    copy = tmp_path_factory.mktemp("tree") / "copilot-ls"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*BUILT_OR_PRIVATE))
    return copy


@pytest.fixture(scope="session")
def distributions(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """Sdist and wheels of the tree."""
    out, direct = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("direct")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, tree, cwd=out)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", direct, tree, cwd=out)
    (sdist,), (wheel,), (direct_wheel,) = out.glob("*.tar.gz"), out.glob("*.whl"), direct.glob("*.whl")
    return Distributions(sdist, wheel, direct_wheel)


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with copilot-ls in it, and a home of its own."""

    home: Path
    bin: Path

    @property
    def variables(self) -> dict[str, str]:
        return {f"COPILOT_LS_{kind}_DIR": str(self.home / kind.lower()) for kind in ("STATE", "CACHE", "CONFIG")}

    def run(self, program: str, *arguments: str | Path) -> str:
        return run(self.bin / program, *arguments, cwd=self.home, **self.variables)


@pytest.fixture(scope="module", params=["wheel", "sdist", "editable"])
def installed(
    request: pytest.FixtureRequest, tree: Path, distributions: Distributions, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """copilot-ls installed as a user does it, with pip alone: it resolves and gets the dependencies itself."""
    home = tmp_path_factory.mktemp(request.param)
    run(sys.executable, "-m", "venv", home / "venv", cwd=home)
    environment = Environment(home, home / "venv" / "bin")
    # The locked versions, without their hashes, so that a release of today cannot turn this test red.
    constraints = home / "constraints.txt"
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    constraints.write_text("".join(line + "\n" for line in re.findall(r"^\w[^\\\n]*", lock, re.MULTILINE)))
    what = {"wheel": [distributions.wheel], "sdist": [distributions.sdist], "editable": ["--editable", tree]}[
        request.param
    ]
    environment.run(
        "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--constraint", constraints, *what
    )
    return environment
