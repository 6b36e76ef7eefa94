"""What the sources look like: small modules, telling names, nothing of the machine they were written on."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize

import pytest

from tests.architecture.source_tree import ROOT, Module, modules, parse

# Lines of code. Docstrings, comments and blank lines do not count, so that nobody saves on them.
LONGEST_MODULE = 360
# Names that say nothing about what is inside.
BANNED = {"util", "utils", "utility", "utilities", "helper", "helpers", "manager", "managers"}

NO_CODE = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER
}  # fmt: skip
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

# Put together from halves, or this file would break its own rule.
TRACES = {
    "a path of somebody's machine": r"/wo" r"rk/(?:main|shared|\.)|/ro" r"ot/|/opt/py" r"pi|/opt/wh" r"eels",
    "the host of a package registry": r"py" r"pi\.org|pythonho" r"sted\.org|registry\.npm" r"js|deb\.deb" r"ian\.org|crates\." r"io",
}  # fmt: skip
TRACELESS = {".scm", ".py", ".md", ".toml", ".lock", ".sql", ".json", ".lua", ".sh", ".el", ".js", ".txt", ""}


def test_modules_are_small() -> None:
    lengths = {module: len(code_lines(module)) for module in modules()}
    long = [
        f"{module.at(1)} has {length} lines of code, more than {LONGEST_MODULE}; split it by what its parts do"
        for module, length in lengths.items()
        if length > LONGEST_MODULE
    ]
    assert not long, "\n".join(long)


def test_modules_and_classes_are_named_for_what_they_do() -> None:
    vague = []
    for module in modules():
        classes = [node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
        named = [(part, 1) for part in module.name.split(".")]
        named += [(re.sub(r"(?<!^)(?=[A-Z])", "_", node.name), node.lineno) for node in classes]
        vague += [f"{module.at(line)}: {name!r}" for name, line in named if BANNED & set(name.lower().split("_"))]
    assert not vague, "these names say nothing; say what it does, in the terms of the field:\n" + "\n".join(vague)


def test_lines_of_code_are_counted_without_prose() -> None:
    source = '"""Two\nlines."""\n\nimport re  # a reason\n\n# More.\n\ndef f(\n    x,\n):\n    """Doc."""\n    return """a\nb"""\n'
    assert len(code_lines(parse("x", ROOT / "x.py", source))) == 6


@pytest.mark.parametrize("trace", TRACES)
def test_no_tracked_file_holds(trace: str) -> None:
    pattern = re.compile(TRACES[trace])
    found = []
    for file in tracked_files():
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert not found, f"these lines hold {trace}; the project runs on other machines too:\n" + "\n".join(found)


def test_the_patterns_of_traces_match_traces() -> None:
    samples = [sample.replace("^", "") for sample in ("/wo^rk/main/x", "/ro^ot/.cache", "https://py^pi.org/simple")]
    assert all(any(re.search(pattern, sample) for pattern in TRACES.values()) for sample in samples)


def tracked_files():
    """Files under version control and new ones that are not ignored; in an unpacked sdist, every file."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    names = listing.stdout.split("\0") if listing.returncode == 0 else list(ROOT.rglob("*"))
    files = [ROOT / name for name in names if name]
    return [file for file in files if file.is_file() and file.suffix in TRACELESS]


def code_lines(module: Module) -> set[int]:
    """Numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(module.source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(module.tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return lines
