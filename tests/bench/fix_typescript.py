"""The TypeScript half of `bench_fix`: packages, kinds of faults, the compiler, and its own code fixes as the baseline.

The compiler runs as its language service, a process that is asked about one text after the other in the place of its
file, because starting tsc costs more than checking a file. What it reports is read by the reader of tsc's listings.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.checking.tsc import read_listing
from copilot_ls.evaluation.faults.typescript import KINDS
from copilot_ls.text import TextSnapshot
from tests.bench.context_projects import TYPESCRIPT as SOURCES
from tests.bench.context_projects import workspace
from tests.bench.mutations import Subject
from tests.bench.packages import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from copilot_ls.diagnostic import Diagnostic

TYPESCRIPT = "npm:typescript@5.9.3"
_SERVICE = Path(__file__).with_name("typescript_service.js")


@contextlib.contextmanager
def _service(root: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    command = ["node", "--max-old-space-size=3000", str(_SERVICE), str(unpacked(TYPESCRIPT)), str(root)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(**question: Any) -> dict[str, Any]:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise SystemExit("TypeScript's language service ended; is there a node of version 18 or later on PATH?")
            return json.loads(line)

        try:
            yield ask
        finally:
            process.stdin.close()


def check_typescript(root: Path, texts: Mapping[str, str]) -> dict[str, list[Diagnostic]]:
    """What the compiler reports of each text; `src/a.ts#3` is a text of `src/a.ts`."""
    found = {}
    with _service(root) as ask:
        for key, text in texts.items():
            name = key.partition("#")[0]
            listing = ask(file=name, text=text)["listing"]
            path = (root / name).resolve()
            found[key] = read_listing(listing, TextSnapshot.of(text), str(path), root.resolve())
    return found


def own_fixes(root: Path, texts: Mapping[str, str]) -> dict[str, str]:
    """Each text after the first code fix that TypeScript itself offers for the first report that has one."""
    with _service(root) as ask:
        return {key: ask(file=key.partition("#")[0], text=text, fix=True)["fixed"] for key, text in texts.items()}


SUBJECT = Subject(
    name="TypeScript",
    language_id="typescript",
    endings=(".ts",),
    kinds=KINDS,
    tuning=("npm:rxjs@7.8.1", "npm:ajv@8.17.1", "npm:@trpc/server@10.45.2", "npm:mobx@6.13.5"),
    judging=(
        "npm:ethers@6.13.4", "npm:@tanstack/table-core@8.20.5", "npm:effect@3.11.6", "npm:@tanstack/query-core@5.62.7",
    ),
    check=check_typescript,
    checkers=f"{TYPESCRIPT}, strict, unused locals",
    sources=lambda package: workspace(package, SOURCES),
    baselines={"TypeScript's own code fixes": own_fixes},
)  # fmt: skip
