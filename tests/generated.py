"""Files in the repository that the code generates: `python tests/generated.py` writes them, `--check` compares.

Called by `make generate`, `make format` and, with `--check`, by `make lint`. Each entry is a command that prints the file.
"""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable

GENERATED: dict[str, list[str]] = {
    "copilot_ls/fixers/data/python_stdlib.txt": [PYTHON, "-m", "tests.stdlib_names"],
    "editors/MATRIX.md": [PYTHON, "-m", "tests.editors.matrix"],
    "editors/BACKENDS.md": [PYTHON, "-m", "copilot_ls.backends.reference"],
    "editors/SETTINGS.md": [PYTHON, "-m", "copilot_ls", "settings", "--reference"],
    "editors/settings.schema.json": [PYTHON, "-m", "copilot_ls", "settings", "--schema"],
    "editors/vscode/package.json": [PYTHON, "-m", "tests.vscode_manifest"],
}


def main(arguments: list[str]) -> int:
    """Write or compare every generated file; returns 1 if `--check` found one that is stale."""
    stale = 0
    for name, command in GENERATED.items():
        file = ROOT / name
        fresh = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")
        committed = file.read_text("utf-8") if file.exists() else ""
        if fresh == committed:
            continue
        if "--check" not in arguments:
            file.write_text(fresh, "utf-8")
            print(f"{name}: written")
            continue
        stale += 1
        print(f"{name} is not what the code generates; run `make generate`:")
        lines = difflib.unified_diff(committed.splitlines(), fresh.splitlines(), "committed", "generated", lineterm="")
        print("\n".join(list(lines)[:40]))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
