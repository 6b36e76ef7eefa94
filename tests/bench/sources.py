"""Made-up source code, the same on every machine: files that look like a project, and one file of any length."""

from __future__ import annotations

import random
from pathlib import Path

NOUNS = [
    "order",
    "customer",
    "invoice",
    "parcel",
    "account",
    "ledger",
    "payment",
    "refund",
    "session",
    "token",
    "budget",
    "report",
    "ticket",
    "quota",
    "member",
]
VERBS = [
    "load",
    "save",
    "merge",
    "parse",
    "render",
    "validate",
    "schedule",
    "cancel",
    "archive",
    "publish",
    "resolve",
    "collect",
    "rotate",
    "settle",
]


def python_source(n_lines: int, seed: int = 0) -> str:
    """Python functions of a few lines each, `n_lines` lines in all."""
    chance = random.Random(seed)
    lines = ['"""A module that was made up."""', "", "import logging", "", "logger = logging.getLogger(__name__)", ""]
    number = 0
    while len(lines) < n_lines:
        number += 1
        verb, noun, other = chance.choice(VERBS), chance.choice(NOUNS), chance.choice(NOUNS)
        lines += [
            "",
            f"def {verb}_{noun}_{seed}_{number}({noun}, {other}_id, limit={chance.randint(1, 99)}):",
            f'    """{verb.title()} the {noun} of one {other}."""',
            f"    if {noun}.{other}_count > limit:",
            f'        logger.info("{verb} {noun} %s", {other}_id)',
            f"        return {noun}.{verb}({other}_id, limit - {chance.randint(1, 9)})",
            f"    {other} = {noun}.find_{other}({other}_id)",
            f"    return [{other}.{noun}_{number % 17} for _ in range(limit)]",
            "",
        ]
    return "\n".join(lines[:n_lines]) + "\n"


def write_workspace(root: Path, n_files: int = 1000, n_lines: int = 120) -> None:
    """A project of `n_files` Python files in folders of fifty."""
    for number in range(n_files):
        folder = root / f"package_{number // 50:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"module_{number:04}.py").write_text(python_source(n_lines, seed=number), "utf-8")
    # What the measured suggestion continues: common in the workspace, absent from the open file.
    for number in range(3):
        (root / f"handler_{number}.py").write_text(
            "def handle(request, registry):\n"
            "    connection = registry.acquire_connection(request.tenant, timeout=registry.default_timeout)\n"
            f"    return connection.run({number})\n",
            "utf-8",
        )
