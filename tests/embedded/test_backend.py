"""The rim of the embedded completer: requests in, chunks out, whatever the index does."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from copilot_ls.backends.base import Backend, CompletionRequest
from copilot_ls.backends.embedded import create
from copilot_ls.context.recent_edits import RecentEdit
from copilot_ls.errors import SettingsError
from tests.embedded.conftest import scene

REPEATED = (
    'def a(path):\n    with open(path, encoding="utf-8") as stream:\n        pass\n' * 3
    + "def a(path):\n    with open(█\n"
)
FROM_INDEX = "quotient, remainder = div█"


def request(here, **changes) -> CompletionRequest:
    given = {
        "path": here.document.path,
        "language_id": here.document.language_id,
        "prefix": here.document.text.prefix(here.cursor),
        "suffix": here.document.text.suffix(here.cursor),
        "document": here.document,
        "cursor": here.cursor,
        "open_documents": here.others,
    }
    return CompletionRequest(**(given | changes))


async def chunks(backend, question):
    return [chunk async for chunk in backend.complete(question)]


async def test_a_chunk_says_its_confidence_and_where_it_was_learnt():
    backend = create("embedded")
    assert isinstance(backend, Backend)
    (chunk,) = await chunks(backend, request(scene(REPEATED)))
    assert chunk.text == 'path, encoding="utf-8") as stream:'
    assert chunk.finish_reason == "stop"
    assert 0.6 <= chunk.confidence <= 1
    assert chunk.origin == "main.py:8"


async def test_the_origin_in_another_open_file_has_a_line_number():
    here = scene("import os\nTIMEOUT = int(os.█", others={"b.py": 'import os\n\nA = int(os.environ.get("A", "1"))\n'})
    found = here.propose(threshold=0.0)
    assert {answer.origin for answer in found} == {"b.py:3"}


async def test_a_request_without_a_document_is_answered_from_its_prefix():
    here = scene(REPEATED)
    (chunk,) = await chunks(create("embedded"), request(here, document=None, cursor=None))
    assert chunk.text == 'path, encoding="utf-8") as stream:'


async def test_several_answers_are_several_choices():
    text = (
        "".join(f"log.info({word!r})\nlog.{level}({word!r})\n" for word in "abc" for level in ("warning", "error"))
        + "log.█"
    )
    found = await chunks(
        create("embedded", SimpleNamespace(options={"invoked_threshold": 0.01})), request(scene(text), n=3)
    )
    assert [chunk.choice for chunk in found] == list(range(len(found)))
    assert len({chunk.text for chunk in found}) == len(found) > 1


class BrokenIndex:
    def __init__(self) -> None:
        self.asked = 0

    def _fail(self, *_args, **_options):
        self.asked += 1
        raise OSError("disk on fire")

    lines_starting_with = lines_containing = lines_following = _fail


async def test_a_broken_index_costs_its_own_answers_only_and_is_left_alone_soon():
    index = BrokenIndex()
    backend = create("embedded")
    backend.attach(lambda _path: index)
    for _ in range(5):
        (chunk,) = await chunks(backend, request(scene(REPEATED)))
        assert chunk.text.startswith("path")
    assert 0 < index.asked <= 3


async def test_a_workspace_that_cannot_be_found_is_no_workspace():
    backend = create("embedded")
    backend.attach(lambda path: {}[path])
    assert await chunks(backend, request(scene(REPEATED)))


async def test_the_documents_own_saved_lines_are_no_evidence():
    class Index:
        def __init__(self, path: str) -> None:
            self.hit = SimpleNamespace(text="quotient, remainder = divmod(a, b)", count=1, path=path, line=0)

        def lines_starting_with(self, _prefix, *, limit):
            return [self.hit][:limit]

        def lines_containing(self, _piece, *, limit):
            return [self.hit][:limit]

        def lines_following(self, _line, *, limit, previous=None):
            return []

    here = scene(FROM_INDEX)
    here.index = Index("elsewhere.py")
    assert here.propose(threshold=0.0)
    here.index = Index("main.py")
    assert here.propose(threshold=0.0) == []


@pytest.mark.parametrize("value", ["high", 1.5, -1, True, None])
def test_a_threshold_that_is_no_probability_is_refused_by_name(value):
    with pytest.raises(SettingsError, match="'threshold'"):
        create("embedded", SimpleNamespace(options={"threshold": value}))


async def test_a_threshold_of_one_silences():
    backend = create("embedded", SimpleNamespace(options={"threshold": 1}))
    assert await chunks(backend, request(scene(REPEATED))) == []


async def test_check_says_that_it_works():
    check = await create("embedded").check()
    assert check.reachable
    assert check.fim_works


async def test_closing_forgets_the_index():
    backend = create("embedded")
    index = BrokenIndex()
    backend.attach(lambda _path: index)
    await backend.aclose()
    await chunks(backend, request(scene(REPEATED)))
    assert index.asked == 0


def test_no_heavy_module_is_imported():
    code = (
        "import sys; from copilot_ls.backends.embedded import create; create('embedded');"
        "print([name for name in ('pydantic', 'sqlite3', 'tree_sitter', 'httpx2', 'pygls', 'diskcache') if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_a_file_of_one_enormous_line_is_answered():
    here = scene("x = [" + "1, " * 500_000 + "█")
    here.propose(threshold=0.0)


def test_windows_line_ends_are_no_obstacle():
    here = scene(REPEATED.replace("\n", "\r\n"))
    assert [answer.text for answer in here.propose()] == ['path, encoding="utf-8") as stream:']


async def test_what_was_edited_lately_is_asked_for_and_explained():
    here = scene("second = fetch(other█)", others={"calls.py": "first = fetch(address, timeout=3)\n"})
    (other,) = here.others
    backend = create("embedded")
    backend.attach_edits(lambda: [RecentEdit(other.uri, 0, 1, 0.0, ("first = fetch(address)\n",))])
    lines = backend.explain(", timeout=3", request(here))
    assert any(line.startswith("edit, level") and "calls.py:1" in line for line in lines), lines
    await backend.aclose()
    assert not any(line.startswith("edit") for line in backend.explain(", timeout=3", request(here)))


def test_what_nobody_proposes_has_no_reasons():
    assert create("embedded").explain("never seen", request(scene(REPEATED))) == []
