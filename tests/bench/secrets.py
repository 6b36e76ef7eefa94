"""Secrets: how many of a corpus are found, how often ordinary code is taken for one, and what looking costs.

The baseline of the time is one pass over the same text with a single simple regular expression.
"""

from __future__ import annotations

import re
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.prompt.redaction import Redactor, SecretFinder
from tests.bench.table import Row, median
from tests.safety.secret_corpus import corpus, is_left

if TYPE_CHECKING:
    from collections.abc import Callable

STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
N_CHARS = 32 * 1024
N_RUNS = 60
ROUNDS = 10
SIMPLE = re.compile(r"(?i)(?:password|secret|token|api_key)\W{1,5}\w{8,}")


def rows() -> list[Row]:
    """Recall over formats and surroundings, false findings in the standard library, milliseconds for a prompt."""
    samples = list(corpus(seed=20, rounds=ROUNDS))
    left = [sample for sample in samples if is_left(sample, Redactor().redact([[sample.text]]).texts[0][0])]
    formats = {sample.format for sample in samples}
    for sample in left:
        print(f"left: {sample.format} / {sample.surroundings} / {sample.language_id}", file=sys.stderr)
    missed = 100 * len(left) / len(samples)
    result = [
        Row(f"secrets: missed, {len(formats)} formats, {len(samples):,} samples", missed, unit="%", at_most=2.0),
        false_findings(with_tests=False),
        false_findings(with_tests=True),
    ]
    text = (STANDARD_LIBRARY / "argparse.py").read_text("utf-8")[: N_CHARS - 4_000]
    crowded = (text[:-6_000] + "".join(sample.text for sample in samples[:60]))[:N_CHARS]
    text = (text + "".join(sample.text for sample in samples[:5]))[:N_CHARS]
    simple = milliseconds(lambda: SIMPLE.findall(text))
    known = SecretFinder()
    known.find(text)
    typed = iter(range(1_000_000))
    redactor = Redactor()
    return [
        *result,
        Row("secrets: 32 kB never seen before, p50", milliseconds(lambda: SecretFinder().find(text)), baseline=simple, at_most=2.0),
        Row("secrets: 32 kB, one line changed, p50", milliseconds(lambda: known.find(f"{text}\nx{next(typed)} = 1")), baseline=simple, at_most=2.0),
        Row("secrets: 32 kB with 60 secrets, never seen, p50", milliseconds(lambda: SecretFinder().find(crowded)), baseline=simple),
        Row("secrets: a prompt of 32 kB redacted, p50", milliseconds(lambda: redactor.redact([[text, "x"]])), baseline=simple, at_most=2.0),
    ]  # fmt: skip


def false_findings(*, with_tests: bool) -> Row:
    """Whatever is found in the standard library counts as false."""
    finder = SecretFinder()
    n_lines = n_found = 0
    for file in sorted(STANDARD_LIBRARY.rglob("*.py")):
        parts = set(file.relative_to(STANDARD_LIBRARY).parts)
        if parts & {"site-packages", "dist-packages"} or (not with_tests and parts & {"test", "tests", "idle_test"}):
            continue
        text = file.read_text("utf-8", "replace")
        n_lines += text.count("\n")
        n_found += len(finder.find(text))
    which = "with its tests" if with_tests else "without its tests"
    name = f"secrets: found in {n_lines:,} lines of the standard library {which}"
    return Row(name, n_found / n_lines * 10_000, unit="per 10,000 lines", at_most=1.0, note=f"{n_found} in all")


def milliseconds(work: Callable[[], object]) -> float:
    """The median over many runs."""
    took = []
    for _ in range(N_RUNS):
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1000)
    return median(took)
