"""`copilot-ls eval fix`: faults are reported, mended by the real loop, and judged against the original."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from copilot_ls.cli import main
from copilot_ls.evaluation.faults import kinds_of
from copilot_ls.evaluation.fixes import choose, mutated
from tests.evaluation.repositories import Built

CODE = '''\
"""Settings."""

import json
import os


def load_settings(path):
    with open(path) as stream:
        found = json.load(stream)
    return found


def save_settings(path, settings):
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    with open(path, "w") as stream:
        json.dump(settings, stream)
    return path


def merge_settings(path, settings):
    merged = load_settings(path)
    merged.update(settings)
    if merged == settings:
        return settings
    save_settings(path, merged)
    return merged
'''
# The reports of a linter that knows whether a file compiles and its names are there; of attributes it says what no rule
# understands.
CHECK = """\
import ast, builtins, sys
path = sys.argv[1]
text = open(path).read()
try:
    tree = ast.parse(text)
except SyntaxError as error:
    print(f"{path}:{error.lineno}:{error.offset or 1}: error: {error.msg}")
    sys.exit(1)
known = set(dir(builtins))
for node in ast.walk(tree):
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)): known.add(node.name)
    if isinstance(node, ast.arg): known.add(node.arg)
    if isinstance(node, ast.alias): known.add((node.asname or node.name).split(".")[0])
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load): known.add(node.id)
missing = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id not in known]
for n in missing:
    print(f"{path}:{n.lineno}:{n.col_offset + 1}: error: Undefined name `{n.id}`")
strange = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr not in ATTRIBUTES]
for n in strange:
    print(f"{path}:{n.lineno}:{n.col_offset + 1}: error: nobody knows this here")
