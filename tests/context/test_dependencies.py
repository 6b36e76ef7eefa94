"""Signatures of installed packages: what is shown of them at a cursor."""

import pytest

from copilot_ls.context.dependencies import dependencies
from copilot_ls.context.request import Situation
from copilot_ls.index.dependencies.collecting import Collector

SITE = ".venv/lib/python3.12/site-packages"
PACKAGES = {
    f"{SITE}/wires/__init__.py": "from .api import fetch, send\nfrom .models import Answer\n",
    f"{SITE}/wires/api.py": (
        "def fetch(url: str, *, retries: int = 3) -> Answer:\n    return Answer(url)\n\n\n"
        "def send(url: str, body: bytes) -> None:\n    pass\n"
    ),
    f"{SITE}/wires/models.py": (
        "class Answer:\n    def __init__(self, url: str) -> None:\n        self.status = 0\n\n"
        "    def as_json(self, strict: bool = True) -> object:\n        return None\n"
    ),
    "node_modules/shapes/package.json": '{"types": "index.d.ts", "version": "1.0.0"}',
    "node_modules/shapes/index.d.ts": (
        "export interface Shape {\n    area(scale: number): number;\n}\nexport declare function make(side: number): Shape;\n"
    ),
}


@pytest.fixture
def shown(request_at, tmp_path):
    def shown(path, marked):
        request = request_at(path, marked, files=PACKAGES)
        told = []
        Collector(tmp_path / "workspace", tmp_path / "index.db", told.append).after_pass()
        assert "fault" not in told[0]
        return dependencies(Situation(request))

    return shown


def test_an_imported_function_is_shown_by_its_signature(shown):
    (found,) = shown("a.py", "from wires import fetch\n\n\ndef load(url):\n    return fetch(█\n")
    assert (found.path, found.start_line, found.end_line) == ("wires/api.py", 0, 1)
    assert found.text == "def fetch(url: str, *, retries: int = 3) -> Answer:"


def test_after_a_modules_dot_it_shows_what_it_offers(shown):
    texts = {each.path: each.text for each in shown("a.py", "import wires\n\nwires.█\n")}
    assert texts["wires/api.py"].splitlines() == [
        "def fetch(url: str, *, retries: int = 3) -> Answer:",
        "def send(url: str, body: bytes) -> None:",
    ]
    assert texts["wires/models.py"] == "class Answer:"


def test_attributes_of_a_module_in_use_near_the_cursor(shown):
    found = shown("a.py", "import wires as w\n\nw.send(url, body)\nanswer = █\n")
    assert [each.text for each in found] == ["def send(url: str, body: bytes) -> None:"]


def test_members_of_a_receiver_that_a_package_declares(shown):
    found = shown("a.py", "import wires\n\nanswer = wires.fetch(url)\nprint(answer.█)\n")
    assert found[0].text.splitlines() == [
        "class Answer:",
        "    def __init__(self, url: str) -> None:",
        "        self.status = 0",
        "    def as_json(self, strict: bool = True) -> object:",
    ]


def test_a_module_that_is_imported_from_a_package(shown):
    (found,) = shown("a.py", "from wires import api\n\napi.send(█\n")
    assert found.text == "def send(url: str, body: bytes) -> None:"
    (found,) = shown("a.py", "from wires import api\n\napi.se█\n")
    assert found.text.splitlines()[-1] == "def send(url: str, body: bytes) -> None:"


def test_typescript_declarations(shown):
    found = shown("src/a.ts", 'import { make } from "shapes";\n\nconst square = make(2);\nsquare.█\n')
    assert [each.text.splitlines()[0] for each in found] == [
        "export interface Shape {",
        "export declare function make(side: number): Shape;",
    ]


def test_what_is_not_imported_or_not_near_is_not_shown(shown):
    far = "x = 1\n" * 60
    assert shown("a.py", f"from wires import fetch\nfetch(1)\n{far}█\n") == []
    assert shown("a.py", "def fetch(url): pass\n\nfetch(█\n") == []
