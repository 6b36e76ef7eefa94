"""Imports point down, and each foreign package has one place that knows it.

Every message says what to do instead. The last tests feed the rules bad modules, so that a rule that has gone blind fails.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.architecture.source_tree import ROOT, Import, Module, modules, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

# From the top down. Two names in one row know nothing of each other's users either way.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("lsp",),
    ("evaluation",),
    ("features",),
    ("fixers", "checking"),
    ("routing",),
    ("postprocess",),
    ("backends",),
    ("prompt",),
    ("context",),
    ("index",),
    ("syntax",),
    ("config",),
    ("edits", "diagnostic"),
    ("text", "errors"),
    ("",),  # copilot_ls itself: the version
)
DEPTH = {name: depth for depth, row in enumerate(LAYERS) for name in row}

# Foreign module -> who may import it, and what everybody else does.
PROTECTED: dict[str, tuple[tuple[str, ...], str]] = {
    "pygls": (("copilot_ls.lsp",), "speak of suggestions, snapshots and points; lsp/ puts them on the wire"),
    "lsprotocol": (("copilot_ls.lsp",), "speak of suggestions, snapshots and points; lsp/ puts them on the wire"),
    "httpx2": (("copilot_ls.backends._http",), "use copilot_ls.backends._http, which bounds and cancels requests"),
    "httpcore2": (("copilot_ls.backends._http", "copilot_ls.backends._http2"), "use copilot_ls.backends._http"),
    "h2": (("copilot_ls.backends._http2",), "use copilot_ls.backends._http"),
    "tree_sitter": (("copilot_ls.syntax",), "ask copilot_ls.syntax; its answers are points and spans"),
    "sqlite3": (
        (
            "copilot_ls_telemetry.store",
            "copilot_ls_telemetry.merging",
            "copilot_ls.index.store",
            "copilot_ls.index.reading",
        ),
        "keep SQL in the telemetry store and the index store",
    ),
    "opentelemetry": (
        ("copilot_ls_telemetry.otlp.sending", "copilot_ls.cli.forward"),
        "what is sent to the user's collector goes through copilot_ls_telemetry.otlp, in a process of its own",
    ),
    "pyarrow": (("copilot_ls.features.exporting.tables",), "pyarrow is an extra: copilot_ls.features.exporting.tables"),
    "httpx": ((), "use httpx2: httpx wedges when requests are cancelled"),
    "requests": ((), "use copilot_ls.backends._http"),
    "aiohttp": ((), "use copilot_ls.backends._http"),
    "urllib.request": ((), "use copilot_ls.backends._http"),
    "http.client": ((), "use copilot_ls.backends._http"),
    "socket": (
        ("copilot_ls.lsp", "copilot_ls.backends._http"),
        "nothing but lsp/ and backends/_http talks to a socket",
    ),
    "pickle": ((), "store JSON or bytes: reading a pickle runs what is in it"),
    "shelve": ((), "store JSON or bytes: reading a pickle runs what is in it"),
    # At the repository's root these can be imported in development, and only there.
    "tests": ((), "shipped code does not know its tests"),
    "grammars": ((), "import copilot_ls_grammars"),
    "telemetry": ((), "import copilot_ls_telemetry"),
    "editors": ((), "shipped code does not know the editors' folders"),
}

PURE = ("copilot_ls.prompt", "copilot_ls.postprocess")
IMPURE_MODULES = (
    "asyncio", "concurrent", "datetime", "ctypes", "fcntl", "glob", "importlib.resources", "io", "logging",
    "multiprocessing", "os", "platformdirs", "random", "secrets", "shutil", "signal", "socket", "sqlite3", "subprocess",
    "tempfile", "threading", "time", "urllib.request", "uuid",
)  # fmt: skip
IMPURE_CALLS = ("open", "print", "input", "exec", "eval", "__import__")

# pygls is built on these two and mended through them.
DECLARED_THROUGH_PYGLS = {"attrs", "cattrs"}


def upward_imports(module: Module) -> list[str]:
    """Imports of `module` that point up."""
    if not module.is_of("copilot_ls"):
        return []
    layer = _layer(module.name)
    if layer not in DEPTH:
        return [f"{module.at(1)}: {layer} is no layer; give it a row in LAYERS of {Path(__file__).name}"]
    found = []
    for taken in module.imports:
        if not taken.is_of("copilot_ls"):
            continue
        for name in _imported_modules(taken):
            other = _layer(name)
            if other in DEPTH and DEPTH[other] < DEPTH[layer]:
                found.append(
                    f"{module.at(taken.line)} imports {name}, but {layer} lies below {other}. Move what both need into "
                    f"{layer} or lower, or let {other} pass it in."
                )
    return found


def foreign_imports(module: Module) -> list[str]:
    """Imports by `module` of what only others may import."""
    found = []
    for taken in module.imports:
        for name, (allowed, instead) in PROTECTED.items():
            grammar = name == "tree_sitter" and taken.module.startswith("tree_sitter_")
            if (taken.is_of(name) or grammar) and not any(module.is_of(place) for place in allowed):
                found.append(f"{module.at(taken.line)} imports {taken.module}: {instead}.")
    return found


def impurities(module: Module) -> list[str]:
    """What in a pure module reaches for a clock, a disk, a network or chance."""
    if not any(module.is_of(package) for package in PURE):
        return []
    found = []
    for taken in module.imports:
        paths = taken.is_of("pathlib") and not all(name.startswith("Pure") for name in taken.names or ("Path",))
        if not taken.for_types and (paths or any(taken.is_of(name) for name in IMPURE_MODULES)):
            found.append(
                f"{module.at(taken.line)} imports {taken.module}: prompt/ and postprocess/ are pure. "
                "Take what you need from it as an argument."
            )
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            found.append(f"{module.at(node.lineno)} calls {node.func.id}(): prompt/ and postprocess/ are pure.")
    return found


def foreign_knowledge(module: Module) -> list[str]:
    """Imports of copilot_ls, or of each other, by the packages that stand alone."""
    if module.is_of("copilot_ls"):
        return []
    own = module.name.partition(".")[0]
    return [
        f"{module.at(taken.line)} imports {taken.module}: {own} stands alone. Define what it needs in {own}, and let "
        "copilot_ls translate."
        for taken in module.imports
        if taken.module.startswith("copilot_ls") and not taken.is_of(own)
    ]


def undeclared_imports(module: Module) -> list[str]:
    """Imports of distributions that pyproject.toml does not declare."""
    found = []
    for taken in module.imports:
        top = taken.module.partition(".")[0]
        if top in sys.stdlib_module_names or top.startswith("copilot_ls"):
            continue
        owners = {owner.lower().replace("_", "-") for owner in _distributions().get(top, [top])}
        if not owners & (_declared() | DECLARED_THROUGH_PYGLS):
            found.append(
                f"{module.at(taken.line)} imports {taken.module}, which pyproject.toml does not declare: "
                "add it to [project.dependencies] and run `make lock`, or do without."
            )
    return found


RULES = (upward_imports, foreign_imports, impurities, foreign_knowledge, undeclared_imports)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_breaks_the_import_rules(rule) -> None:
    broken = [message for module in modules() for message in rule(module)]
    assert not broken, "\n".join(broken)


def test_every_layer_of_the_design_exists() -> None:
    present = {_layer(module.name) for module in modules() if module.is_of("copilot_ls")}
    assert present == set(DEPTH)


@pytest.mark.parametrize(
    ("rule", "name", "source", "says"),
    [
        (upward_imports, "copilot_ls.context.x", "from copilot_ls.features import lifecycle", "context lies below features"),
        (upward_imports, "copilot_ls.text", "from copilot_ls import config", "text lies below config"),
        (upward_imports, "copilot_ls.index.x", "from ..lsp.server import y", "index lies below lsp"),
        (upward_imports, "copilot_ls.syntax.x", "def f():\n    import copilot_ls.index.walk", "syntax lies below index"),
        (upward_imports, "copilot_ls.stuff", "", "no layer"),
        (foreign_imports, "copilot_ls.features.x", "from lsprotocol import types", "lsp/ puts them on the wire"),
        (foreign_imports, "copilot_ls.backends.openai", "import httpx2", "_http"),
        (foreign_imports, "copilot_ls.backends._http", "import httpx", "httpx2"),
        (foreign_imports, "copilot_ls.index.x", "import tree_sitter_python", "copilot_ls.syntax"),
        (foreign_imports, "copilot_ls.cli.stats", "import sqlite3", "telemetry store"),
        (foreign_imports, "copilot_ls.features.x", "from telemetry import store", "copilot_ls_telemetry"),
        (impurities, "copilot_ls.prompt.x", "import time", "pure"),
        (impurities, "copilot_ls.prompt.x", "from pathlib import Path", "pure"),
        (impurities, "copilot_ls.postprocess.x", "def f():\n    open('x')", "calls open"),
        (foreign_knowledge, "copilot_ls_telemetry.x", "from copilot_ls.text import Point", "stands alone"),
        (foreign_knowledge, "copilot_ls_grammars", "import copilot_ls_telemetry", "stands alone"),
        (undeclared_imports, "copilot_ls.lsp.x", "import pytest", "does not declare"),
    ],
)  # fmt: skip
def test_each_rule_sees_what_it_forbids(rule, name: str, source: str, says: str) -> None:
    (message,) = rule(parse(name, ROOT / "x.py", source))
    assert says in message


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("copilot_ls.features.x", "from copilot_ls.context import gather\nimport copilot_ls_telemetry"),
        ("copilot_ls.lsp.x", "import pygls, lsprotocol.types, attrs"),
        ("copilot_ls.backends._http", "import httpx2"),
        ("copilot_ls.syntax.x", "import tree_sitter, tree_sitter_go"),
        ("copilot_ls.prompt.x", "from pathlib import PurePosixPath\nimport re"),
        ("copilot_ls_telemetry.store", "import sqlite3"),
    ],
)
def test_no_rule_forbids_what_is_allowed(name: str, source: str) -> None:
    module = parse(name, ROOT / "x.py", source)
    assert not [message for rule in RULES for message in rule(module)]


def _layer(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def _imported_modules(taken: Import) -> list[str]:
    # `from copilot_ls import text` names the module in its second half.
    return [f"{taken.module}.{name}" for name in taken.names] if taken.module == "copilot_ls" else [taken.module]


@cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


@cache
def _declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    cut = str.maketrans(dict.fromkeys("<>=!~[; ", "\0"))
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    declared = [*project["dependencies"], *extras]
    return {requirement.translate(cut).partition("\0")[0].lower() for requirement in declared}
