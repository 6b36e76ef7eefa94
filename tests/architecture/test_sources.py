"""What the sources look like: small modules, telling names, nothing of the machine they were written on."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

from tests.architecture.source_tree import ROOT, modules

LONGEST_MODULE = 400
# Longer ones, each with its own limit and the reason.
LONGER = {"copilot_ls.text": 500}  # a buffer and its snapshots share one representation, which nobody else may know
# Names that say nothing about what is inside.
BANNED = {"util", "utils", "utility", "utilities", "helper", "helpers", "manager", "managers", "misc", "common"}

# Put together from halves, or this file would break its own rule.
TRACES = {
    "a path of somebody's machine": r"/wo" r"rk/(?:main|shared|\.)|/ro" r"ot/|/ho" r"me/(?!you|user|me)[a-z]|/opt/py" r"pi|/opt/wh" r"eels",
    "the host of a package registry": r"py" r"pi\.org|pythonho" r"sted\.org|registry\.npm" r"js|deb\.deb" r"ian\.org|crates\." r"io",
}  # fmt: skip
TRACELESS = {".scm", ".py", ".md", ".toml", ".lock", ".sql", ".json", ".lua", ".sh", ".el", ".js", ".txt", ""}


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_modules_are_small_and_named_for_what_they_do(module) -> None:
    lines = module.source.count("\n")
    assert lines < LONGER.get(module.name, LONGEST_MODULE), (
        f"{module.at(1)} has {lines} lines; split it by what its parts do"
    )
    names = [*module.name.split(".")]
    names += [
        re.sub(r"(?<!^)(?=[A-Z])", "_", node.name) for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)
    ]
    vague = [name for name in names if BANNED & set(name.lower().split("_"))]
    assert not vague, f"{module.at(1)}: {vague} say nothing; name what it does, in the terms of the field"


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
    samples = [
        sample.replace("^", "")
        for sample in ("/wo^rk/main/x", "/ro^ot/.cache", "/ho^me/alice", "https://py^pi.org/simple")
    ]
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
