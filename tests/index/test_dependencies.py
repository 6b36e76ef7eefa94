"""Installed packages: which ones imports mean, which of their files count, and what is known of them."""

import asyncio
import json
from contextlib import closing

import pytest

from copilot_ls.index.builder import IndexBuilder
from copilot_ls.index.dependencies import go, node, python
from copilot_ls.index.dependencies.collecting import Collector, bring_up_to_date
from copilot_ls.index.dependencies.lookup import DependencyIndex
from copilot_ls.index.indexing import refresh_files
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.store import DependencyStore, IndexStore
from copilot_ls.index.worker import build

SITE = ".venv/lib/python3.12/site-packages"


def found(packages):
    """Packages as `name version: paths`."""
    return [f"{each.name} {each.version}: {' '.join(file.path for file in each.files())}" for each in packages]


# --- Python


def test_python_packages_of_the_workspaces_own_environment(write):
    root = write(
        {
            f"{SITE}/requests/__init__.py": "",
            f"{SITE}/requests/api.py": "",
            f"{SITE}/requests/tests/test_api.py": "",
            f"{SITE}/requests/_vendor/urllib3.py": "",
            f"{SITE}/requests/cacert.pem": "KEY",
            f"{SITE}/requests-2.31.0.dist-info/top_level.txt": "requests\n",
            f"{SITE}/six.py": "",
            f"{SITE}/six-1.16.dist-info/RECORD": "six.py,sha256=a,1\n",
            f"{SITE}/unused/__init__.py": "",
        }
    )
    modules = ["requests.api", "requests", "six", "os.path", "json", "own.module", ".relative", "..", ""]
    assert found(python.find(root, modules, {})) == [
        "requests requests 2.31.0: requests/__init__.py requests/api.py",
        "six six 1.16: six.py",
    ]


def test_python_stubs_win(write):
    root = write(
        {
            f"{SITE}/yaml/__init__.py": "",
            f"{SITE}/yaml/loader.py": "",
            f"{SITE}/yaml/loader.pyi": "",
            f"{SITE}/yaml-stubs/__init__.pyi": "",
        }
    )
    (package,) = python.find(root, ["yaml"], {})
    assert {file.module: file.path for file in package.files()} == {
        "yaml": "yaml-stubs/__init__.pyi",
        "yaml/loader": "yaml/loader.pyi",
    }


def test_python_environments_in_their_order(write, tmp_path):
    root = write({"a.py": ""})
    elsewhere = tmp_path / "elsewhere"
    for place, version in ((elsewhere, "active"), (root / "venv", "own")):
        site = place / "lib/python3.12/site-packages"
        (site / "pack").mkdir(parents=True)
        (site / "pack/__init__.py").touch()
        (site / f"pack-{version}.dist-info").mkdir()
    environment = {"VIRTUAL_ENV": str(elsewhere)}
    assert [each.version for each in python.find(root, ["pack"], environment)] == ["pack own"]
    (root / "venv").rename(tmp_path / "gone")
    assert [each.version for each in python.find(root, ["pack"], environment)] == ["pack active"]


def test_links_to_places_that_no_package_manager_writes_are_not_followed(write, tmp_path):
    root = write({"a.py": ""})
    private = tmp_path / "private"
    (private / "pack").mkdir(parents=True)
    (private / "pack/__init__.py").write_text("secret = 1\n")
    (private / "pack/index.d.ts").write_text("export const secret = 1\n")
    (root / ".venv/lib/python3.12").mkdir(parents=True)
    (root / SITE).symlink_to(private)
    (root / "node_modules").symlink_to(private)
    (root / "go.mod").write_text("module own\nrequire example.com/pack v1.0.0\n")
    (root / "vendor").symlink_to(private)
    (private / "example.com").symlink_to(private)
    (private / "pack/pack.go").write_text("package pack\n")
    assert not [each for each in python.find(root, ["pack"], {}) if each.files()]
    assert not list(node.find(root, [("pack", "")]))
    assert not list(go.find(root, [("example.com/pack", "")], {"GOMODCACHE": str(tmp_path / "none")}))


# --- npm


def a_package(**said):
    return json.dumps({"name": "any", "version": "1.2.3", **said})


