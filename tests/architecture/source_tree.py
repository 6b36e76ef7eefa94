"""The repository as the architecture tests see it: modules, what each imports, and where.

Everything is read with `ast`; nothing is imported or run.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE_ROOTS = {
    "copilot_ls": ROOT / "copilot_ls",
    "copilot_ls_grammars": ROOT / "grammars" / "copilot_ls_grammars",
    "copilot_ls_telemetry": ROOT / "telemetry" / "copilot_ls_telemetry",
}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module. `names` are what `from module import …` takes; `for_types` means under `if TYPE_CHECKING`."""

    module: str
    names: tuple[str, ...]
    line: int
    for_types: bool

    def is_of(self, package: str) -> bool:
        return self.module == package or self.module.startswith(package + ".")


@dataclass(frozen=True, slots=True)
class Module:
    """One source file."""

    name: str
    file: Path
    source: str
    tree: ast.Module
    imports: tuple[Import, ...]

    def at(self, line: int) -> str:
        return f"{self.file.relative_to(ROOT)}:{line}"

    def is_of(self, package: str) -> bool:
        return self.name == package or self.name.startswith(package + ".")


def parse(name: str, file: Path, source: str) -> Module:
    """A module from its source."""
    tree = ast.parse(source, filename=str(file))
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return Module(name, file, source, tree, tuple(_imports(tree, package)))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the three packages."""
    found = []
    for package, root in PACKAGE_ROOTS.items():
        for file in sorted(root.rglob("*.py")):
            parts = [package, *file.relative_to(root).with_suffix("").parts]
            if parts[-1] == "__init__":
                parts.pop()
            found.append(parse(".".join(parts), file, file.read_text("utf-8")))
    assert len(found) > 20, "the packages were not found"
    return tuple(found)


def _imports(tree: ast.Module, package: str) -> list[Import]:
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    result = []
    for node in ast.walk(tree):
        for_types = id(node) in typing_only
        if isinstance(node, ast.Import):
            result += [Import(alias.name, (), node.lineno, for_types) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                base = package.split(".")[: len(package.split(".")) - node.level + 1]
                module = ".".join([*base, *filter(None, [module])])
            names = tuple(alias.name for alias in node.names)
            result.append(Import(module, names, node.lineno, for_types))
    return result
