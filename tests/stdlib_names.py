"""`python -m tests.stdlib_names`: the names of Python's standard library, from the stubs that mypy brings along.

The table lists, for each public module, what it offers, for each public class, its members, and for each name of a
function or a class, the parameters that may be passed to what is called so. Stubs are read, nothing is imported: what a library module does when it is imported is no matter.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import mypy

STUBS = Path(mypy.__file__).parent / "typeshed" / "stdlib"
HEAD = (
    "# What the modules and classes of Python's standard library offer; made of typeshed's stubs (Apache-2.0).\n"
    "# Made by `python -m tests.stdlib_names`. `=module.Class Base | member` says what a class is derived from and has,\n"
    "# `(name parameter` what may be passed by keyword to any function, method or class of that name.\n"
)
# Rarely called with keywords, and long.
WITHOUT_PARAMETERS = ("tkinter", "turtle", "curses", "ctypes", "winreg", "msilib")
SKIPPED = ("lib2to3", "distutils", "test", "idlelib", "turtledemo", "this", "antigravity")


def table() -> str:
    lines: list[str] = []
    keywords: dict[str, set[str]] = {}
    for path in sorted(STUBS.rglob("*.pyi")):
        parts = path.relative_to(STUBS).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        module = ".".join(parts)
        if parts[0] in SKIPPED or any(part.startswith("_") and part != "__future__" for part in parts):
            continue
        parsed = ast.parse(path.read_text("utf-8"))
        names, classes = offered(parsed, module)
        if parts[0] not in WITHOUT_PARAMETERS:
            for name, found in parameters(parsed.body):
                keywords.setdefault(name, set()).update(found)
        lines.append(" ".join([module, *sorted(names)]))
        for name, (bases, members) in sorted(classes.items()):
            lines.append(" ".join([f"={module}.{name}", *bases, "|", *sorted(members)]))
    lines += [" ".join([f"({name}", *sorted(found)]) for name, found in sorted(keywords.items()) if found]
    return HEAD + "\n".join(lines) + "\n"


def parameters(body, class_name=""):
    """Names of what is called, with the names of parameters that may be passed by keyword."""
    for node in statements(body):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from parameters(node.body, node.name)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            is_made = class_name and node.name in ("__init__", "__new__")
            if is_made or not node.name.startswith("_"):
                names = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)} - {"self", "cls", "metacls"}
                yield class_name if is_made else node.name, {name for name in names if not name.startswith("_")}


def offered(tree: ast.Module, module: str):
    names: set[str] = set()
    classes: dict[str, tuple[list[str], set[str]]] = {}
    listed: set[str] = set()
    for node in statements(tree.body):
        if isinstance(node, ast.ImportFrom):
            # Stubs offer what they import as itself; whole private modules are taken over by `*`.
            names |= {each.asname for each in node.names if each.asname and each.asname == each.name}
            if any(each.name == "*" for each in node.names) and node.level == 0 and node.module:
                names |= private(node.module)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
            if not node.name.startswith("_"):
                classes[node.name] = ([base for each in node.bases if (base := base_name(each))], members(node))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {each.id for each in targets if isinstance(each, ast.Name)}
            if any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets):
                listed |= {
                    each.value
                    for each in ast.walk(node.value)
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    return {each for each in names | listed if not each.startswith("_")}, classes


def private(module: str) -> set[str]:
    path = STUBS / f"{module.replace('.', '/')}.pyi"
    return offered(ast.parse(path.read_text("utf-8")), module)[0] if path.is_file() else set()


def statements(body):
    """Statements of all platforms and versions."""
    for node in body:
        if isinstance(node, ast.If):
            yield from statements(node.body)
            yield from statements(node.orelse)
        else:
            yield node


def members(node: ast.ClassDef) -> set[str]:
    found: set[str] = set()
    for each in statements(node.body):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(each.name)
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            found.add(each.target.id)
        elif isinstance(each, ast.Assign):
            found |= {target.id for target in each.targets if isinstance(target, ast.Name)}
    return {name for name in found if not name.startswith("_")}


def base_name(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    text = ast.unparse(node)
    return "" if text in {"object", "Generic", "Protocol", "type"} else text


if __name__ == "__main__":
    sys.stdout.write(table())