def test_npm_declarations_by_every_way_of_naming_them(write):
    root = write(
        {
            "node_modules/typed/package.json": a_package(types="./dist/main.d.ts"),
            "node_modules/typed/dist/main.d.ts": "export * from './parts'\nexport {x} from \"./deep/x.js\"\n",
            "node_modules/typed/dist/parts/index.d.ts": "",
            "node_modules/typed/dist/deep/x.d.ts": "",
            "node_modules/typed/dist/unrelated.d.ts": "",
            "node_modules/@scope/exported/package.json": a_package(
                exports={".": {"import": {"types": "./index.d.mts", "default": "./index.mjs"}}}
            ),
            "node_modules/@scope/exported/index.d.mts": "",
            "node_modules/plain/package.json": a_package(),
            "node_modules/plain/index.d.ts": "",
            "node_modules/untyped/package.json": a_package(main="index.js"),
            "node_modules/untyped/index.js": "",
            "node_modules/@types/untyped/package.json": a_package(version="9.0.0"),
            "node_modules/@types/untyped/index.d.ts": "",
            "node_modules/@types/node/package.json": a_package(version="20.0.0"),
            "node_modules/@types/node/index.d.ts": '/// <reference path="fs.d.ts" />\n',
            "node_modules/@types/node/fs.d.ts": "",
            "node_modules/none/package.json": a_package(main="index.js"),
            "node_modules/none/index.js": "",
        }
    )
    names = ["typed", "@scope/exported/part", "plain", "untyped", "node:fs", "none", "./local", "absent", "/abs", ""]
    assert found(node.find(root, [(name, "src") for name in names])) == [
        "@scope/exported 1.2.3: @scope/exported/index.d.mts",
        "@types/node 20.0.0: @types/node/index.d.ts @types/node/fs.d.ts",
        "plain 1.2.3: plain/index.d.ts",
        "typed 1.2.3: typed/dist/main.d.ts typed/dist/parts/index.d.ts typed/dist/deep/x.d.ts",
        "untyped 9.0.0: untyped/index.d.ts",
    ]


def test_npm_packages_are_looked_for_from_the_importing_folder_upwards(write):
    root = write(
        {
            "node_modules/pack/package.json": a_package(version="1.0.0"),
            "node_modules/pack/index.d.ts": "",
            "packages/app/node_modules/pack/package.json": a_package(version="2.0.0"),
            "packages/app/node_modules/pack/index.d.ts": "",
        }
    )
    imports = [("pack", "packages/app/src"), ("pack", "packages/lib"), ("pack", "")]
    assert [each.version for each in node.find(root, imports)] == ["1.0.0", "2.0.0"]


@pytest.mark.parametrize("said", ["", "[]", "{", '{"types": 7}', '{"types": "../../../a.d.ts"}', '{"exports": []}'])
def test_npm_manifests_that_make_no_sense(write, said):
    root = write({"node_modules/pack/package.json": said, "a.d.ts": "export const secret: string\n"})
    assert list(node.find(root, [("pack", "")])) == []


# --- Go


def test_go_packages_of_the_module_cache_and_of_vendor(write, tmp_path):
    mod = "module example.com/own\n\nrequire (\n\tgithub.com/Some/lib v1.2.3 // indirect\n\tgithub.com/old/one v0.1.0\n)\n"
    root = write(
        {
            "go.mod": mod + "replace github.com/old/one => github.com/new/one v0.2.0\n",
            "vendor/github.com/vendored/pack/pack.go": "",
            "vendor/github.com/vendored/pack/pack_test.go": "",
        }
    )
    cache = tmp_path / "go/pkg/mod"
    for folder in ("github.com/!some/lib@v1.2.3/sub", "github.com/new/one@v0.2.0"):
        (cache / folder).mkdir(parents=True)
        (cache / folder / "file.go").touch()
    imports = ["fmt", "github.com/Some/lib/sub", "github.com/old/one", "github.com/vendored/pack", "example.com/own/x"]
    environment = {"GOPATH": str(tmp_path / "go")}
    places = [(path, "cmd/tool") for path in [*imports, "github.com/absent/pack"]]
    assert [text.replace(str(cache), "") for text in found(go.find(root, places, environment))][:2] == [
        "github.com/Some/lib/sub v1.2.3: github.com/Some/lib/sub/file.go",
        "github.com/old/one v0.2.0: github.com/old/one/file.go",
    ]
    assert [each.name for each in go.find(root, places, environment)][2:] == ["github.com/vendored/pack"]


