"""What the index knows of symbols: references, calls, inheritance, imports; and how they are looked up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.index.facts import pack_references, packed_uses, unpack_references, uses
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.module_names import may_mean, module_parts, module_tail
from copilot_ls.index.open_file import OpenFile
from copilot_ls.index.symbol_lookup import _fit
from copilot_ls.index.worker import build

# One project per language, the same in each: `Circle` is derived from `Shape` and calls `measure` in another file.
PROJECTS = {
    "python": (
        {
            "shapes/base.py": "class Shape:\n    def area(self):\n        return 0\n\ndef measure(size):\n    return size\n",
            "shapes/circle.py": "from shapes.base import Shape, measure\n\nclass Circle(Shape):\n    def area(self):\n        return measure(self.size)\n",
        },
        "shapes/circle.py",
        "shapes/base.py",
    ),
    "typescript": (
        {
            "src/base.ts": "export class Shape {\n  area(): number { return 0 }\n}\nexport function measure(size: number) { return size }\n",
            "src/circle.ts": "import { Shape, measure } from './base';\n\nexport class Circle extends Shape {\n  area(): number { return measure(this.size) }\n}\n",
        },
        "src/circle.ts",
        "src/base.ts",
    ),
    "javascript": (
        {
            "src/base.js": "export class Shape {\n  area() { return 0 }\n}\nexport function measure(size) { return size }\n",
            "src/circle.js": "import { Shape, measure } from './base.js';\n\nexport class Circle extends Shape {\n  area() { return measure(this.size) }\n}\n",
        },
        "src/circle.js",
        "src/base.js",
    ),
    "java": (
        {
            "org/shapes/Shape.java": "package org.shapes;\npublic class Shape {\n  double area() { return 0; }\n  static double measure(double size) { return size; }\n}\n",
            "org/round/Circle.java": "package org.round;\nimport org.shapes.Shape;\npublic class Circle extends Shape {\n  double area() { return measure(size); }\n}\n",
        },
        "org/round/Circle.java",
        "org/shapes/Shape.java",
    ),
    "go": (
        {
            "shapes/shape.go": "package shapes\n\ntype Shape struct{ Size float64 }\n\nfunc Measure(size float64) float64 { return size }\n",
            "round/circle.go": 'package round\n\nimport "example.org/x/shapes"\n\ntype Circle struct {\n\tshapes.Shape\n}\n\nfunc (c *Circle) Area() float64 {\n\treturn shapes.Measure(c.Size)\n}\n',
        },
        "round/circle.go",
        "shapes/shape.go",
    ),
    "cpp": (
        {
            "shapes/shape.hpp": "class Shape {\n public:\n  double area() { return 0; }\n};\ndouble measure(double size) { return size; }\n",
            "round/circle.cpp": '#include "shapes/shape.hpp"\nclass Circle : public Shape {\n  double area() { return measure(size); }\n};\n',
        },
        "round/circle.cpp",
        "shapes/shape.hpp",
    ),
    "csharp": (
        {
            "Shape.cs": "public class Shape {\n  public double Area() { return 0; }\n}\n",
            "Circle.cs": "public class Circle : Shape {\n  public double Area() { return Measure(size); }\n}\n",
        },
        "Circle.cs",
        None,
    ),
    "rust": (
        {
            "src/base.rs": "pub trait Shape { fn area(&self) -> f64; }\npub fn measure(size: f64) -> f64 { size }\n",
            "src/circle.rs": "use crate::base::{Shape, measure};\nstruct Circle { size: f64 }\nimpl Shape for Circle {\n    fn area(&self) -> f64 { measure(self.size) }\n}\n",
        },
        "src/circle.rs",
        "src/base.rs",
    ),
    "ruby": (
        {
            "lib/shape.rb": "class Shape\n  def area\n    0\n  end\nend\n",
            "lib/circle.rb": "require_relative 'shape'\n\nclass Circle < Shape\n  def area\n    measure(@size)\n  end\nend\n",
        },
        "lib/circle.rb",
        "lib/shape.rb",
    ),
    "php": (
        {
            "src/Shape.php": "<?php\nnamespace App;\nclass Shape {\n  function area() { return 0; }\n}\n",
            "src/Circle.php": "<?php\nnamespace App;\nuse App\\Shape;\nclass Circle extends Shape {\n  function area() { return measure($this->size); }\n}\n",
        },
        "src/Circle.php",
        "src/Shape.php",
    ),
}


@pytest.mark.parametrize("language", PROJECTS)
def test_a_project_in_every_language(indexed, language):
    files, circle, shape = PROJECTS[language]
    index = indexed(files)
    assert [(hit.name, hit.path) for hit in index.subtypes("Shape")] == [("Circle", circle)]
    assert [hit.base for hit in index.supertypes("Circle", circle)] == ["Shape"]
    calls = {hit.name.lower(): hit for hit in index.callees(circle, _area(index, circle))}
    assert list(calls) == ["measure"]
    (call,) = index.callers(calls["measure"].name)
    assert (call.path, call.scope.lower()) == (circle, "circle.area")
    assert files[circle].split("\n")[call.line].lower().count("measure(") == 1
    if shape is not None:
        assert {hit.path for hit in index.importers(shape)} == {circle}
        assert index.file_imports(circle)
        assert index.importers(circle) == []


def _area(index, path):
    (scope,) = {f"{hit.container}.{hit.name}" for hit in index.file_definitions(path) if hit.name.lower() == "area"}
    return scope


def test_definitions_come_from_the_grammar_with_the_end_of_their_body(indexed):
    text = "@decorated\nclass A(B,\n        C):\n    size: int = 3\n\n    def f(\n        self,\n    ):\n        self.late = 1\n        def inner():\n            pass\n"
    index = indexed({"a.py": text})
    found = {hit.name: hit for hit in index.file_definitions("a.py")}
    assert [(name, hit.kind, hit.line, hit.end, hit.body_end, hit.container) for name, hit in found.items()] == [
        ("A", "class", 1, 3, 11, ""),
        ("size", "variable", 3, 4, 4, "A"),
        ("f", "function", 5, 8, 11, "A"),
        ("late", "variable", 8, 9, 9, "A"),
        ("inner", "function", 9, 10, 11, ""),
    ]
    assert found["f"].signature == "    def f(\n        self,\n    ):"


def test_references_by_kind_and_those_nearby_first(indexed):
    index = indexed(
        {
            "a/one.py": "load(1)\nx: load\ny.load\n",
            "b/two.py": "def f():\n    load(2)\n",
            "b/load_more.py": "load_more()\n",
        }
    )
    both = index.references(["load", "never"], kinds={"call"}, near="b/open.py")
    assert [(hit.path, hit.line, hit.scope) for hit in both["load"]] == [("b/two.py", 1, "f"), ("a/one.py", 0, "")]
    assert "never" not in both
    assert [hit.kind for hit in index.references(["load"])["load"] if hit.path == "a/one.py"] == [
        "call",
        "type",
        "member",
    ]
    assert len(index.references(["load"], limit_each=1)["load"]) == 1


def test_names_with_signs_in_them(indexed):
    index = indexed({"a.rb": "save!(x)\nsave(x)\n", "b.js": "$store(1); store(2)\n"})
    assert [hit.path for hit in index.references(["$store"])["$store"]] == ["b.js"]
    assert index.references(["?"]) == {}


def test_symbols_are_found_by_what_somebody_types(indexed):
    text = "class Store:\n    def load_user(self): ...\ndef load(): ...\ndef reload(): ...\ndef lead_over_and(): ...\nload_100 = 1\n"
    index = indexed({"a.py": text})
    names = [hit.name for hit in index.search_symbols("load", limit=10)]
    assert names == ["load", "load_100", "load_user", "reload", "lead_over_and"]
    assert [hit.name for hit in index.search_symbols("lu", limit=10)] == ["load_user"]
    assert [hit.name for hit in index.search_symbols("store.l", limit=10)] == ["load_user"]
    assert [hit.name for hit in index.search_symbols("d_1", limit=10)] == ["load_100"]
    assert [hit.name for hit in index.search_symbols("OA", limit=10)] == []  # two letters begin a name, or nothing does
    assert [hit.name for hit in index.search_symbols("EAD_o", limit=10)] == ["lead_over_and"]
    assert index.search_symbols("", limit=10) == index.search_symbols("%", limit=10) == []


def test_a_saved_file_is_looked_at_again(indexed, database):
    from copilot_ls.index.worker import build

    index = indexed({"a.py": "one(1)\n", "b.py": "class B(A): pass\n"})
    root = database.parents[1] / "workspace"
    (root / "a.py").write_text("two(1)\n")
    (root / "b.py").unlink()
    build(root, database, tell=lambda _: None)
    assert list(index.references(["one", "two"])) == ["two"]
    assert index.subtypes("A") == []


@given(st.lists(st.tuples(st.sampled_from(["call", "type", "member"]), st.text(max_size=30), st.integers(0, 99))))
def test_packed_references_are_those_that_were_packed(references):
    import zlib

    packed = pack_references(references)
    found = unpack_references(zlib.compress(packed.encode("utf-8", "replace")))
    there = {(kind, name, line) for kind, name, line in references if "\t" not in name and "\n" not in name}
    assert {(kind, name, line) for name, each in found.items() for kind, line in uses(each)} == there
    assert {name: packed_uses(packed, name) for name in found} == found
    assert packed_uses(packed, "a name that nobody uses") == ""


@pytest.mark.parametrize(
    ("module", "name", "importer", "path", "family", "expected"),
    [
        ("a.b", "", "x.py", "src/a/b.py", "python", True),
        ("a", "b", "x.py", "a/b.py", "python", True),
        ("a.b", "C", "x.py", "a/b/__init__.py", "python", True),
        ("a.b", "", "x.py", "other/b.py", "python", False),
        (".", "b", "a/x.py", "a/b.py", "python", True),
        (".b", "C", "a/x.py", "a/b.py", "python", True),
        ("..b", "C", "a/c/x.py", "a/b.py", "python", True),
        ("..b", "C", "a/x.py", "a/b.py", "python", False),
        ("./b", "C", "a/x.ts", "a/b.ts", "web", True),
        ("./b.js", "C", "a/x.ts", "a/b.ts", "web", True),
        ("../b", "C", "a/x.ts", "b/index.ts", "web", True),
        ("..", "C", "a/x.ts", "index.ts", "web", False),
        ("./b", "C", "a/x.ts", "b.ts", "web", False),
        ("b", "C", "a/x.ts", "src/b.ts", "web", True),
        ("example.org/x/shapes", "", "main.go", "x/shapes/a.go", "go", True),
        ("shapes/shape.hpp", "", "a.cpp", "include/shapes/shape.hpp", "c", True),
        ("crate::base", "Shape", "src/a.rs", "src/base.rs", "rust", True),
        ("", "", "a.py", "a.py", "python", False),
    ],
)
def test_which_file_a_module_may_mean(module, name, importer, path, family, expected):
    assert may_mean(module, name, importer, module_parts(path, family)) is expected
    assert module_tail(module) == module_tail(module).lower()


def test_symbols_fit_in_this_order():
    names = ["Load", "load", "loader", "preload", "pre_load", "l_o_a_d"]
    assert sorted(names, key=lambda name: _fit(name, "load")) == [
        "load",
        "Load",
        "loader",
        "pre_load",
        "preload",
        "l_o_a_d",
    ]


def test_what_is_kept_of_declarations_is_what_a_fresh_reader_says(indexed, write, database):
    names = [f"name_{n}" for n in range(80)]
    index = indexed({"a.py": "".join(f"def {name}(): ...\n" for name in names), "b.py": "class Box:\n    name_3 = 1\n"})

    def asked(reader):
        return (
            [reader.definitions(names, limit_each=n) for n in (1, 20)],
            [reader.definitions([name]) for name in names[::9]],
            reader.members("Box", "b.py"),
            reader.file_definitions("a.py"),
        )

    opened = [OpenFile("a.py", 1, lambda: "def name_3(): ...\ndef name_70(): ...\n")]
    steps = [
        (lambda: None, []),
        (lambda: index.overlay(opened), opened),
        (lambda: build(write({"b.py": "class Box:\n    name_4 = 1\n"}), database, tell=lambda _: None), opened),
        (lambda: index.overlay([]), []),
    ]
    for change, open_files in steps:
        change()
        fresh = WorkspaceIndex(database, query_ms=5_000)
        fresh.overlay(open_files)
        assert asked(index) == asked(index) == asked(fresh)
        fresh.close()
