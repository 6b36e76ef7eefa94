"""ruff and pyright over many files at once, pinned: ruff as the development environment has it, pyright from npm.

Each text is laid beside its original under a name of its own, so that its imports mean what they meant. Called by
`bench_fix` and `fix_python`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.text import Point, PositionEncoding, Span, TextSnapshot, column_from_units
from tests.bench.packages import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

PYRIGHT = "npm:pyright@1.1.414"
RULES = "E4,E7,E9,F,B006"
_MARK = "__judged_"


def laid_out(root: Path, texts: Mapping[str, str]) -> dict[Path, str]:
    """Write each text beside the file that its key names (`pkg/a.py#3` is a text of `pkg/a.py`): place to key."""
    places = {}
    for number, (key, text) in enumerate(texts.items()):
        path = root / key.partition("#")[0]
        place = path.with_name(f"{path.stem}{_MARK}{number}{path.suffix}")
        place.write_text(text, "utf-8", newline="")
        places[place] = key
    return places


def check_python(root: Path, texts: Mapping[str, str]) -> dict[str, list[Diagnostic]]:
    """What both report of each text."""
    places = laid_out(root, texts)
    try:
        found: dict[str, list[Diagnostic]] = {key: [] for key in texts}
        snapshots = {key: TextSnapshot.of(text) for key, text in texts.items()}
        for key, diagnostic in (*_ruff(root, places, snapshots), *_pyright(root, places, snapshots)):
            found[key].append(diagnostic)
    finally:
        for place in places:
            place.unlink()
    return found


def _listed(root: Path, places: Mapping[Path, str]) -> list[str]:
    return [str(each.relative_to(root)) for each in places]


def _ruff(root: Path, places: Mapping[Path, str], snapshots: Mapping[str, TextSnapshot]):
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--exit-zero",
        "--output-format=json",
        f"--select={RULES}",
    ]
    done = subprocess.run([*command, *_listed(root, places)], cwd=root, capture_output=True, check=True)
    for each in json.loads(done.stdout):
        key = places[Path(each["filename"])]
        start, end = each["location"], each["end_location"]
        span = Span(Point(start["row"] - 1, start["column"] - 1), Point(end["row"] - 1, end["column"] - 1))
        code = str(each["code"] or "invalid-syntax")
        yield (
            key,
            Diagnostic(span, _plain(each["message"]), "Ruff", code, "error" if code == "invalid-syntax" else "warning"),
        )


def _pyright(root: Path, places: Mapping[Path, str], snapshots: Mapping[str, TextSnapshot]):
    (root / "pyrightconfig.json").write_text(json.dumps({"include": _listed(root, places)}), "utf-8")
    command = ["node", str(unpacked(PYRIGHT) / "index.js"), "--outputjson", "--project", str(root)]
    done = subprocess.run(
        command,
        cwd=root,
        capture_output=True,
        check=False,
        env=os.environ | {"NODE_OPTIONS": "--max-old-space-size=3000"},
    )
    try:
        reports = json.loads(done.stdout)["generalDiagnostics"]
    except (ValueError, KeyError):
        raise SystemExit(f"pyright said nothing that can be read: {done.stderr.decode()[-2000:]}") from None
    for each in reports:
        key = places.get(Path(each["file"]))
        if key is None:
            continue
        text = snapshots[key]
        start, end = (_point(text, each["range"][side]) for side in ("start", "end"))
        yield (
            key,
            Diagnostic(Span(start, end), _plain(each["message"]), "Pyright", each.get("rule", ""), each["severity"]),
        )


def _point(text: TextSnapshot, place: dict[str, int]) -> Point:
    return Point(place["line"], column_from_units(text.line(place["line"]), place["character"], PositionEncoding.UTF16))


def _plain(message: str) -> str:
    """A message without the name that the text was laid out under."""
    return re.sub(rf"{_MARK}\d+", "", message)


def ruff_fix(root: Path, texts: Mapping[str, str]) -> dict[str, str]:
    """What `ruff check --fix` makes of each text, with the fixes that it calls safe."""
    places = laid_out(root, texts)
    try:
        command = [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--isolated",
            "--no-cache",
            "--exit-zero",
            "--quiet",
            "--fix",
            f"--select={RULES}",
        ]
        subprocess.run([*command, *_listed(root, places)], cwd=root, capture_output=True, check=True)
        return {key: place.read_text("utf-8") for place, key in places.items()}
    finally:
        for place in places:
            place.unlink()
