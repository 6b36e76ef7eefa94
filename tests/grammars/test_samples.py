"""What the queries find in one sample per language, compared with a list that people have read.

After a change to queries run `python tests/grammars/test_samples.py` from the top, and read what it changed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot_ls.syntax import SyntaxDocument, language_for
from copilot_ls.syntax.routines import Routine, routine_at
from copilot_ls.syntax.runtime import runtime_for
from copilot_ls.syntax.symbols import file_symbols
from copilot_ls.text import Point, TextSnapshot

SAMPLES = sorted((Path(__file__).parent / "samples").glob("sample.*.txt"))


def listing(sample: Path) -> str:
    spec = language_for("", sample.name.removesuffix(".txt"))
    assert spec is not None
    symbols = file_symbols(spec, sample.read_bytes())
    source = sample.read_text("utf-8").split("\n")
    assert symbols is not None
    lines = ["definitions"]
    lines += [
        f"  {row.start_line + 1}-{row.end_line + 1} {row.kind} {row.container + ' > ' if row.container else ''}{row.name}: {' '.join(' '.join(source[row.start_line : row.signature_end]).split())}"
        for row in symbols.definitions
    ]
    lines.append("inherits")
    lines += [f"  {row.line + 1} {row.name} < {row.base}" for row in symbols.inherits]
    lines.append("imports")
    lines += [f"  {row.line + 1} {row.source} | {row.name} | {row.alias}".rstrip() for row in symbols.imports]
    lines.append("references")
    by_line: dict[int, list[str]] = {}
    for kind, name, line in symbols.references:
        by_line.setdefault(line + 1, []).append(f"{kind} {name}")
    lines += [f"  {number} {', '.join(rows)}" for number, rows in by_line.items()]
    return "\n".join(lines) + "\n"


def routines(sample: Path) -> str:
    """Every function of a sample, as it is described."""
    text = TextSnapshot.of(sample.read_text("utf-8"))
    tree = SyntaxDocument("", sample.name.removesuffix(".txt")).tree_at(text)
    found: dict[Point, Routine] = {}
    for line in range(text.n_lines):
        for column in (len(text.line_text(line)), len(text.line_text(line)) // 2):
            routine = routine_at(tree, Point(line, column))
            if routine is not None:
                found[routine.scope.span.start] = routine
    lines = []
    for start, routine in sorted(found.items()):
        lines.append(f"{start.line + 1} {routine.header}")
        if routine.documentation:
            lines.append(f"  says: {routine.documentation.splitlines()[0]}")
        for name in ("parameters", "returns", "raises", "catches", "calls", "reads", "writes"):
            if places := getattr(routine, name):
                lines.append(f"  {name}: " + " | ".join(f"{place.line + 1} {place.text}".rstrip() for place in places))
        counts = [f"{routine.n_ways} ways"]
        counts += [f"{n} {name}" for name in ("yields", "awaits") if (n := getattr(routine, f"n_{name}"))]
        lines.append(f"  {', '.join(counts)}")
    return "\n".join(lines) + "\n"


def golden(sample: Path) -> Path:
    return sample.with_suffix(".symbols")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_symbols_of_the_sample(sample) -> None:
    """Definitions with signatures, imports and references are found, and nothing else."""
    assert listing(sample) == golden(sample).read_text("utf-8")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_routines_of_the_sample(sample) -> None:
    """What each function takes, gives, raises, calls and writes is found, and nothing else."""
    assert routines(sample) == sample.with_suffix(".routines").read_text("utf-8")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_the_sample_is_right_code(sample) -> None:
    """A sample that the grammar cannot read would show nothing."""
    runtime = runtime_for(language_for("", sample.name.removesuffix(".txt")))
    assert not runtime.parse(sample.read_bytes()).root_node.has_error


def test_every_language_has_a_sample() -> None:
    """A language without a sample is not tested at all."""
    from copilot_ls_grammars import languages

    found = {language_for("", sample.name.removesuffix(".txt")).name for sample in SAMPLES}
    assert found == set(languages())


if __name__ == "__main__":
    for path in SAMPLES:
        golden(path).write_text(listing(path), "utf-8")
        path.with_suffix(".routines").write_text(routines(path), "utf-8")