sys.exit(bool(missing or strange))
""".replace("ATTRIBUTES", "{'load', 'dump', 'update', 'path', 'dirname', 'makedirs'}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    (tmp_path / "config").mkdir()
    (tmp_path / "check.py").write_text(CHECK)
    return tmp_path


@pytest.fixture
def built(home: Path) -> Built:
    made = Built(home / "project")
    made.commit({"settings.py": CODE, "README.md": "Settings.\n"})
    return made


def figures(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    status = main(["eval", "fix", *map(str, words), "--json"])
    said = capsys.readouterr()
    assert status == 0, said.err
    return json.loads(said.out)


def test_faults_are_the_same_at_every_call(built: Built) -> None:
    commit, faults = choose(built.folder, "HEAD", 12, (), 1)
    assert (commit, faults) == choose(built.folder, "HEAD", 12, (), 1)
    assert len({fault.kind for fault in faults}) == 12
    for fault in faults:
        texts = mutated(fault.path, fault.kind, CODE, 1)
        assert texts == mutated(fault.path, fault.kind, CODE, 1)
        assert CODE not in texts


def test_each_language_has_its_kinds() -> None:
    assert len(kinds_of("a.py")) > 20
    assert len(kinds_of("a.ts")) > 20
    assert kinds_of("a.go") == {}


def test_the_embedded_fixers_mend_and_a_silent_model_gives_up(home: Path, built: Built, capsys) -> None:
    (home / "config" / "config.toml").write_text('[backend.silent]\nkind = "scripted"\noptions.answers = []\n')
    words = (built.folder, "--check", f"{sys.executable} {home / 'check.py'} {{file}}", "--faults", 16)
    found = figures(capsys, *words, "--backend", "embedded", "--backend", "silent")
    embedded, silent = found["backends"]
    assert embedded["trials"] == silent["trials"] >= 8
    assert embedded["n_good"] >= embedded["trials"] // 2
    assert embedded["endings"].get("worse", 0) == 0
    # Its route has a model that says nothing; the embedded fixers are asked before it all the same.
    assert silent["n_good"] == embedded["n_good"]
    assert embedded["endings"]["unreported"] > 0
    assert main(["eval", "fix", *map(str, words)]) == 0
    assert "By kind of fault" in capsys.readouterr().out


def oracle(built: Built, n: int) -> list[dict]:
    """Who knows each line that a fault has changed."""
    answers = []
    for fault in choose(built.folder, "HEAD", n, (), 1)[1]:
        old, new = CODE.split("\n"), mutated(fault.path, fault.kind, CODE, 1)[fault.number].split("\n")
        head = next(at for at, (a, b) in enumerate(zip([*old, ""], [*new, ""], strict=False)) if a != b)
        tail = next(at for at, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b)
        first, end = max(0, head - 1), max(head, len(new) - tail) + 1
        wrong, right = "\n".join(new[first:end]), "\n".join(old[first : end + len(old) - len(new)])
        edit = {"edits": [{"old_text": wrong, "new_text": right}], "explanation": "A slip."}
        pattern = "(?s)" + r"\s.*?".join(re.escape(line.strip()) for line in wrong.split("\n") if line.strip())
        answers.append({"message": pattern, "text": json.dumps(edit)})
    return answers


def test_a_good_model_mends_what_rules_do_not(home: Path, built: Built, capsys) -> None:
    script = home / "oracle.json"
    script.write_text(json.dumps({"answers": oracle(built, 24)}))
    (home / "config" / "config.toml").write_text(
        f'[backend.oracle]\nkind = "scripted"\ninput_price = 1.0\noutput_price = 1.0\noptions.script = {json.dumps(str(script))}\n'
    )
    check = f"{sys.executable} {home / 'check.py'} {{file}}"
    words = (built.folder, "--check", check, "--faults", 24, "--backend", "embedded", "--backend", "oracle")
    embedded, good = figures(capsys, *words)["backends"]
    assert good["n_good"] > embedded["n_good"]
    assert good["sums"]["by_model"] >= good["n_good"] - embedded["n_good"]
    assert good["cost"] > 0
    assert embedded["sums"]["by_model"] == 0
    assert good["cost_per_good"] == pytest.approx(good["cost"] / good["n_good"])


def test_a_model_that_makes_it_worse_is_not_believed(home: Path, built: Built, capsys) -> None:
    edit = {"edits": [{"old_text": "import os\n", "new_text": "import os\n\nboth = (\n"}]}
    (home / "config" / "config.toml").write_text(
        '[backend.bad]\nkind = "scripted"\ninput_price = 1.0\noutput_price = 1.0\n'
        f"[[backend.bad.options.answers]]\ntext = {json.dumps(json.dumps(edit))}\n"
    )
    check = f"{sys.executable} {home / 'check.py'} {{file}}"
    found = figures(capsys, built.folder, "--check", check, "--faults", 10, "--backend", "bad")
    (bad,) = found["backends"]
    assert bad["endings"].get("worse", 0) == 0
    assert bad["cost"] is None or bad["cost"] >= 0


def test_without_trust_the_parser_alone_judges(home: Path, built: Built, capsys) -> None:
    assert main(["eval", "fix", str(built.folder), "--faults", "8"]) == 0
    said = capsys.readouterr()
    assert "is not trusted: faults count where the code does not parse; `copilot-ls trust" in said.err
    assert "the parser alone" in said.out


def test_records_quote_nothing(home: Path, built: Built, capsys) -> None:
    check = f"{sys.executable} {home / 'check.py'} {{file}}"
    figures(capsys, built.folder, "--check", check, "--faults", 24)
    (file,) = (home / "state" / "evaluations").glob("*/records.jsonl")
    records = file.read_text("utf-8")
    assert "gave_up" in records
    assert not re.search(r"load_settings|json\.|merged|`", records)


def test_one_of_many_that_cannot_be_broken_is_told_of(home: Path, built: Built, capsys) -> None:
    plain = Built(home / "plain")
    plain.commit({"a.md": "a\n"})
    found = figures(capsys, plain.folder, built.folder, "--check", "true", "--faults", 4)
    assert list(found["subjects"]) == ["project"]


def test_what_has_no_code_says_so(home: Path, capsys) -> None:
    made = Built(home / "plain")
    made.commit({"a.md": "a\n"})
    assert main(["eval", "fix", str(made.folder), "--check", "true"]) == 2
    assert "has no file of 20 to 1500 lines in Python or TypeScript to put faults into" in capsys.readouterr().err


def test_a_check_that_is_no_command_is_said(home: Path, built: Built, capsys) -> None:
    assert main(["eval", "fix", str(built.folder), "--check", "'"]) == 2
    assert "is not a command line" in capsys.readouterr().err


def test_it_goes_on_where_it_was(home: Path, built: Built, capsys) -> None:
    check = f"{sys.executable} {home / 'check.py'} {{file}}"
    whole = figures(capsys, built.folder, "--check", check, "--faults", 6)
    (file,) = (home / "state" / "evaluations").glob("*/records.jsonl")
    lines = [line for line in file.read_bytes().split(b"\n") if line]
    file.write_bytes(b"\n".join(lines[:3]) + b"\n")
    again = figures(capsys, built.folder, "--check", check, "--faults", 6)
    for found in (whole, again):
        for each in found["backends"]:
            del each["median_ms"]
            each["sums"].pop("took_ms", None)
    assert again == whole
