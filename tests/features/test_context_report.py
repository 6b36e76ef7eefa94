"""A report shows every part of a prompt with its source and cost, in three forms, and cannot be broken by what it shows."""

from __future__ import annotations

from copilot_ls.context.gather import Dropped, Gathered
from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.features.context_report import ContextReport, as_json, as_markdown, as_text, report_on
from copilot_ls.prompt.assemble import assemble
from copilot_ls.prompt.profiles import BY_NAME
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot


def report(
    text: str = "total = \n", snippet: str = "def price():\n    ...\n", profile: str = "generic"
) -> ContextReport:
    document = DocumentSnapshot("file:///w/a.py", "/w/a.py", "python", 1, TextSnapshot.of(text))
    snippets = (
        ContextSnippet("lib.py", 4, 6, snippet, "definitions", 7.25, 6),
        ContextSnippet("b.py", 0, 1, " ", "x", 1, 1),
    )
    gathered = Gathered(
        snippets, (Dropped("c.py", 9, 12, "similar_code", "budget"), Dropped("", 0, 0, "y", "deadline")), 3.0
    )
    prompt = assemble(document, Point(0, 8), snippets, budget_tokens=300, path="a.py", comment="#")
    return report_on(prompt, gathered, profile=BY_NAME[profile], path="a.py", language_id="python")


def test_the_text_has_source_score_and_cost_of_each_part_and_what_was_left_out():
    lines = as_text(report()).splitlines()
    assert any(line.startswith("=== snippet · lib.py:5-6 · definitions · score 7.25 · ") for line in lines)
    assert any(line.startswith("=== prefix · a.py:1-1 · open_file · ") for line in lines)
    parts = report().prompt.parts
    split = ", ".join(f"{part.what} {part.tokens}" for part in parts)
    assert f"{sum(part.tokens for part in parts)} of 300 tokens ({split}), format generic, gathered in 3.0 ms" in lines
    assert lines[lines.index("left out:") + 1 :] == [
        "  b.py:1-1 · x · has nothing but blank lines",
        "  c.py:10-12 · similar_code · no room",
        "  everything · y · not asked before the deadline",
    ]


def test_json_says_the_same_with_lines_from_zero():
    told = as_json(report())
    assert [(part["what"], part["start_line"], part["score"]) for part in told["parts"]] == [
        ("snippet", 4, 7.25),
        ("prefix", 0, None),
        ("suffix", 0, None),
    ]
    assert told["tokens"] == sum(part["tokens"] for part in told["parts"])
    assert told["left_out"][1] == {
        "path": "c.py", "start_line": 9, "end_line": 12, "source": "similar_code", "reason": "budget",
    }  # fmt: skip


def test_the_prompt_is_written_as_the_family_reads_it():
    assert report().written.endswith("total = █\n")
    written = report(profile="qwen-coder").written
    assert written.startswith("<|repo_name|>")
    assert written.endswith("total = <|fim_suffix|>\n<|fim_middle|>")


def test_no_text_can_close_the_fence_it_is_shown_in():
    shown = as_markdown(report(snippet="````\n# Not a heading\n"))
    assert "`````\n````\n# Not a heading\n`````" in shown
    assert "| snippet | lib.py:5-6 | definitions | 7.25 |" in shown
