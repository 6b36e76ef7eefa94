"""The fixer around the loop: embedded fixers first, several reports at once, what is never sent, how it ends."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from copilot_ls_telemetry.events import BackendAsked, BackendFault, BackendPassedOver

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.edits import Replacement
from copilot_ls.features.fixing.budget import FixLimits
from copilot_ls.features.fixing.outcome import FixOutcome, FixTask
from copilot_ls.fixers.base import Problem, Proposal, Proposals
from copilot_ls.text import Point, Span
from tests.fixing.opened import opened_files
from tests.fixing.scene import Model, PatternChecker, Scene, described, result_of, task_at
from tests.safety.secret_corpus import TOKENS, Draw

CODE = "def price(article):\n    return article.prise\n\n\ndef cost(article):\n    return article.koste\n"
LINE = Point(1, 0)
RIGHT = json.dumps({"edits": [{"old_text": "    return article.prise", "new_text": "    return article.price"}]})
WRONG = RIGHT.replace("article.price", "article.prife")


@pytest.fixture
async def scene(tmp_path: Path):
    """Makes scenes, and closes them."""
    made: list[Scene] = []

    def make(*models: Model, **more: Any) -> Scene:
        made.append(Scene(list(models), tmp_path, **more))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


def spelling() -> PatternChecker:
    return PatternChecker([("F821", r"\bpri[a-bd-z]e\b"), ("F822", r"\bkoste?\b")])


def rename(word: str, to: str, certainty: float = 0.8):
    """A fixer that replaces the reported word, if it is this one."""

    def propose(problem: Problem) -> Proposals:
        if problem.diagnostic is None or word not in problem.diagnostic.message:
            return Proposals(why_none=f"only {word} is known")
        edit = Replacement(problem.diagnostic.span, to)
        return Proposals((Proposal("misspelt", f"Rename to '{to}'", (edit,), certainty, f"{word} is {to}."),))

    return propose


def first_of(*fixers: Any):
    def propose(problem: Problem) -> Proposals:
        found = [each for fixer in fixers for each in fixer(problem).found]
        return Proposals(tuple(found), "" if found else "none knows it")

    return propose


async def fix(scene: Scene, checker: PatternChecker, at: Point = LINE, code: str = CODE) -> FixOutcome:
    return await scene.fix(task_at(scene.document("shop.py", code), at, checker))


async def test_a_verified_embedded_fix_asks_no_model(scene) -> None:
    checker, model = spelling(), Model("small", [RIGHT])
    outcome = await fix(scene(model, checkers=[checker], propose=rename("prise", "price")), checker)
    assert described(outcome) == "verified by patterns\ntries 0, refused 0, by embedded"
    assert (outcome.title, outcome.rule, outcome.explanation) == ("Rename to 'price'", "misspelt", "prise is price.")
    assert "article.price" in result_of(outcome)
    assert model.asked == []


async def test_a_wrong_embedded_fix_is_not_offered_and_a_model_is_asked(scene) -> None:
    checker, model = spelling(), Model("small", [RIGHT])
    outcome = await fix(scene(model, checkers=[checker], propose=rename("prise", "prije")), checker)
    assert described(outcome) == "verified by patterns\ntries 1, refused 0, by small"


async def test_the_next_embedded_proposal_is_tried(scene) -> None:
    checker = spelling()
    propose = first_of(rename("prise", "prije", 0.9), rename("prise", "price", 0.8))
    outcome = await fix(scene(checkers=[checker], propose=propose), checker)
    assert (outcome.verdict.kind, checker.n_runs) == ("verified", 3)


async def test_without_a_model_it_says_why_there_is_nothing(scene) -> None:
    checker = spelling()
    outcome = await fix(scene(checkers=[checker], propose=rename("other", "x")), checker)
    assert str(outcome.verdict) == "gave up: only other is known; no model is configured for it (route.fix)"
    assert outcome.replacements == ()


async def test_where_nobody_can_check_a_sure_embedded_fix_is_offered_at_once(scene) -> None:
    for certainty, backend in ((0.95, "embedded"), (0.5, "small")):
        model = Model("small", [RIGHT])
        outcome = await fix(scene(model, propose=rename("prise", "price", certainty)), spelling())
        assert (outcome.verdict.kind, outcome.backend) == ("not_verified", backend)
        assert outcome.verdict.why == "no checker for python could be run"


def two_reports(scene: Scene, checker: PatternChecker) -> FixTask:
    document = scene.document("shop.py", CODE)
    return FixTask("fix", document, Span(Point(0, 0), Point(6, 0)), tuple(checker.reports(CODE)))


async def test_several_are_mended_together(scene) -> None:
    checker = spelling()
    here = scene(checkers=[checker], propose=first_of(rename("prise", "price"), rename("koste", "cost")))
    outcome = await here.fix(two_reports(here, checker))
    assert str(outcome.verdict) == "verified by patterns"
    assert result_of(outcome) == CODE.replace("prise", "price").replace("koste", "cost")
    assert outcome.title == "Rename to 'price' and 1 more"
    assert checker.n_runs == 2


async def test_of_several_those_are_mended_that_can_be(scene) -> None:
    checker = spelling()
    here = scene(checkers=[checker], propose=rename("prise", "price"))
    outcome = await here.fix(two_reports(here, checker))
    assert str(outcome.verdict) == "not verified: 1 of 2 are gone, the others are still reported"
    assert result_of(outcome) == CODE.replace("prise", "price")


async def test_one_of_several_that_goes_wrong_costs_the_others_nothing(scene) -> None:
    checker = spelling()
    here = scene(checkers=[checker], propose=first_of(rename("prise", "price"), rename("koste", "kost")))
    outcome = await here.fix(two_reports(here, checker))
    assert str(outcome.verdict) == "not verified: 1 of 2 are gone, the others are still reported"
    assert result_of(outcome) == CODE.replace("prise", "price")


async def test_a_checker_that_cannot_say_anything_is_a_doubt(scene) -> None:
    checker = spelling()
    silent = PatternChecker([], "broken", problem="broken is not installed")
    outcome = await fix(scene(checkers=[silent], propose=rename("prise", "price", 0.95)), checker)
    assert str(outcome.verdict) == "not verified: broken is not installed"
    other = PatternChecker([("X", "nowhere")], "other")
    outcome = await fix(scene(checkers=[other], propose=rename("prise", "price", 0.95)), checker)
    assert str(outcome.verdict) == "not verified: other ran, but does not report what patterns reported"


async def test_two_checkers_have_to_agree(scene) -> None:
    checker = spelling()
    strict = PatternChecker([("E501", r"\bprice\b.*extra")], "strict")
    model = Model("small", [RIGHT.replace("article.price", "article.price.extra"), RIGHT])
    outcome = await fix(scene(model, checkers=[checker, strict]), checker)
    assert described(outcome) == "verified by patterns, strict\ntries 2, refused 0, by small"


async def test_what_was_checked_before_is_not_checked_again(scene) -> None:
    checker = spelling()
    here = scene(checkers=[checker], propose=rename("prise", "price"))
    document = here.document("shop.py", CODE)
    (checked,) = await here.fixer.check(document)
    outcome = await here.fix(FixTask("fix", document, checked.diagnostics[0].span, checked.diagnostics[:1]))
    assert (outcome.verdict.kind, checker.n_runs) == ("verified", 2)


async def test_the_editors_words_for_what_a_checker_reports_are_known(scene) -> None:
    checker = spelling()
    here = scene(checkers=[checker], propose=rename("prise", "price"))
    (report, _) = checker.reports(CODE)
    said = replace(report, source="Editor", code="f821", message="prise? `prise` is not known")
    outcome = await here.fix(FixTask("fix", here.document("shop.py", CODE), said.span, (said,)))
    assert str(outcome.verdict) == "verified by patterns"


async def test_of_reports_by_one_rule_in_neighbouring_lines_the_right_one_is_meant(scene) -> None:
    code = "a = prise\nb = prize\n"
    checker = spelling()
    outcome = await fix(scene(checkers=[checker], propose=rename("prize", "price")), checker, Point(1, 0), code)
    assert str(outcome.verdict) == "verified by patterns"
    assert result_of(outcome) == "a = prise\nb = price\n"


async def test_what_an_edit_uncovers_is_mended_as_well(scene) -> None:
    """The checker sees the second mistake of a line when the first is gone."""
    checker = PatternChecker([("F821", r"\bprise\b"), ("E2", r"(?<=price\()bye\b")])
    code = "x = prise(bye)\n"
    propose = first_of(rename("prise", "price"), rename("bye", "by"))
    outcome = await fix(scene(checkers=[checker], propose=propose), checker, Point(0, 0), code)
    assert str(outcome.verdict) == "verified by patterns"
    assert result_of(outcome) == "x = price(by)\n"
    outcome = await fix(scene(checkers=[checker], propose=rename("prise", "price")), checker, Point(0, 0), code)
    assert outcome.verdict.kind == "gave_up"


async def test_an_edit_elsewhere_does_not_count_as_the_mended_one(scene) -> None:
    """Two reports in the same words: mending the other one leaves the one that was asked for."""
    code = "a = prise\nb = prise\n"
    other = json.dumps({"edits": [{"old_text": "b = prise", "new_text": "b = price"}]})
    right = json.dumps({"edits": [{"old_text": "a = prise", "new_text": "a = price"}]})
    checker = spelling()
    outcome = await fix(scene(Model("small", [other, right]), checkers=[checker]), checker, Point(0, 4), code)
    assert described(outcome) == "verified by patterns\ntries 2, refused 0, by small"
    assert result_of(outcome) == "a = price\nb = prise\n"


async def test_syntax_errors_are_verified_by_the_parser_alone(scene) -> None:
    code = "def price(article:\n    return 1\n"
    report = Diagnostic(Span(Point(0, 9), Point(0, 10)), "'(' was never closed", "editor", "syntax")
    right = json.dumps({"edits": [{"old_text": "def price(article:", "new_text": "def price(article):"}]})
    here = scene(Model("small", [right]))
    outcome = await here.fix(FixTask("fix", here.document("a.py", code), report.span, (report,)))
    assert str(outcome.verdict) == "verified by tree-sitter"
    here = scene(Model("small", [right]))
    outcome = await here.fix(FixTask("fix", here.document("a.py", code), report.span))
    assert str(outcome.verdict) == "verified by tree-sitter"


async def test_line_ends_stay_as_they_are(scene) -> None:
    checker = spelling()
    code = CODE.replace("\n", "\r\n")
    outcome = await fix(scene(Model("small", [RIGHT]), checkers=[checker]), checker, code=code)
    assert result_of(outcome) == code.replace("prise", "price")
    (change,) = outcome.replacements
    assert change.text in "price"


async def test_nothing_of_an_ignored_file_is_sent(scene, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("shop.py\n")
    checker, model = spelling(), Model("small", [RIGHT])
    here = scene(model, checkers=[checker])
    outcome = await fix(here, checker)
    assert str(outcome.verdict) == "gave up: nothing of an ignored file is sent to a model (ignore file)"
    assert model.asked == []
    assert [event.reason for event in here.world.events_of(BackendPassedOver)] == ["ignored_file"]


async def test_secrets_are_not_sent_and_are_in_the_edit(tmp_path: Path) -> None:
    token = TOKENS["GitHub personal token"](Draw("fix"))
    code = f'def price(article):\n    return article.prise("{token}")\n'
    says = json.dumps(
        {
            "edits": [
                {
                    "old_text": '    return article.prise("REDACTED_1_GITHUB_TOKEN")',
                    "new_text": '    return article.price("REDACTED_1_GITHUB_TOKEN")',
                }
            ]
        }
    )
    checker, model = spelling(), Model("small", [says])
    here = Scene([model], tmp_path, checkers=[checker])
    here.world._given["small"] = here.world.redaction.for_chat(model)
    outcome = await fix(here, checker, code=code)
    await here.aclose()
    assert str(outcome.verdict) == "verified by patterns"
    assert result_of(outcome) == code.replace("prise", "price")
    assert token not in repr(model.asked)


async def test_cancelling_ends_the_request_down_to_the_backend(scene) -> None:
    checker, model = spelling(), Model("small", ["!hang"])
    here = scene(model, checkers=[checker])
    task = asyncio.create_task(fix(here, checker))
    await model.waits.wait()
    assert model.n_live == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.n_live == 0
    (asked,) = here.world.events_of(BackendAsked)
    assert (asked.task, asked.outcome, asked.request_id) == ("fix", "cancelled", "fix-1")


async def test_when_the_time_is_over_the_best_edit_so_far_is_offered(scene) -> None:
    checker, model = PatternChecker([]), Model("small", ["!hang"])
    limits = FixLimits(max_seconds=0.3)
    here = scene(model, propose=rename("prise", "price", 0.5), limits=limits)
    outcome = await fix(here, spelling())
    assert described(outcome).startswith("not verified: no checker")
    assert outcome.backend == "embedded"
    assert (model.n_live, checker.n_runs) == (0, 0)


async def test_every_turn_is_an_event_and_a_fault_two(scene) -> None:
    checker = spelling()
    here = scene(Model("small", ["{\n!fault reset", RIGHT]), checkers=[checker])
    outcome = await fix(here, checker)
    assert [event.outcome for event in here.world.events_of(BackendAsked)] == ["failed", "answered"]
    assert [event.fault for event in here.world.events_of(BackendFault)] == ["reset"]
    assert (outcome.input_tokens or 0) >= 100
    assert (outcome.output_tokens or 0) >= 50


async def test_a_fixer_that_breaks_costs_its_own_proposals(scene, caplog) -> None:
    def broken(problem: Problem) -> Proposals:
        raise ValueError(problem.document.text.text)

    checker = spelling()
    with caplog.at_level(logging.ERROR):
        outcome = await fix(scene(Model("small", [RIGHT]), checkers=[checker], propose=broken), checker)
    assert outcome.verdict.kind == "verified"
    assert "article" not in caplog.text


async def test_a_checker_that_breaks_ends_the_fix_in_words(scene, caplog) -> None:
    class Broken(PatternChecker):
        async def check(self, draft, *, timeout_s):
            raise ValueError(draft.text)

    with caplog.at_level(logging.ERROR):
        outcome = await fix(scene(checkers=[Broken([])]), spelling())
    assert str(outcome.verdict) == "gave up: a mistake in copilot-ls; its log says where"
    assert "article" not in caplog.text


async def test_a_document_without_a_file_is_not_checked(scene) -> None:
    checker = spelling()
    here = scene(checkers=[checker], propose=rename("prise", "price", 0.95))
    document = replace(here.document("shop.py", CODE), uri="untitled:1", path="")
    outcome = await here.fix(task_at(document, Point(1, 0), checker))
    assert str(outcome.verdict) == "not verified: patterns needs a file, which this is not"


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "..\\..\\etc\\passwd", "shop/../../x.py", "other.py"]
)
async def test_nothing_but_the_document_is_touched_whatever_a_model_names(scene, tmp_path: Path, path: str) -> None:
    (tmp_path / "other.py").write_text("x = 1\n")
    (tmp_path / "shop.py").write_text(CODE)
    says = json.dumps({"edits": [{"path": path, "old_text": "x = 1", "new_text": "x = 2"}]})
    checker = spelling()
    here = scene(Model("small", [says, says, says]), checkers=[checker])
    with opened_files() as opened:
        outcome = await fix(here, checker)
    assert (outcome.verdict.kind, outcome.n_refused) == ("gave_up", 3)
    assert not opened.outside(tmp_path)
    assert not opened.written(tmp_path)
    assert not [each for each, _ in opened.files if each.endswith("other.py")]
    assert (tmp_path / "other.py").read_text() == "x = 1\n"
    assert (tmp_path / "shop.py").read_text() == CODE


async def test_a_model_mends_what_the_embedded_fixers_leave(scene) -> None:
    checker = spelling()
    other = json.dumps({"edits": [{"old_text": "    return article.koste", "new_text": "    return article.cost"}]})
    model = Model("small", [other])
    here = scene(model, checkers=[checker], propose=rename("prise", "price"))
    outcome = await here.fix(two_reports(here, checker))
    assert described(outcome) == "verified by patterns\ntries 1, refused 0, by small"
    assert result_of(outcome) == CODE.replace("prise", "price").replace("koste", "cost")
    assert outcome.explanation == "prise is price."
    (asked,) = model.asked
    assert "article.price" in asked.messages[1].content
    assert "prise" not in asked.messages[1].content


async def test_where_a_model_cannot_mend_the_rest_the_embedded_edit_is_offered(scene) -> None:
    checker = spelling()
    here = scene(Model("small", ["No."]), checkers=[checker], propose=rename("prise", "price"))
    outcome = await here.fix(two_reports(here, checker))
    assert str(outcome.verdict) == "not verified: 1 of 2 are gone, the others are still reported"
    assert (outcome.backend, result_of(outcome)) == ("embedded", CODE.replace("prise", "price"))


async def test_an_explanation_is_asked_for(scene) -> None:
    checker, model = spelling(), Model("small", [RIGHT])
    here = scene(model, checkers=[checker])
    await here.fix(task_at(here.document("shop.py", CODE), LINE, checker, explain=True))
    assert "say in Markdown why it is reported" in model.asked[0].messages[1].content


async def test_an_explanation_loads_nothing(scene) -> None:
    checker = spelling()
    says = json.dumps({**json.loads(RIGHT), "explanation": "It is ![x](https://example.invalid/?q=code) <img src=x>."})
    outcome = await fix(scene(Model("small", [says]), checkers=[checker]), checker)
    assert outcome.explanation == "It is ![x] (https://example.invalid/?q=code) &lt;img src=x>."


async def test_documenting_without_a_grammar_is_not_verified(scene) -> None:
    says = json.dumps({"edits": [{"old_text": "x y", "new_text": "; what it is\nx y"}]})
    here = scene(Model("small", [says]))
    document = replace(here.document("a.unknown", "x y\n"), language_id="unknown")
    outcome = await here.fix(FixTask("document", document, Span(Point(0, 0), Point(0, 3))))
    assert str(outcome.verdict) == "not verified: without a grammar nobody can tell whether code stays as it is"
    assert result_of(outcome) == "; what it is\nx y\n"
