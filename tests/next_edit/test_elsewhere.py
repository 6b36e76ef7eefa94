"""Files that are not open are found by what went, read as they are on disk, and only inside of the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot_ls.features.next_edit.elsewhere import MOST_FILES, names_gone, pages_elsewhere, phrases_gone
from copilot_ls.features.next_edit.rehearsal import Rehearsal
from copilot_ls.index.indexing import index_workspace
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.parsing import finish_files
from copilot_ls.index.store import IndexStore

SHOP = "def total_of(prices):\n    return sum(prices)\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    files = {
        "shop.py": SHOP,
        "till/till.py": "from shop import total_of\n\nprint(total_of([1]))\n",
        "other.py": "def nothing():\n    return None\n",
        ".env": "total_of=1\n",
        ".gitignore": "secret.py\n",
        "secret.py": "from shop import total_of\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def index(root: Path, tmp_path: Path) -> WorkspaceIndex:
    store = IndexStore(tmp_path / "index.db")
    index_workspace(root, store)
    finish_files(store)
    store.close()
    return WorkspaceIndex(tmp_path / "index.db", query_ms=5_000)


def renamed(root: Path, old: str = "total_of", new: str = "sum_of") -> Rehearsal:
    rehearsal = Rehearsal()
    uri = (root / "shop.py").as_uri()
    rehearsal.open(uri, str(root / "shop.py"), "python", SHOP)
    rehearsal.replace_lines(uri, 0, 1, [SHOP.split("\n")[0].replace(old, new)])
    return rehearsal


def test_the_files_that_use_what_went_and_no_ignored_or_open_one(root: Path, index: WorkspaceIndex) -> None:
    scene = renamed(root).scene()
    assert scene is not None
    pages = pages_elsewhere(scene, index, root, {".py": "python"}, {str(root / "shop.py")})
    assert [(page.document.path, page.document.language_id) for page in pages] == [
        (str(root / "till" / "till.py"), "python")
    ]
    assert not pages_elsewhere(scene, index, root, {}, {str(root / "shop.py"), str(root / "till" / "till.py")})


def test_a_file_is_read_as_it_is_now_and_a_link_that_leads_out_not_at_all(root: Path, index: WorkspaceIndex) -> None:
    till = root / "till" / "till.py"
    outside = root.parent / "outside.py"
    outside.write_text("from shop import total_of\n")
    scene = renamed(root).scene()
    assert scene is not None
    till.write_text("import shop\n\nprint(shop.total_of([2]))\n")
    (page,) = pages_elsewhere(scene, index, root, {}, ())[:1]
    assert "shop.total_of([2])" in page.document.text.text
    till.unlink()
    till.symlink_to(outside)
    assert str(till) not in [page.document.path for page in pages_elsewhere(scene, index, root, {}, ())]


def test_the_next_edit_is_in_the_file_that_imports_what_was_renamed(root: Path, index: WorkspaceIndex) -> None:
    rehearsal = renamed(root)
    opened = {str(root / "shop.py")}
    edit = rehearsal.next_edit(
        least=0.0, elsewhere=lambda scene: pages_elsewhere(scene, index, root, {".py": "python"}, opened)
    )
    assert edit is not None
    assert edit.document.path == str(root / "till" / "till.py")
    assert edit.document.version == 0
    assert edit.replacement.text == "sum_of"


def test_what_is_looked_for_is_bounded_and_telling(root: Path) -> None:
    scene = renamed(root).scene()
    assert scene is not None
    assert names_gone(scene.made) == ["total_of"]
    assert phrases_gone(scene.made) == ["def total_of(prices"]
    assert MOST_FILES < 20
