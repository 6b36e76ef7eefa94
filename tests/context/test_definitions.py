"""Signatures of what the code at the cursor is likely to use."""

import pytest

from copilot_ls.context.definitions import definitions
from copilot_ls.context.imports import find_imports
from copilot_ls.context.request import Situation

CLIENT = '''class Client(Base):
    """A client."""
    timeout: float = 5

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, request: Request) -> Response:
        return self._send(request)

    def _send(self, request): ...

class Response:
    status: int

    def json(self) -> Any: ...
'''
OTHERS = {
    "other/client.py": "class Client:\n    def unrelated(self): ...\n",
    "net/base.py": "class Base:\n    def close(self): ...\n",
}


def texts(request):
    return [(each.path, each.text) for each in definitions(Situation(request))]


def joined(request):
    return "\n".join(text for _, text in texts(request))


@pytest.mark.parametrize(
    "marked",
    [
        "from net.client import Client\nclient = Client('x')\nclient.█\n",
        "from net.client import Client\ndef run(client: Client):\n    client.█\n",
        "from net.client import Client as C\nclient = C('x')\nC.█\n",
        "from net import client\nclient.Client.█\n",
        "import net.client\nc = net.client.Client('x')\nc.█\n",
        "from net.client import Client\nclass A:\n    def __init__(self):\n        self.client = Client('x')\n    def f(self):\n        self.client.█\n",
        "from net.client import Client\nclass Mine(Client):\n    def f(self):\n        self.█\n",
        "from net.client import Client\nwith Client('x') as c:\n    c.█\n",
        "from net.client import make\nc = make()\nc.█\n",
        "def run(client):\n    client.█\n",
    ],
)
def test_the_type_before_the_dot_comes_first_with_its_members(request_at, marked):
    files = {"net/client.py": CLIENT + "\ndef make() -> Client: ...\n", **OTHERS}
    found = texts(request_at("app/main.py", marked, files))
    path, text = found[0]
    if path != "net/client.py":  # only the name speaks for it: either place may come first
        assert "def run(client):" in marked
        path, text = found[1]
    assert path == "net/client.py"
    assert "class Client(Base):" in text
    assert "    def send(self, request: Request) -> Response:" in text


def test_members_of_bases_follow_those_of_the_type(request_at):
    files = {"net/client.py": CLIENT, **OTHERS}
    marked = "from net.client import Client\nclient = Client('x')\nclient.█\n"
    assert "def close(self)" in joined(request_at("app/main.py", marked, files))


def test_a_declared_result_leads_to_its_type(request_at):
    marked = "from net.client import Client\nclient = Client('x')\nr = client.send(q)\nr.█\n"
    assert "    def json(self) -> Any: ..." in joined(request_at("app/main.py", marked, {"net/client.py": CLIENT}))


def test_a_typed_beginning_chooses_among_many_members(request_at):
    members = "".join(f"    def member_{n}(self): ...\n" for n in range(100)) + "    def zoom(self): ...\n"
    files = {"big.py": f"class Big:\n{members}"}
    assert "def zoom" in joined(request_at("main.py", "from big import Big\nBig().zo\nb = Big()\nb.zo█\n", files))
    assert "def zoom" not in joined(request_at("main.py", "from big import Big\nb = Big()\nb.█\n", files))


def test_the_text_is_declaring_lines_of_the_span_in_order(request_at):
    marked = "from net.client import Client\nclient = Client('x')\nclient.█\n"
    request = request_at("app/main.py", marked, {"net/client.py": CLIENT})
    found = next(each for each in definitions(Situation(request)) if "class Client" in each.text)
    lines = CLIENT.split("\n")[found.start_line : found.end_line]
    at = -1
    for line in found.text.split("\n"):
        at = lines.index(line, at + 1)
    assert '"""A client."""' not in found.text


def test_what_the_open_file_declares_itself_is_not_shown(request_at):
    marked = "class Client:\n    def own(self): ...\n\ndef run(c: Client):\n    c.█\n"
    assert all("class Client" not in text for _, text in texts(request_at("app/main.py", marked, OTHERS)))


def test_a_module_is_shown_by_what_it_declares(request_at):
    files = {"pkg/tools.py": "def sharpen(knife): ...\nclass Anvil: ...\n_hidden = 1\n", "pkg/__init__.py": ""}
    assert "def sharpen(knife): ..." in joined(request_at("pkg/main.py", "from . import tools\ntools.█\n", files))
    assert "def sharpen(knife): ..." in joined(request_at("pkg/main.py", "import pkg.tools as t\nt.█\n", files))


@pytest.mark.parametrize(
    ("path", "marked", "files", "wanted"),
    [
        (
            "src/main.ts",
            "import { Store } from './store';\nconst store = new Store();\nstore.█\n",
            {"src/store.ts": "export class Store {\n  load(id: string): Item {\n    return x\n  }\n}\n"},
            "  load(id: string): Item {",
        ),
        (
            "src/main.ts",
            "import type { Options } from './options';\nfunction f(o: Options) {\n  o.█\n}\n",
            {"src/options.ts": "export interface Options {\n  retries: number;\n}\n"},
            "  retries: number;",
        ),
        (
            "cmd/main.go",
            'package main\n\nimport "example.com/app/store"\n\nfunc main() {\n\tstore.█\n}\n',
            {"store/store.go": "package store\n\nfunc Open(path string) (*DB, error) {\n}\n"},
            "func Open(path string) (*DB, error) {",
        ),
        (
            "a/Main.java",
            "import b.Cart;\nclass Main {\n  void run() {\n    Cart cart = new Cart();\n    cart.█\n  }\n}\n",
            {"b/Cart.java": "public class Cart {\n  public int total(int n) {\n    return 1;\n  }\n}\n"},
            "  public int total(int n) {",
        ),
    ],
)
def test_other_languages(request_at, path, marked, files, wanted):
    assert wanted in joined(request_at(path, marked, files))


@pytest.mark.parametrize(
    ("family", "text", "expected"),
    [
        (
            "python",
            "from a.b import c, d as e\nfrom . import f\nimport g.h\nimport i as j\n",
            "c=c@a/b e=d@a/b f=f@ h=@g/h j=@i",
        ),
        ("python", "from a import (\n    b,  # why\n    c as d,\n)\nfrom e import *\n", "b=b@a d=c@a"),
        (
            "web",
            "import a, { b as c } from '../x/y.js'\nimport * as d from '@/z'\nconst { e } = require('./q')",
            "c=b@x/y a=a@x/y d=@z e=e@q",
        ),
        ("jvm", "import a.b.C;\nimport static a.b.D.e;\nimport a.*;\n", "C=C@a/b/C e=e@a/b/D/e"),
        ("go", 'import (\n\t"fmt"\n\tx "a/b"\n)\n', "fmt=@fmt x=@a/b"),
        ("rust", "use crate::a::{B, c as d};\nuse super::e::F;\n", "B=B@a d=c@a F=F@e"),
        ("php", "use App\\Models\\User as U;\n", "U=User@App/Models/User"),
        ("shell", "import x\n", ""),
    ],
)
def test_imports_are_found(family, text, expected):
    assert " ".join(f"{each.local}={each.name}@{each.module}" for each in find_imports(text, family)) == expected