def test_go_modules_do_not_lead_out_of_the_cache(write, tmp_path):
    (tmp_path / "go/pkg/mod").mkdir(parents=True)
    (tmp_path / "go/private.io@v1.0.0").mkdir()
    (tmp_path / "go/private.io@v1.0.0/keys.go").write_text("package keys\n")
    mod = "module own\nrequire (\n\ta.io/b v1.0.0\n\t../../private.io v1.0.0\n)\nreplace a.io/b => ../../private.io v1.0.0\n"
    imports = [("a.io/b", ""), ("../../private.io", ""), ("a.io/b/../../private.io", "")]
    assert list(go.find(write({"go.mod": mod}), imports, {"GOPATH": str(tmp_path / "go")})) == []


# --- what is known of them


REQUESTS = {
    f"{SITE}/requests/__init__.py": "from .api import get, post as send\nfrom . import models\nfrom .models import *\n",
    f"{SITE}/requests/api.py": (
        "def get(url, params=None, **kwargs):\n    def local(): pass\n    secret_inside = 1\n    return 1\n\n\n"
        "def post(url, data=None):\n    return 2\n\n\ndef _private(): pass\n"
    ),
    f"{SITE}/requests/models.py": (
        "class Response:\n    def __init__(self):\n        self.status_code = None\n\n    def json(self, **kwargs):\n"
        "        return None\n\n    def _hidden(self): pass\n"
    ),
    f"{SITE}/requests-2.31.0.dist-info/top_level.txt": "requests\n",
}


@pytest.fixture
def packages(database):
    """Collect what `imports` of a workspace mean, and open it."""
    opened = []

    def packages(root, *imports, workspace="here", day=1):
        report = bring_up_to_date(root, workspace, imports, database, day=day)
        opened.append(DependencyIndex(database, workspace, query_ms=5_000))
        return opened[-1], report

    yield packages
    for index in opened:
        index.close()


def said(hits):
    return [f"{hit.path}:{hit.line} {hit.container}.{hit.name}".replace(" .", " ") for hit in hits]


def test_names_are_found_where_the_imported_module_has_them_from(write, packages):
    index, report = packages(write(REQUESTS), ("python", "requests", "a.py"))
    assert (report.n_packages, report.n_new) == (1, 1)
    assert index.packages() == ["requests"]
    places = index.definitions(["get", "send", "Response", "post", "_private", "nothing"], module="requests")
    assert {name: said(hits) for name, hits in places.items()} == {
        "get": ["requests/api.py:0 get"],
        "send": ["requests/api.py:6 post"],
        "Response": ["requests/models.py:0 Response"],
        "post": ["requests/api.py:6 post"],
    }
    assert places["get"][0].signature == "def get(url, params=None, **kwargs):"
    assert index.definitions(["get"], module="elsewhere") == {}
    assert said(index.definitions(["json"])["json"]) == ["requests/models.py:4 Response.json"]


def test_a_module_offers_what_it_declares_and_takes_over(write, packages):
    index, _ = packages(write(REQUESTS), ("python", "requests", "a.py"))
    assert said(index.module_definitions("requests")) == [
        "requests/api.py:0 get",
        "requests/api.py:6 post",
        "requests/models.py:0 Response",
    ]
    assert said(index.module_definitions("requests/models")) == ["requests/models.py:0 Response"]
    members = index.members("Response", "requests/models.py")
    assert [member.name for member in members] == ["__init__", "status_code", "json"]


def test_nothing_but_signatures_is_stored(write, packages, database):
    packages(write(REQUESTS), ("python", "requests", "a.py"))
    data = b"".join(place.read_bytes() for place in database.parent.iterdir())
    assert b"def get(url" in data
    assert b"secret_inside" not in data
    assert b"_hidden" not in data


def test_names_that_a_package_takes_from_its_private_companion(write, packages):
    root = write(
        {
            f"{SITE}/checks/__init__.py": "from _checks.core import fixture as fixture\nfrom os import path\n",
            f"{SITE}/_checks/core.py": "def fixture(scope): pass\n",
            f"{SITE}/checks-1.0.dist-info/RECORD": "_checks/core.py,,\nchecks/__init__.py,,\n../../bin/checks,,\n",
        }
    )
    index, _ = packages(root, ("python", "checks", "a.py"))
    assert said(index.definitions(["fixture"], module="checks")["fixture"]) == ["_checks/core.py:0 fixture"]
    assert said(index.module_definitions("checks")) == ["_checks/core.py:0 fixture"]


