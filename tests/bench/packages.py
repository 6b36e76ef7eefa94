"""Pinned packages of PyPI and npm, unpacked once: real source code to measure on.

    unpacked("pypi:scrapy==2.11.2")     the wheel's files
    unpacked("sdist:grpcio==1.66.1")    the source archive's files
    unpacked("npm:rxjs@7.8.1")          the tarball's files

The name says the version, so that a folder once made never changes. Files are got by `pip download` and `npm pack`, with
their own settings of registries and proxies; nothing of a package is run or built. Called by the benches.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

CACHE = Path(os.environ.get("COPILOT_LS_BENCH_CACHE") or Path.home() / ".cache" / "copilot-ls-bench") / "packages"


def unpacked(name: str, cache: Path = CACHE) -> Path:
    """The folder with the package's files, downloading it first when it is not there."""
    folder = cache / re.sub(r"[^\w.=@+-]+", "_", name)
    if folder.is_dir():
        return folder
    kind, _, package = name.partition(":")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as place:
        archive = _download(kind, package, Path(place))
        files = Path(place) / "files"
        _unpack(archive, files)
        top = list(files.iterdir())
        # What npm and sdists hold is one folder, named by chance.
        source = top[0] if kind != "pypi" and len(top) == 1 and top[0].is_dir() else files
        try:
            source.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another run was faster
                raise
    return folder


def _download(kind: str, package: str, place: Path) -> Path:
    archives = place / "archive"
    archives.mkdir()
    if kind == "npm":
        _run(["npm", "pack", "--silent", "--ignore-scripts", f"--pack-destination={archives}", package], package)
    elif kind == "pypi":
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "-d"]
        _run([*pip, str(archives), "--only-binary", ":all:", package], package)
    elif kind == "sdist":
        # `pip download` of an sdist runs its build; the address of the archive alone comes from the index.
        _fetch_sdist(package, archives)
    else:
        raise SystemExit(f"unknown kind of package {kind!r}; expected pypi:, sdist: or npm:")
    (archive,) = archives.iterdir()
    return archive


def _run(command: list[str], package: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{package} cannot be downloaded by {command[0]}:\n{done.stderr.strip()}")


def _fetch_sdist(package: str, archives: Path) -> None:
    """The source archive that the index lists, over pip's own session, so that its settings apply."""
    script = (
        "import sys, pathlib\n"
        "from pip._internal.commands import create_command\n"
        "name, place = sys.argv[1:]\n"
        "command = create_command('download')\n"
        "options, _ = command.parse_args(['--no-binary', ':all:', name])\n"
        "with command.main_context():\n"
        "    session = command.get_default_session(options)\n"
        "    finder = command._build_package_finder(options, session)\n"
        "    project, version = name.split('==')\n"
        "    found = finder.find_all_candidates(project)\n"
        "    link = next(each.link for each in found if str(each.version) == version)\n"
        "    answer = session.get(link.url_without_fragment)\n"
        "    answer.raise_for_status()\n"
        "    (pathlib.Path(place) / link.filename).write_bytes(answer.content)\n"
    )
    _run([sys.executable, "-c", script, package, str(archives)], package)


def _unpack(archive: Path, folder: Path) -> None:
    if archive.name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(folder)
        return
    with tarfile.open(archive) as tar:
        members = [each for each in tar.getmembers() if each.isfile() or each.isdir()]
        tar.extractall(folder, members=members, filter="data")
