"""A workspace of any size that was made up: several languages, realistic sizes, names that are used across files.

Sizes of files are spread as in real projects (log-normal: half below 70 lines, a few of thousands). Each file declares
types and functions, imports others that exist and calls what they declare; bodies are put together from the same
statements with different names, so that lines repeat as often as they do in real code. The same for the same seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.sources import NOUNS, VERBS

if TYPE_CHECKING:
    from pathlib import Path

_NOUNS = [
    *NOUNS,
    "cache",
    "buffer",
    "packet",
    "route",
    "region",
    "policy",
    "cluster",
    "volume",
    "replica",
    "shard",
    "tenant",
    "widget",
    "layout",
    "theme",
    "plugin",
    "filter",
    "stream",
]
_VERBS = [*VERBS, "encode", "decode", "apply", "revert", "attach", "detach", "enqueue", "flush", "verify", "measure"]
_FILES_PER_FOLDER = 40
# Language, ending, share of the files.
_LANGUAGES = (("python", "py", 0.4), ("typescript", "ts", 0.25), ("go", "go", 0.2), ("java", "java", 0.15))


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: `sample` is one of its Python files, of some hundred lines."""

    root: Path
    n_files: int
    n_lines: int
    n_bytes: int
    sample: Path


def make_workspace(root: Path, n_files: int, seed: int = 7) -> Made:
    """Write the files; some 100 lines each on average."""
    chance = random.Random(seed)
    names = [_module(chance, number) for number in range(n_files)]
    n_lines = n_bytes = 0
    sample: tuple[int, Path] = (0, root)
    endings = [ending for _, ending, _ in _LANGUAGES]
    shares = [share for _, _, share in _LANGUAGES]
    for number, name in enumerate(names):
        wanted = min(int(chance.lognormvariate(4.03, 0.95)) + 4, 5_000)
        ending = chance.choices(endings, shares)[0]
        others = [names[chance.randrange(n_files)] for _ in range(min(8, 1 + wanted // 25))]
        lines = _WRITERS[ending](chance, name, others, wanted)
        text = "\n".join([*lines, ""])
        place = (
            root
            / f"part{number // (_FILES_PER_FOLDER * 25):03}"
            / f"unit{number // _FILES_PER_FOLDER:04}"
            / f"{name}.{ending}"
        )
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        n_lines, n_bytes = n_lines + len(lines), n_bytes + len(text)
        if ending == "py" and abs(len(lines) - 300) < abs(sample[0] - 300):
            sample = (len(lines), place)
    return Made(root, n_files, n_lines, n_bytes, sample[1])


def _module(chance: random.Random, number: int) -> str:
    return f"{chance.choice(_NOUNS)}_{chance.choice(_VERBS)}_{number}"


def _type(module: str) -> str:
    return "".join(part.title() for part in module.split("_"))


def _words(chance: random.Random) -> tuple[str, str, str]:
    return chance.choice(_VERBS), chance.choice(_NOUNS), chance.choice(_NOUNS)


def _python(chance: random.Random, name: str, others: list[str], wanted: int) -> list[str]:
    lines = [f'"""About {name.replace("_", " ")}."""', "", "import logging", ""]
    lines += [f"from unit.{other} import {_type(other)}" for other in others]
    lines += ["", "logger = logging.getLogger(__name__)", "", "", f"class {_type(name)}({_type(others[0])}):"]
    lines += ["    def __init__(self, name: str, limit: int = 10) -> None:", "        self.name = name", ""]
    while len(lines) < wanted:
        verb, noun, other = _words(chance)
        used = _type(chance.choice(others))
        lines += [
            f"    def {verb}_{noun}(self, {noun}: {used}, {other}s: list[int]) -> {used} | None:",
            f"        if not {noun}.is_valid({len(lines) % 17}):",
            f'            logger.warning("cannot {verb} %s", {noun}.name)',
            "            return None",
            f"        for item in {other}s:",
            f"            self.{verb}_{other}(item, limit={chance.randrange(100)})",
            f"            {noun}.total += item",
            f"        return {noun}",
            "",
        ]
    return lines


def _typescript(chance: random.Random, name: str, others: list[str], wanted: int) -> list[str]:
    lines = [f'import {{ {_type(other)} }} from "../unit/{other}";' for other in others]
    lines += ["", f"export class {_type(name)} extends {_type(others[0])} {{", "  private readonly limit = 10;", ""]
    while len(lines) < wanted:
        verb, noun, other = _words(chance)
        used = _type(chance.choice(others))
        lines += [
            f"  async {verb}{noun.title()}({noun}: {used}, {other}s: number[]): Promise<{used} | undefined> {{",
            f"    if (!{noun}.isValid({len(lines) % 17})) {{",
            f"      throw new Error(`cannot {verb} ${{{noun}.name}}`);",
            "    }",
            f"    for (const item of {other}s) {{",
            f"      await this.{verb}{other.title()}(item, {chance.randrange(100)});",
            "    }",
            f"    return {noun};",
            "  }",
            "",
        ]
    return [*lines, "}"]


def _go(chance: random.Random, name: str, others: list[str], wanted: int) -> list[str]:
    lines = [f"package unit{len(name)}", "", "import ("]
    lines += [f'\t"example.com/made/{other}"' for other in others]
    lines += [
        ")",
        "",
        f"type {_type(name)} struct {{",
        "\tName string",
        f"\tInner *{others[0]}.{_type(others[0])}",
        "}",
        "",
    ]
    while len(lines) < wanted:
        verb, noun, other = _words(chance)
        used = chance.choice(others)
        lines += [
            f"func (s *{_type(name)}) {verb.title()}{noun.title()}({noun} *{used}.{_type(used)}, {other}s []int) error {{",
            f"\tif !{noun}.IsValid({len(lines) % 17}) {{",
            f'\t\treturn fmt.Errorf("cannot {verb} %s", {noun}.Name)',
            "\t}",
            f"\tfor _, item := range {other}s {{",
            f"\t\ts.{verb.title()}{other.title()}(item, {chance.randrange(100)})",
            "\t}",
            "\treturn nil",
            "}",
            "",
        ]
    return lines


def _java(chance: random.Random, name: str, others: list[str], wanted: int) -> list[str]:
    lines = ["package com.example.made;", ""]
    lines += [f"import com.example.made.{_type(other)};" for other in others]
    lines += ["", f"public class {_type(name)} extends {_type(others[0])} {{", "    private final int limit = 10;", ""]
    while len(lines) < wanted:
        verb, noun, other = _words(chance)
        used = _type(chance.choice(others))
        lines += [
            f"    public {used} {verb}{noun.title()}({used} {noun}, List<Integer> {other}s) {{",
            f"        if (!{noun}.isValid({len(lines) % 17})) {{",
            f'            throw new IllegalStateException("cannot {verb} " + {noun}.getName());',
            "        }",
            f"        for (int item : {other}s) {{",
            f"            {verb}{other.title()}(item, {chance.randrange(100)});",
            "        }",
            f"        return {noun};",
            "    }",
            "",
        ]
    return [*lines, "}"]


_WRITERS = {"py": _python, "ts": _typescript, "go": _go, "java": _java}