def test_distributions_that_share_a_top_level_module_count_all(write):
    root = write({f"{SITE}/google/cloud/a.py": "", f"{SITE}/google/auth/b.py": ""})
    for name in ("google_auth-2.0", "google_cloud-1.0"):
        (root / f"{SITE}/{name}.dist-info").mkdir()
        (root / f"{SITE}/{name}.dist-info/top_level.txt").write_text("google\n")
    (package,) = python.find(root, ["google.auth"], {})
    assert package.version == "google_auth 2.0, google_cloud 1.0"


def test_typescript_declarations_and_what_an_entry_takes_over(write, packages):
    root = write(
        {
            "node_modules/lib/package.json": a_package(types="index.d.ts"),
            "node_modules/lib/index.d.ts": "export * from './shapes';\nexport { make as create } from './make';\n",
            "node_modules/lib/shapes.d.ts": (
                "export interface Shape {\n    area(): number;\n}\n"
                "export declare class Square implements Shape {\n    private side;\n    area(): number;\n}\n"
            ),
            "node_modules/lib/make.d.ts": "export declare function make(side: number): import('./shapes').Square;\n",
        }
    )
    index, _ = packages(root, ("web", "lib", "src/a.ts"), ("web", "./lib", "src/b.ts"))
    assert {hit.name for hit in index.module_definitions("lib")} == {"Shape", "Square", "make"}
    assert said(index.definitions(["create"], module="lib")["create"]) == ["lib/make.d.ts:0 make"]
    assert [hit.name for hit in index.members("Square", "lib/shapes.d.ts")] == ["area"]
    assert "private side" not in index.definitions(["Square"])["Square"][0].signature


@pytest.mark.parametrize(
    "entry",
    [
        'import * as z from "./parts";\nexport { z };\nexport default z;\n',
        'export * as z from "./parts";\n',
        'export * from "./inner";\n',
    ],
)
def test_a_module_that_is_offered_under_a_name(write, packages, entry):
    root = write(
        {
            "node_modules/zed/package.json": a_package(types="index.d.ts"),
            "node_modules/zed/index.d.ts": entry,
            "node_modules/zed/inner.d.ts": 'export * as z from "./parts";\n',
            "node_modules/zed/parts.d.ts": "declare function made(shape: object): object;\nexport { made as object };\n",
        }
    )
    index, _ = packages(root, ("web", "zed", "src/a.ts"))
    assert said(index.definitions(["object"], module="zed/z")["object"]) == ["zed/parts.d.ts:0 made"]
    assert said(index.module_definitions("zed/z")) == ["zed/parts.d.ts:0 made"]
    assert index.module_definitions("zed") == []


def test_go_shows_what_begins_with_a_capital(write, packages, monkeypatch, tmp_path):
    folder = tmp_path / "mod/github.com/some/lib@v1.2.3"
    folder.mkdir(parents=True)
    (folder / "lib.go").write_text(
        "package lib\n\ntype Client struct {\n\tName string\n\tinner int\n}\n\nfunc New(name string) *Client { return nil }\n\n"
        "func (c *Client) Do() error { return nil }\n\nfunc hidden() {}\n"
    )
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "mod"))
    root = write({"go.mod": "module own\nrequire github.com/some/lib v1.2.3\n"})
    index, _ = packages(root, ("go", "github.com/some/lib", "main.go"), ("go", "fmt", "main.go"))
    assert {hit.name for hit in index.module_definitions("github.com/some/lib")} >= {"Client", "New"}
    names = ["Client", "New", "Do", "hidden", "inner"]
    assert set(index.definitions(names, module="github.com/some/lib")) == {"Client", "New", "Do"}


def test_workspaces_share_packages_and_see_their_own_alone(write, packages):
    root = write({**REQUESTS, f"{SITE}/six.py": "def u(text): pass\n"})
    here, _ = packages(root, ("python", "requests", "a.py"))
    there, report = packages(root, ("python", "requests", "a.py"), ("python", "six", "a.py"), workspace="there")
    assert (report.n_packages, report.n_new) == (2, 1)
    assert here.packages() == ["requests"]
    assert there.packages() == ["requests", "six"]
    assert here.definitions(["u"]) == {}


