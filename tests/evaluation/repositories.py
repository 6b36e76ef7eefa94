"""Small repositories with a history, for the tests of evaluation."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOBODY = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.invalid", "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.invalid", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


class Built:
    """A repository that is made commit by commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, env=os.environ | _NOBODY, check=True, capture_output=True, text=True).stdout

    def commit(self, files: Mapping[str, str | bytes | None]) -> str:
        """Write files (None takes one away) and commit them; the commit's id."""
        for path, content in files.items():
            place = self.folder / path
            if content is None:
                place.unlink()
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a commit")
        return self.git("rev-parse", "HEAD").strip()


MODULE = """\
import json


def load_settings(path):
    with open(path) as stream:
        return json.load(stream)


def save_settings(path, settings):
    with open(path, "w") as stream:
        json.dump(settings, stream)
"""
WITH_MERGE = (
    MODULE
    + """

def merge_settings(path, settings):
    merged = load_settings(path)
    merged.update(settings)
    save_settings(path, merged)
    return merged
"""
)
WITH_RESET = (
    WITH_MERGE
    + """

def reset_settings(path):
    save_settings(path, {})
    return load_settings(path)
"""
)
TESTS = """\
from settings import load_settings, save_settings


def test_settings(tmp_path):
    save_settings(tmp_path / "a", {"a": 1})
    assert load_settings(tmp_path / "a") == {"a": 1}
"""


def small_project(folder: Path) -> Built:
    """A project of two files and four commits, of which three add lines that are typed."""
    built = Built(folder)
    built.commit({"settings.py": MODULE, "README.md": "Settings.\n"})
    built.commit({"settings.py": WITH_MERGE})
    built.commit({"README.md": "Settings, and how they are merged.\n"})
    built.commit({"settings.py": WITH_RESET, "tests/test_settings.py": TESTS})
    return built
