"""`copilot-ls index` and `copilot-ls context`."""

import io
import json
import sys

import pytest

from copilot_ls.cli import main
from copilot_ls.prompt.tokens import estimate
from tests.safety.secret_corpus import TOKENS, Draw


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    root = tmp_path / "project"
    (root / "pkg").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    (root / ".env").write_text("KEY=1\n")
    (root / "pkg" / "prices.py").write_text(
        "def discounted_price(article, percent):\n    return article.price * percent\n"
    )
    (root / "pkg" / "invoice.py").write_text("from pkg.prices import discounted_price\n\ntotal = discounted_price(\n")
    monkeypatch.chdir(root)
    return root


def test_index_says_what_it_holds(folder, capsys):
    assert main(["index", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["files"], report["changed"], report["left_out"]["secret"]) == (3, 3, 1)
    assert main(["index", str(folder)]) == 0
    assert "0 new or changed" in capsys.readouterr().out


def test_index_explains_a_file(folder, capsys):
    assert main(["index", "--why", ".env"]) == 0
    assert capsys.readouterr().out == ".env: left out (secret)\n"
    assert main(["index", "--why", "pkg/prices.py", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"path": "pkg/prices.py", "counts": True, "reason": None}
    assert main(["index", "--why", "../x.py"]) == 0
    assert "outside" in capsys.readouterr().out


def test_index_refuses_what_is_no_folder(folder, capsys):
    assert main(["index", "nowhere"]) == 2
    assert "'nowhere' is not a folder" in capsys.readouterr().err


def test_a_problem_with_the_settings_is_told_once(folder, tmp_path, capsys):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[context]\nbudget_tokens = 'many'\n")
    assert main(["context", "pkg/invoice.py:3:26"]) == 0
    assert capsys.readouterr().err.count("budget_tokens") == 1


def test_context_shows_the_prompt_and_where_each_part_comes_from(folder, capsys):
    assert main(["context", "pkg/invoice.py:3:26", "--budget", "500"]) == 0
    out = capsys.readouterr().out
    assert "=== snippet · pkg/prices.py:1-2 " in out
    assert "=== prefix · pkg/invoice.py:1-3 · open_file" in out
    assert main(["context", "pkg/invoice.py:3:26", "--prompt", "--profile", "starcoder2"]) == 0
    assert capsys.readouterr().out.endswith("discounted_price(<fim_suffix>\n<fim_middle>\n")
    assert "of 500 tokens" in out
    assert main(["context", "pkg/invoice.py:3:26", "--budget", "500", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert {part["what"] for part in parts} >= {"snippet", "prefix"}


def test_a_batch_answers_each_line_from_the_text_given_not_from_the_disk(folder, capsys, monkeypatch):
    lines = [
        {
            "id": "a",
            "path": "pkg/invoice.py",
            "prefix": "from pkg.prices import discounted_price\nx = discounted_price(",
            "suffix": "\n",
        },
        {"id": 2, "path": "not/there.py", "prefix": "price = article.", "suffix": ""},
        {"id": 3, "path": "../outside.py", "prefix": "", "suffix": ""},
        {"id": 4, "path": "a.py"},
        [],
    ]
    text = "\n".join(json.dumps(line) for line in lines) + "\nnot json\n\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert main(["context", "--batch", "-", "--workspace", str(folder), "--budget", "200"]) == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", 2, 3, 4, None, None]
    assert all("error" in answer for answer in answers[2:])
    first = answers[0]
    assert set(first) == {"id", "snippets", "ms"}
    assert first["snippets"]
    for snippet in first["snippets"]:
        assert set(snippet) == {"path", "start_line", "end_line", "text", "source", "score", "tokens"}
        assert snippet["path"] != "pkg/invoice.py"
        assert snippet["tokens"] == estimate(snippet["text"])
    assert sum(snippet["tokens"] for snippet in first["snippets"]) <= 200


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a.py:1:1", "--batch", "-"],
        ["gone.py:1:1"],
        ["pkg/invoice.py:3:1", "--profile", "nobody"],
        ["pkg/invoice.py:99:1"],
        ["nonsense"],
        ["--batch", "gone.jsonl"],
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(folder, capsys, words):
    assert main(["context", *words]) == 2
    assert capsys.readouterr().err.startswith("copilot-ls context: ")


def test_a_cache_that_cannot_be_written_leaves_the_prompt_without_snippets(folder, capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COPILOT_LS_CACHE_DIR", str(tmp_path / "file"))
    assert main(["context", "pkg/invoice.py:3:26"]) == 0
    captured = capsys.readouterr()
    assert "=== prefix" in captured.out
    assert captured.err


def test_context_marks_what_is_redacted(folder, capsys):
    """The prompt is shown as it is sent: with a placeholder for each secret, and a sum of them."""
    token = TOKENS["GitHub personal token"](Draw("context"))
    (folder / "pkg" / "login.py").write_text(f'TOKEN = "{token}"\n\nlogin(TOKEN, \n')
    assert main(["context", "pkg/login.py:3:14"]) == 0
    out = capsys.readouterr().out
    assert token not in out
    assert 'TOKEN = "REDACTED_1_GITHUB_TOKEN"' in out
    assert "secrets that placeholders stand for: github_token 1" in out
    assert main(["context", "pkg/login.py:3:14", "--prompt", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["redacted"] == {"github_token": 1}
    assert token not in json.dumps(told)
    assert "REDACTED_1_GITHUB_TOKEN" in told["prompt"]


def test_context_shows_nothing_of_an_ignored_file(folder, capsys):
    (folder / ".gitignore").write_text("private.py\n")
    for name in ("private.py", ".env"):
        (folder / name).write_text("x = 1\ny = \n")
        assert main(["context", f"{name}:2:5"]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "is ignored" in captured.err