def test_another_version_takes_the_place_of_the_old_one(write, packages):
    root = write(REQUESTS)
    index, _ = packages(root, ("python", "requests", "a.py"))
    (root / f"{SITE}/requests-2.31.0.dist-info").rename(root / f"{SITE}/requests-3.0.dist-info")
    (root / f"{SITE}/requests/api.py").write_text("def fetch(url): pass\n")
    _, report = packages(root, ("python", "requests", "a.py"), day=2)
    assert report.n_new == 1
    assert index.definitions(["get"]) == {}
    assert set(index.definitions(["fetch"])) == {"fetch"}
    _, report = packages(root, ("python", "requests", "a.py"), day=2)
    assert report.n_new == 0


def test_what_is_not_imported_any_more_is_not_seen_any_more(write, packages):
    root = write(REQUESTS)
    index, _ = packages(root, ("python", "requests", "a.py"))
    packages(root, ("python", "json", "a.py"))
    assert index.packages() == []


def test_the_database_is_bounded_and_forgets_what_nobody_uses(write, packages, database):
    root = write({f"{SITE}/pack{n}.py": f"def f{n}(" + "argument, " * 30 + "): pass\n" for n in range(20)})
    packages(root, *(("python", f"pack{n}", "a.py") for n in range(10)), workspace="old", day=1)
    index, _ = packages(root, *(("python", f"pack{n}", "a.py") for n in range(10, 20)), workspace="new", day=50)
    with closing(DependencyStore(database)) as store:
        assert len(store.known()) == 20
        store.trim(day=95)
        assert len(store.known()) == 10
        store.trim(day=95, max_bytes=0)
        assert store.known() == {}
    assert index.packages() == []


def test_a_broken_database_is_made_anew(write, packages, database):
    root = write(REQUESTS)
    index, _ = packages(root, ("python", "requests", "a.py"))
    index.close()
    database.write_bytes(b"broken" * 1_000)
    assert index.definitions(["get"]) == {}
    _, report = packages(root, ("python", "requests", "a.py"))
    assert report.n_new == 1
    assert set(index.definitions(["get"])) == {"get"}


def test_no_database_answers_nothing(database):
    index = DependencyIndex(database, "here")
    assert index.definitions(["get"], module="requests") == {}
    assert index.module_definitions("requests") == []
    assert index.members("A", "a.py") == []
    index.close()


# --- in the worker


def test_the_collector_follows_what_is_imported_and_installed(write, database):
    root = write({**REQUESTS, "a.py": "import requests\n", "b.py": "x = 1\n", f"{SITE}/six.py": "def u(text): pass\n"})
    build(root, database, tell=lambda _: None)
    told = []
    collector = Collector(root, database, told.append, wall_clock=lambda: 86_400.0)
    collector.after_pass()
    assert told.pop() == {"event": "packages", "n_packages": 1, "n_new": 1, "n_declarations": 6}
    index = WorkspaceIndex(database, query_ms=5_000)
    assert set(index.dependencies.definitions(["get", "u"])) == {"get"}
    (root / "b.py").write_text("import six\n")
    with closing(IndexStore(database)) as store:
        refresh_files(root, store, ["b.py"])
    collector.after_refresh(["b.py"])
    assert told.pop()["n_packages"] == 2
    assert set(index.dependencies.definitions(["get", "u"])) == {"get", "u"}
    collector.after_refresh(["a.py", "b.py"])
    assert told == []
    collector.after_refresh(["requirements.txt"])
    assert told.pop()["n_new"] == 0
    index.close()


def test_packages_that_cannot_be_stored_are_a_fault_and_no_more(write, database):
    root = write({**REQUESTS, "a.py": "import requests\n"})
    build(root, database, tell=lambda _: None)
    database.with_name("dependencies.db").mkdir()
    told = []
    Collector(root, database, told.append).after_pass()
    assert "dependencies.db" in told[0]["fault"]


async def test_the_worker_collects_when_it_is_told_to(write, database):
    root = write({**REQUESTS, "a.py": "import requests\n"})
    heard = asyncio.Queue()
    builder = IndexBuilder(root, database, dependencies=True, on_event=heard.put_nowait)
    builder.start()
    while (event := await asyncio.wait_for(heard.get(), 20))["event"] != "packages":
        pass
    assert event["n_packages"] == 1
    await builder.aclose()
