"""What reports say and how they are built, from records that are made up: golden pages, and HTML that is whole and inert.

`pytest tests/evaluation/test_report.py --update-goldens` writes the pages as they are now.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from random import Random

import pytest

from copilot_ls.evaluation.ending_figures import ending_figures
from copilot_ls.evaluation.ending_kinds import FIX, FIX_LIMITS, HOLES, HOLES_LIMITS, TOOLS, TOOLS_LIMITS
from copilot_ls.evaluation.replay_figures import replay_figures
from copilot_ls.evaluation.report.endings_page import Words, endings_page
from copilot_ls.evaluation.report.html import html
from copilot_ls.evaluation.report.markdown import markdown
from copilot_ls.evaluation.report.page import Page
from copilot_ls.evaluation.report.provenance import Provenance
from copilot_ls.evaluation.report.replay_page import replay_page
from copilot_ls.evaluation.tally import N_BINS, Tally
from copilot_ls.evaluation.units import Record

GOLDEN = Path(__file__).parent / "golden"


def provenance(n: int, **more) -> Provenance:
    return Provenance(
        command="copilot-ls eval replay . --backend embedded --backend cloud",
        seed=1,
        versions={"copilot-ls": "0", "Python": "3", "system": "Linux"},
        subjects={"project": "0123456789abcdef"},
        models={"embedded": "embedded", "cloud": "model-1"},
        cost=1.25,
        n_done=n,
        n_wanted=n,
        **more,
    )


def tally(chance: Random, skill: float, *, costs: bool) -> Tally:
    shown = chance.randint(8, 30)
    right = sum(chance.random() < skill for _ in range(shown))
    made = Tally(
        language=chance.choice(["python", "go"]), lines=10, chars=300, keys=300 - 5 * right, requests=280, spoke=shown * 2,
        shown=shown, right=right, accepted=right, dismissed=shown - right, accepted_chars=6 * right, exact=right // 4,
        similarity=shown * skill, asked=200, answered=200, latency_ms=[20.0, 30.0, 90.0],
    )  # fmt: skip
    if costs:
        made.cost, made.input_tokens, made.output_tokens = 0.002 * shown, 900, 90
        made.faults.update({"http_429": 2})
    else:
        made.with_confidence = shown
        made.bins[N_BINS - 1] = [shown, right]
    return made


def replay() -> Page:
    chance = Random(7)
    records = {}
    for number in range(9):
        for backend, skill in (("embedded", 0.6), ("cloud", 0.8)):
            key = f"project/{number:040}/{backend}"
            files = [tally(chance, skill, costs=backend == "cloud").as_json() for _ in range(2)]
            records[key] = Record(key, {"files": files, "cpu_s": 4.0})
    problems = {"project/0003": "its worker ended with status -9, twice"}
    left_out = {"excluded": 2, "no code": 5}
    figures = replay_figures(records, list(records), ["embedded", "cloud"], 1)
    return replay_page(figures, provenance(18, problems=problems, left_out=left_out, cpu_s=80.0))


def endings(kind) -> Page:
    known = {"holes": (HOLES, HOLES_LIMITS), "fix": (FIX, FIX_LIMITS), "tools": (TOOLS, TOOLS_LIMITS)}
    ended, limits = known[kind]
    chance = Random(kind)
    records = {}
    for number in range(20):
        for backend in ("embedded", "cloud"):
            key = f"project/a.py:{number}/{backend}"
            data = {
                "ending": chance.choice(list(ended.words)),
                ended.group: chance.choice(["one", "other"]),
                "tries": 1,
            }
            if kind == "fix":
                data |= {"took_ms": float(number), "why": "no rule mends it"}
            records[key] = Record(key, data, 0.01 if backend == "cloud" else None)
    standings = ending_figures(records, list(records), ["embedded", "cloud"], ended)
    words = Words("A title", "What was done.", "trials", "good ones", "By group", limits, (("tries", "tries"),))
    return endings_page(standings, ended, words, provenance(40))


PAGES = {
    "replay": replay,
    "holes": lambda: endings("holes"),
    "fix": lambda: endings("fix"),
    "tools": lambda: endings("tools"),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_the_golden_one(name: str, pytestconfig: pytest.Config) -> None:
    said, path = markdown(PAGES[name]()), GOLDEN / f"{name}.md"
    if pytestconfig.getoption("--update-goldens"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, "utf-8")
    assert said == path.read_text("utf-8")


class Whole(HTMLParser):
    """Every element that is opened is closed, in order."""

    VOID = frozenset({"meta", "rect", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", PAGES)
def test_the_html_is_whole_and_inert(name: str) -> None:
    parsed = Whole()
    parsed.feed(html(PAGES[name]()))
    assert parsed.open == []
    assert not parsed.names & {"script", "img", "link", "iframe", "a", "object"}
    assert not [value for name, value in parsed.attributes if name in {"href", "src"} or name.startswith("on")]
    assert ("role", "img") in parsed.attributes


@pytest.mark.parametrize("name", PAGES)
def test_both_forms_say_the_same_figures(name: str) -> None:
    page = PAGES[name]()
    rows = re.findall(r"<tr>(.*?)</tr>", html(page))
    assert len(rows) == sum(line.startswith("| ") for line in markdown(page).splitlines())


def test_names_of_others_are_text() -> None:
    page = Page("<script>x</script> *a* [b](http://c)", 'a | b & "c"')
    assert "<script>x" not in html(page)
    said = markdown(page)
    assert r"\*a\* \[b\]" in said
    assert r"\<script\>" in said
    assert r"a \| b" in said
