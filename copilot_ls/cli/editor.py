"""Set an editor up: say how, say where its part lies, or put the part where the editor looks for it.

The parts (`editors/` in the repository) are shipped beside the code, so that server and plug-in are of one version.
Only for Neovim is something installed, a link in its folder of packages; the user's own configuration is never touched.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

SUMMARY = "how to set an editor up; put the plug-in where the editor finds it"

EDITORS = ("neovim", "vscode", "emacs", "helix", "vim", "others")
_INSTALLED = ("neovim",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("editor", nargs="?", choices=EDITORS, metavar="EDITOR", help=f"one of {', '.join(EDITORS)}")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--install", action="store_true", help=f"install the plug-in ({', '.join(_INSTALLED)})")
    what.add_argument("--remove", action="store_true", help="take it away again")
    what.add_argument("--path", action="store_true", help="print where the editor's part lies")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print or install; 1 when the parts are missing or a folder cannot be written to, 2 for what makes no sense."""
    parts = parts_folder()
    if parts is None:
        print("copilot-ls editor: this installation lacks the editors' parts; install copilot-ls anew", file=sys.stderr)
        return 1
    if arguments.editor is None:
        return _list(parts, as_json=arguments.json)
    part = parts / arguments.editor
    if arguments.install or arguments.remove:
        if arguments.editor not in _INSTALLED:
            print(
                f"copilot-ls editor: nothing is installed for {arguments.editor}; "
                f"`copilot-ls editor {arguments.editor}` says how it is set up",
                file=sys.stderr,
            )
            return 2
        return _install(part, neovim_package(os.environ), remove=arguments.remove, as_json=arguments.json)
    if arguments.json:
        print(json.dumps({"editor": arguments.editor, "path": str(part)}))
    elif arguments.path:
        print(part)
    else:
        print((part / "README.md").read_text("utf-8"), end="")
    return 0


def parts_folder() -> Path | None:
    """Where the editors' parts lie: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_editors", package.parent / "editors"):
        if (folder / "neovim" / "plugin" / "copilot_ls.lua").exists():
            return folder
    return None


def neovim_package(environment: Mapping[str, str]) -> Path:
    """The folder that Neovim loads as a package at its start, as `:h standard-path` and `:h packages` have it."""
    home = Path.home()
    if sys.platform == "win32":
        data = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
        folder = f"{environment.get('NVIM_APPNAME') or 'nvim'}-data"
    else:
        data = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
        folder = environment.get("NVIM_APPNAME") or "nvim"
    return data / folder / "site" / "pack" / "copilot-ls" / "start" / "copilot-ls"


def _list(parts: Path, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({editor: str(parts / editor) for editor in EDITORS}))
        return 0
    for editor in EDITORS:
        how = f"copilot-ls editor {editor} --install" if editor in _INSTALLED else f"copilot-ls editor {editor}"
        print(f"{editor:8}  {how}")
    return 0


def _install(part: Path, place: Path, *, remove: bool, as_json: bool) -> int:
    try:
        was_there = _take_away(place)
        if not remove:
            place.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(part, place)
    except OSError as error:
        print(f"copilot-ls editor: {place} cannot be written ({error.strerror or error})", file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps({"path": str(place), "installed": not remove}))
    elif remove:
        print(f"{place} is gone." if was_there else f"{place} was not there.")
    else:
        print(f"{place} is the plug-in now. Open a file in Neovim and type.")
        print(":checkhealth copilot_ls says whether all is well.")
    return 0


def _take_away(place: Path) -> bool:
    """Remove what an earlier call put there; nothing else is touched."""
    if place.is_symlink():
        place.unlink()
        return True
    if (place / "plugin" / "copilot_ls.lua").exists():
        shutil.rmtree(place)
        return True
    if place.exists():
        raise FileExistsError(None, "it holds something else; move it away", str(place))
    return False


def _link_or_copy(part: Path, place: Path) -> None:
    try:
        place.symlink_to(part, target_is_directory=True)
    except OSError:  # Windows lets few users make links
        shutil.copytree(part, place)
