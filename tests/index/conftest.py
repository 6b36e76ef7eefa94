"""A small workspace on disk, and its index."""

import pytest

from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.worker import build


@pytest.fixture
def write(tmp_path):
    """Write files of a workspace: path to text (or bytes); returns the root."""
    root = tmp_path / "workspace"
    root.mkdir()

    def write(files):
        for path, content in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


@pytest.fixture
def database(tmp_path):
    return tmp_path / "cache" / "index.db"


@pytest.fixture
def indexed(write, database):
    """Write files, index them, and open the index with time enough for a slow machine."""
    opened = []

    def indexed(files, **options):
        root = write(files)
        build(root, database, tell=lambda _: None, **options)
        opened.append(WorkspaceIndex(database, query_ms=5_000))
        return opened[-1]

    yield indexed
    for index in opened:
        index.close()
