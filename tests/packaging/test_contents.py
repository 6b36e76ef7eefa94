"""What is in the distributions: all that the code reads at run time, and nothing that is not meant for users."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.architecture.source_tree import PACKAGE_ROOTS

if TYPE_CHECKING:
    from tests.packaging.conftest import Distributions


EDITORS = Path(__file__).parents[2] / "editors"


def parts_of_editors() -> list[str]:
    """What `copilot-ls editor` hands out: the plug-ins and the words on how to set an editor up."""
    folders = ("neovim", "emacs", "helix", "vim", "others")
    files = [file for folder in folders for file in (EDITORS / folder).rglob("*") if file.is_file()]
    return [file.relative_to(EDITORS).as_posix() for file in files] + ["vscode/README.md"]


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_every_file_of_the_three_packages_the_editors_parts_and_no_other(
    distributions: Distributions,
) -> None:
    expected = {
        f"{package}/{file.relative_to(root).as_posix()}": file.read_bytes()
        for package, root in PACKAGE_ROOTS.items()
        for file in root.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    expected |= {f"copilot_ls/_editors/{name}": (EDITORS / name).read_bytes() for name in parts_of_editors()}
    packed = {name: data for name, data in contents(distributions.wheel).items() if ".dist-info/" not in name}
    assert set(packed) == set(expected)
    assert packed == expected


def test_the_wheel_holds_queries_and_sql_and_says_that_it_is_typed(distributions: Distributions) -> None:
    names = list(contents(distributions.wheel))
    for language in ("python", "typescript", "go", "rust", "java", "bash"):
        assert f"copilot_ls_grammars/{language}/language.toml" in names
        assert any(name.startswith(f"copilot_ls_grammars/{language}/") and name.endswith(".scm") for name in names)
    assert any(name.startswith("copilot_ls_telemetry/") and name.endswith(".sql") for name in names)
    assert {f"{package}/py.typed" for package in PACKAGE_ROOTS} <= set(names)


def test_the_wheel_carries_licence_and_entry_points(distributions: Distributions) -> None:
    packed = contents(distributions.wheel)
    (info,) = {name.split("/")[0] for name in packed if ".dist-info/" in name}
    assert b"Apache License" in packed[f"{info}/licenses/LICENSE"]
    entry_points = packed[f"{info}/entry_points.txt"].decode()
    assert "copilot-ls = copilot_ls.cli:main" in entry_points
    assert "[copilot_ls.backends]" in entry_points
    assert "License-Expression: Apache-2.0" in packed[f"{info}/METADATA"].decode()


def test_sdist_and_tree_make_the_same_wheel(distributions: Distributions) -> None:
    assert contents(distributions.wheel) == contents(distributions.direct_wheel)


def test_the_sdist_can_be_tested_and_has_nothing_private(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "LICENSE", "README.md", "tests/lsp_client.py", "requirements-dev.lock"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", ".git/", ".cache"))]
