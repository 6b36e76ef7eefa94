"""The folders of a workspace, and where a document lies in them. What is in the folders is the index's part.

The base of `workbench.Workbench`, through which it is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.text import DocumentSnapshot


class WorkspaceFolders:
    """The folders that the editor has open, as absolute paths."""

    def __init__(self) -> None:
        self.folders: list[str] = []

    def relative_path(self, document: DocumentSnapshot) -> str:
        """The document's path as its workspace folder sees it, with forward slashes; its name outside of all."""
        path = Path(document.path)
        for folder in self.folders:
            if document.path and path.is_relative_to(folder):
                return path.relative_to(folder).as_posix()
        return path.name if document.path else document.uri.rpartition("/")[2]

    def root_of(self, document: DocumentSnapshot) -> Path | None:
        """The workspace folder that the document lies in."""
        inside = [folder for folder in self.folders if document.path and Path(document.path).is_relative_to(folder)]
        return Path(max(inside, key=len)) if inside else None

    def are_settings(self, paths: Sequence[str]) -> bool:
        """Whether one of the paths is a file that settings are read from."""
        from copilot_ls.config.trust import PROJECT_FILE

        places = {Path(folder) / PROJECT_FILE for folder in self.folders}
        if any(Path(path).suffix == ".toml" for path in paths):
            from copilot_ls.config.paths import config_dir

            places.add(config_dir() / "config.toml")
        return any(Path(path) in places for path in paths)
