"""Code actions from the menu to the user's document, for every kind of client: what is offered, run, applied and said."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.lsp.desk import LspError, TextSnapshot, Verdict, at_desk, diagnostic, range_
from tests.lsp_client import recorded_capabilities

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.lsp.desk import Editor

CLIENTS = sorted(file.stem.rpartition("_")[0] for file in (Path(__file__).parents[1] / "clients").glob("*.json"))
TEXT = "import os\n\n\ndef add(a, b):\n    return wrong + 'ä😀' + b\n\n\nx = 1\n"
WRONG = ((4, 11), (4, 16))
OURS = {"copilotLs": {"explanations": True, "wishes": True}}


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    monkeypatch.setattr("copilot_ls.lsp.handlers.actions._RESOLVED_WITHIN_S", 60)


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    """VS Code, with a document that has one diagnostic."""
    async with at_desk(tmp_path, recorded_capabilities("vscode")) as editor:
        begin(editor, tmp_path)
        yield editor


def begin(editor: Editor, root: Path) -> str:
    uri = (root / "a.py").as_uri()
    editor.open(uri, TEXT)
    editor.diagnose(uri, diagnostic(*WRONG))
    return uri


def uri_of(editor: Editor) -> str:
    return next(iter(editor.texts))


def titles(actions: list[dict[str, Any]]) -> list[str]:
    return [each["title"] for each in actions]


def named(actions: list[dict[str, Any]], title: str) -> dict[str, Any]:
    return next(each for each in actions if each["title"].startswith(title))


# What is offered


async def test_at_a_diagnostic_all_that_can_be_done_about_it_is_offered_and_the_rest_after_it(editor: Editor) -> None:
    assert titles(await editor.actions(uri_of(editor), (4, 12))) == [
        "Fix: it is wrong",
        "Fix and explain: it is wrong",
        "Explain: it is wrong",
        "Explain this",
        "Document 'add'",
        "Write tests for 'add'",
    ]


@pytest.mark.parametrize("column", [0, 1, 20])
async def test_the_first_line_of_a_function_is_the_function(editor: Editor, column: int) -> None:
    assert "Document 'add'" in titles(await editor.actions(uri_of(editor), (3, min(column, 14))))


async def test_a_mere_cursor_is_offered_nothing_unasked(editor: Editor) -> None:
    uri = uri_of(editor)
    assert await editor.actions(uri, (7, 0), triggerKind=2) == []
    assert titles(await editor.actions(uri, (4, 0), triggerKind=2)) == [
        "Fix: it is wrong",
        "Fix and explain: it is wrong",
        "Explain: it is wrong",
    ]


async def test_what_cannot_be_had_says_why_where_the_client_shows_that(tmp_path: Path) -> None:
    async with at_desk(tmp_path, recorded_capabilities("vscode"), OURS) as editor:
        uri = begin(editor, tmp_path)
        actions = await editor.actions(uri, (7, 0))
        assert titles(actions) == ["Explain this", "Change this…", "Document this", "Write tests for this"]
        assert [each.get("disabled", {}).get("reason") for each in actions] == [
            None,
            "it needs a model: configure a backend (`copilot-ls doctor` says how)",
            "the cursor is in no function or class",
            "the cursor is in no function or class",
        ]
    async with at_desk(tmp_path, recorded_capabilities("eglot"), OURS) as editor:
        uri = begin(editor, tmp_path)
        assert titles(await editor.actions(uri, (7, 0))) == ["Explain this"]


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["quickfix"], {"Fix: it is wrong", "Fix and explain: it is wrong", "Explain: it is wrong"}),
        (["refactor"], {"Document 'add'", "Write tests for 'add'"}),
        (["refactor.rewrite"], {"Document 'add'", "Write tests for 'add'"}),
        (["refactor.rewri"], set()),
        (["source"], set()),
        (["source.fixAll"], set()),
        (["source.fixAll.copilot-ls"], {"Fix the one problem in this file"}),
        (["source.organizeImports"], set()),
    ],
)
async def test_only_what_is_asked_for_is_offered_and_nothing_is_run_on_save_unnamed(
    editor: Editor, only: list[str], expected: set[str]
) -> None:
    assert set(titles(await editor.actions(uri_of(editor), (4, 12), only=only))) == expected


async def test_several_diagnostics_can_be_fixed_one_by_one_or_together(editor: Editor) -> None:
    uri = uri_of(editor)
    found = [diagnostic((4, 11), (4, 16), f"problem {n}", severity=1 + n % 3) for n in range(6)]
    editor.diagnose(uri, *found, diagnostic((7, 0), (7, 1), "far away"))
    offered = titles(await editor.actions(uri, (4, 11), only=["quickfix"]))
    assert offered == [
        "Fix: problem 0",
        "Fix: problem 3",
        "Fix: problem 1",
        "Fix: problem 4",
        "Fix and explain: problem 0",
        "Explain: problem 0",
        "Fix all 6 problems here",
        "Fix all 7 problems in this file",
    ]
    editor.desk.fixer.go_on.set()
    actions = await editor.actions(uri, (4, 11))
    await editor.choose(named(actions, "Fix all 7"))
    editor.desk.fixer.old, editor.desk.fixer.new = "x = 1", "x = 2"
    editor.diagnose(uri, *found)
    await editor.choose(named(await editor.actions(uri, (4, 11), only=["quickfix"]), "Fix all 6"))
    assert [len(task.diagnostics) for task in editor.desk.fixer.tasks] == [7, 6]


async def test_a_selection_is_explained_as_such_and_its_diagnostics_are_those_within(editor: Editor) -> None:
    uri = uri_of(editor)
    actions = await editor.actions(uri, (0, 0), (4, 30))
    assert "Explain the selection" in titles(actions)
    assert "Fix: it is wrong" in titles(actions)
    assert "Fix: it is wrong" not in titles(await editor.actions(uri, (0, 0), (1, 0)))


async def test_what_does_not_parse_can_be_fixed_though_nobody_reports_it(editor: Editor, tmp_path: Path) -> None:
    uri = (tmp_path / "broken.py").as_uri()
    editor.open(uri, "def f(a:\n    return (a\n\n\n\n\n\nx = 1\n")
    assert "Fix the syntax" in titles(await editor.actions(uri, (0, 5)))
    assert await editor.actions(uri, (0, 5), triggerKind=2) == []
    assert "Fix the syntax" not in titles(await editor.actions(uri, (7, 0)))
    editor.desk.fixer.go_on.set()
    editor.desk.fixer.old = "f(a:"
    await editor.choose(named(await editor.actions(uri, (0, 5)), "Fix the syntax"))
    assert editor.desk.fixer.tasks[0].diagnostics == ()


async def test_diagnostics_that_come_with_the_request_are_enough(editor: Editor) -> None:
    uri = uri_of(editor)
    editor.diagnose(uri)
    assert "Fix: new" in titles(await editor.actions(uri, (0, 7), diagnostics=[diagnostic((0, 7), (0, 9), "new")]))


async def test_nothing_is_offered_in_documents_that_hold_keys_or_are_not_open(editor: Editor) -> None:
    editor.open("file:///x/.env", "KEY=1\n", "plaintext")
    assert await editor.actions("file:///x/.env", (0, 0)) == []
    assert await editor.actions("file:///nowhere.py", (0, 0)) == []


@pytest.mark.parametrize("client", CLIENTS)
async def test_every_recorded_client_is_offered_what_it_can_carry_out(tmp_path: Path, client: str) -> None:
    async with at_desk(tmp_path, recorded_capabilities(client)) as editor:
        uri = begin(editor, tmp_path)
        actions = await editor.actions(uri, (4, 12), diagnostics=[diagnostic(*WRONG)])
        fix = [each for each in actions if each["title"].startswith("Fix: ")]
        assert bool(fix) == (client != "ale")
        assert named(actions, "Explain: ")["command"]["command"] == "copilot-ls.explain"
        editor.desk.fixer.go_on.set()
        editor.desk.explainer.go_on.set()
        for action in fix:
            assert "data" in action
            await editor.choose(action)
            assert editor.text(uri) == TEXT.replace("wrong", "right")
            await editor.said("Replace wrong: verified by ruff")
        await editor.choose(named(await editor.actions(uri, (4, 12)), "Explain "))
        if client == "ale":
            assert "It adds two numbers." in await editor.said("It adds")
        else:
            assert [method for method, _ in editor.client.requests_received if method == "window/showDocument"]


# Fixing


async def test_a_client_that_only_runs_commands_gets_the_edit_sent(tmp_path: Path) -> None:
    capabilities = {"workspace": {"applyEdit": True}, "textDocument": {"codeAction": {}}}
    async with at_desk(tmp_path, capabilities) as editor:
        uri = begin(editor, tmp_path)
        command = named(await editor.actions(uri, (4, 12)), "Fix: ")
        assert command["command"] == "copilot-ls.fix"
        editor.desk.fixer.go_on.set()
        assert await editor.choose(command) == {
            "state": "applied",
            "message": "Replace wrong: verified by ruff",
        }
        assert editor.text(uri) == TEXT.replace("wrong", "right")
        (applied,) = editor.applied
        assert list(applied["edit"]) == ["changes"]
        assert applied["label"] == "Replace wrong"


async def test_the_edit_is_of_a_version_and_says_its_verdict_and_asks_to_be_confirmed(editor: Editor) -> None:
    uri = uri_of(editor)
    editor.desk.fixer.go_on.set()
    editor.desk.fixer.verdict = Verdict("not_verified", why="no checker is configured")
    await editor.run("copilot-ls.fix", {"uri": uri, "range": range_((4, 11))})
    ((applied),) = editor.applied
    (change,) = applied["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    (one,) = change["edits"]
    annotation = applied["edit"]["changeAnnotations"][one["annotationId"]]
    assert annotation["needsConfirmation"] is True
    assert annotation["label"] == "Replace wrong (not verified)"
    assert annotation["description"] == "not verified: no checker is configured; by embedded"


async def test_the_fix_is_about_the_diagnostic_as_it_is_known_here(editor: Editor) -> None:
    uri = uri_of(editor)
    place = {"uri": uri, "range": range_((0, 0))}
    editor.diagnose(uri, diagnostic(*WRONG, relatedInformation=[{"location": place, "message": "declared here"}]))
    action = named(await editor.actions(uri, (4, 12)), "Fix: ")
    editor.desk.fixer.go_on.set()
    await editor.choose(action)
    (task,) = editor.desk.fixer.tasks
    (found,) = task.diagnostics
    assert (task.kind, found.message, found.code, found.source) == ("fix", "it is wrong", "X1", "Ruff")
    assert [each.message for each in found.related] == ["declared here"]
    assert task.document.text.slice(task.span) == "wrong"


async def test_what_is_typed_elsewhere_meanwhile_carries_the_edit_along(editor: Editor) -> None:
    uri = uri_of(editor)
    running = asyncio.ensure_future(editor.run("copilot-ls.fix", {"uri": uri, "range": range_(*WRONG)}))
    await editor.desk.fixer.begun.wait()
    editor.type(uri, (0, 0), (0, 0), "# ä😀\n")
    editor.type(uri, (5, 4), (5, 4), "# ")
    await editor.actions(uri, (0, 0))  # answered: the changes have been taken in
    editor.desk.fixer.go_on.set()
    assert (await running)["state"] == "applied"
    assert editor.text(uri) == "# ä😀\n" + TEXT.replace("    return", "    # return").replace("wrong", "right")


async def test_an_edit_whose_place_was_touched_is_refused_and_says_so(editor: Editor) -> None:
    uri = uri_of(editor)
    running = asyncio.ensure_future(editor.run("copilot-ls.fix", {"uri": uri, "range": range_(*WRONG)}))
    await editor.desk.fixer.begun.wait()
    editor.type(uri, (4, 16), (4, 16), "er")
    await editor.actions(uri, (0, 0))
    editor.desk.fixer.go_on.set()
    assert await running == {"state": "stale", "message": "not applied: line 5 was edited meanwhile"}
    await editor.said("line 5 was edited meanwhile")
    assert not editor.applied


async def test_what_was_typed_and_taken_back_is_no_hindrance(editor: Editor) -> None:
    uri = uri_of(editor)
    running = asyncio.ensure_future(editor.run("copilot-ls.fix", {"uri": uri, "range": range_(*WRONG)}))
    await editor.desk.fixer.begun.wait()
    editor.type(uri, (4, 16), (4, 16), "er")
    editor.type(uri, (4, 16), (4, 18), "")
    await editor.actions(uri, (0, 0))
    editor.desk.fixer.go_on.set()
    assert (await running)["state"] == "applied"


async def test_a_document_that_was_closed_meanwhile_is_left_alone(editor: Editor) -> None:
    uri = uri_of(editor)
    running = asyncio.ensure_future(editor.run("copilot-ls.fix", {"uri": uri, "range": range_(*WRONG)}))
    await editor.desk.fixer.begun.wait()
    editor.client.close(uri)
    await editor.actions(uri, (0, 0))
    editor.desk.fixer.go_on.set()
    assert (await running)["message"] == "not applied: the document was closed meanwhile"


async def test_a_version_that_changed_on_the_way_is_tried_again(editor: Editor) -> None:
    uri = uri_of(editor)

    def type_first(params: dict[str, Any]) -> dict[str, Any]:
        editor.answers_edits = editor.apply
        editor.type(uri, (0, 0), (0, 0), "\n")
        return editor.apply(params)

    editor.answers_edits = type_first
    editor.desk.fixer.go_on.set()
    assert (await editor.run("copilot-ls.fix", {"uri": uri, "range": range_(*WRONG)}))["state"] == "applied"
    assert editor.text(uri) == "\n" + TEXT.replace("wrong", "right")
    assert len(editor.applied) == 2


async def test_a_refusal_of_the_editor_is_honoured_and_said(editor: Editor) -> None:
    editor.answers_edits = lambda _: {"applied": False, "failureReason": "the user said no"}
    editor.desk.fixer.go_on.set()
    answer = await editor.run("copilot-ls.fix", {"uri": uri_of(editor), "range": range_(*WRONG)})
    assert answer == {"state": "refused", "message": "not applied: the user said no"}


async def test_an_editor_that_says_so_but_did_nothing_is_not_believed(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copilot_ls.lsp.fixes.CHANGED_WITHIN_S", 0.05)
    editor.answers_edits = lambda _: {"applied": True}
    editor.desk.fixer.go_on.set()
    answer = await editor.run("copilot-ls.fix", {"uri": uri_of(editor), "range": range_(*WRONG)})
    assert answer == {"state": "refused", "message": "not applied: declined in the editor"}


async def test_an_error_in_the_editor_is_said(editor: Editor) -> None:
    def fail(_: object) -> dict[str, Any]:
        raise LspError(-32603, "no")

    editor.answers_edits = fail
    editor.desk.fixer.go_on.set()
    answer = await editor.run("copilot-ls.fix", {"uri": uri_of(editor), "range": range_(*WRONG)})
    assert answer["message"] == "not applied: the editor answered an error"


async def test_a_client_that_never_answers_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copilot_ls.lsp.fixes._APPLIED_WITHIN_S", 0.05)
    capabilities = {
        "workspace": {"applyEdit": True},
        "textDocument": {"codeAction": {}},
        "window": {"workDoneProgress": 1},
    }
    async with at_desk(tmp_path, capabilities) as editor:
        uri = begin(editor, tmp_path)
        editor.client._answer = lambda message: None  # type: ignore[method-assign]
        editor.desk.fixer.go_on.set()
        answer = await editor.choose(named(await editor.actions(uri, (4, 12)), "Fix: "))
        assert answer["state"] == "unknown"
        assert "did not say whether it was applied" in answer["message"]


async def test_giving_up_says_why_and_edits_nothing(editor: Editor) -> None:
    uri = uri_of(editor)
    editor.desk.fixer.verdict = Verdict("gave_up", why="no rule knows this")
    editor.desk.fixer.go_on.set()
    await editor.choose(named(await editor.actions(uri, (4, 12)), "Fix: "))
    await editor.said("gave up: no rule knows this")
    assert not editor.applied
    assert editor.text(uri) == TEXT


async def test_a_fault_of_ours_is_one_sentence_without_the_users_text(editor: Editor) -> None:
    editor.desk.fixer.fault = RuntimeError("wrong + secret")
    editor.desk.fixer.go_on.set()
    answer = await editor.run("copilot-ls.fix", {"uri": uri_of(editor), "range": range_(*WRONG)})
    assert answer["state"] == "failed"
    assert "secret" not in json.dumps(answer)
    await editor.said("went wrong in copilot-ls")


async def test_fix_and_explain_edits_and_shows_the_explanation(editor: Editor) -> None:
    uri = uri_of(editor)
    editor.desk.fixer.explanation = "# Why\n\nBecause."
    editor.desk.fixer.go_on.set()
    await editor.choose(named(await editor.actions(uri, (4, 12)), "Fix and explain"))
    assert editor.desk.fixer.tasks[0].explain
    (shown,) = [params for method, params in editor.client.requests_received if method == "window/showDocument"]
    assert "Because." in file_of(shown["uri"]).read_text()
    assert editor.text(uri) == TEXT.replace("wrong", "right")


async def test_a_change_is_what_the_user_wished_for(editor: Editor) -> None:
    uri = uri_of(editor)
    with pytest.raises(LspError, match="'wish' is missing"):
        await editor.run("copilot-ls.change", {"uri": uri, "range": range_(*WRONG)})
    editor.desk.fixer.go_on.set()
    await editor.run("copilot-ls.change", {"uri": uri, "range": range_(*WRONG), "wish": " make it right "})
    (task,) = editor.desk.fixer.tasks
    assert (task.kind, task.wish, task.diagnostics) == ("change", "make it right", ())


async def test_tests_become_a_new_file_and_never_one_elsewhere_or_over_another(editor: Editor, tmp_path: Path) -> None:
    uri = uri_of(editor)
    fixer = editor.desk.fixer
    fixer.go_on.set()
    fixer.target, fixer.new = "tests/test_a.py", "def test_add(): ...\n"
    action = named(await editor.actions(uri, (4, 12)), "Write tests")
    await editor.choose(action)
    place = (tmp_path / "tests/test_a.py").as_uri()
    assert editor.created == {place: fixer.new}
    assert fixer.tasks[0].kind == "tests"
    (tmp_path / "there.py").write_text("x")
    (tmp_path / "out").symlink_to(tmp_path.parent)
    for target, why in {
        "there.py": "there.py is another one by now",
        "../x.py": "leads out",
        "/etc/x.py": "leads out",
        "a/../../x.py": "leads out",
        ".git/hooks/x": "hidden",
        "out/x.py": "leads out",
        "a\\..\\x.py": "leads out",
        "C:/x.py": "leads out",
        "x\n.py": "leads out",
        "": "leads out",
    }.items():
        fixer.target = target
        answer = await editor.run("copilot-ls.writeTests", {"uri": uri, "range": range_(*WRONG)})
        assert answer["state"] == "refused", target
        assert why in answer["message"], target
    assert list(editor.created) == [place]


async def test_tests_are_added_to_the_file_that_is_there_if_it_is_still_the_same(
    editor: Editor, tmp_path: Path
) -> None:
    uri, fixer = uri_of(editor), editor.desk.fixer
    fixer.go_on.set()
    fixer.target, fixer.new, fixer.target_text = "test_a.py", "import a\n", TextSnapshot.of("# tests\n")
    file = tmp_path / "test_a.py"
    argument = {"uri": uri, "range": range_(*WRONG)}
    assert (await editor.run("copilot-ls.writeTests", argument))["message"].endswith("test_a.py was removed meanwhile")
    file.write_text("# tests\n")
    assert (await editor.run("copilot-ls.writeTests", argument))["state"] == "applied"
    (change,) = editor.applied[-1]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": file.as_uri(), "version": None}
    editor.open(file.as_uri(), "# tests\n")
    assert (await editor.run("copilot-ls.writeTests", argument))["state"] == "applied"
    assert editor.text(file.as_uri()) == "import a\n# tests\n"
    assert "another one by now" in (await editor.run("copilot-ls.writeTests", argument))["message"]


async def test_what_becomes_of_a_fix_is_told(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Any, ...]] = []
    lifecycle = editor.desk.fix_lifecycle
    monkeypatch.setattr(lifecycle, "opened", lambda fix_id, task: told.append(("opened", fix_id)))
    monkeypatch.setattr(lifecycle, "proposed", lambda outcome: told.append(("proposed", outcome.fix_id)))
    monkeypatch.setattr(lifecycle, "cancelled", lambda fix_id, uri, ms: told.append(("cancelled", fix_id)))
    monkeypatch.setattr(lifecycle, "dropped", lambda fix_id, uri, why: told.append((f"dropped: {why}", fix_id)))
    monkeypatch.setattr(
        lifecycle,
        "applied",
        lambda outcome, before, now: told.append(("applied", outcome.fix_id, before.text, now.text)),
    )

    def heard() -> list[str]:
        names, ids = [each[0] for each in told], {each[1] for each in told}
        assert len(ids) == 1
        told.clear()
        return names

    uri = uri_of(editor)
    argument = {"uri": uri, "range": range_(*WRONG)}
    editor.desk.fixer.go_on.set()
    await editor.run("copilot-ls.fix", argument)
    assert told[-1][2:] == (TEXT, TEXT.replace("wrong", "right"))
    assert heard() == ["opened", "proposed", "applied"]
    editor.desk.fixer.old, editor.desk.fixer.new = "right", "left"
    await editor.choose(named(await editor.actions(uri, (4, 12), diagnostics=[diagnostic(*WRONG)]), "Fix: "))
    assert heard() == ["opened", "proposed", "applied"]
    editor.desk.fixer.old = "left"
    editor.answers_edits = lambda _: {"applied": False}
    await editor.run("copilot-ls.fix", argument)
    assert heard() == ["opened", "proposed", "dropped: refused"]
    editor.desk.fixer.go_on.clear()
    request_id, future = editor.client.request_nowait(
        "workspace/executeCommand", {"command": "copilot-ls.fix", "arguments": [argument]}
    )
    async with asyncio.timeout(5):
        while not told:
            await asyncio.sleep(0)
    editor.client.cancel(request_id)
    with pytest.raises(LspError):
        await future
    async with asyncio.timeout(5):
        while len(told) < 2:
            await asyncio.sleep(0)
    assert heard() == ["opened", "cancelled"]


async def test_an_action_that_its_user_declined_counts_as_refused(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copilot_ls.lsp.fixes.CHANGED_WITHIN_S", 0.05)
    told: list[str] = []
    monkeypatch.setattr(editor.desk.fix_lifecycle, "dropped", lambda fix_id, uri, why: told.append(why))
    editor.desk.fixer.go_on.set()
    action = named(await editor.actions(uri_of(editor), (4, 12)), "Fix: ")
    resolved = await editor.client.request("codeAction/resolve", action)
    await editor.client.execute(resolved["command"])
    assert told == ["refused"]
    for nonsense in ([], [7], ["unknown"]):
        await editor.client.execute({"command": "copilot-ls.didApplyFix", "arguments": nonsense})


async def test_a_place_that_moved_since_it_was_offered_is_followed(editor: Editor) -> None:
    uri = uri_of(editor)
    action = named(await editor.actions(uri, (4, 12)), "Fix: ")
    editor.type(uri, (0, 0), (0, 0), "# one more\n")
    editor.desk.fixer.go_on.set()
    await editor.choose(action)
    (task,) = editor.desk.fixer.tasks
    assert task.document.text.slice(task.span) == "wrong"
    assert task.document.text.slice(task.diagnostics[0].span) == "wrong"


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [
        (None, "the argument is None"),
        ([], "the argument is"),
        ({}, "'uri', which must be of an open document, is None"),
        ({"uri": "file:///nowhere.py", "range": range_((0, 0))}, "is 'file:///nowhere.py'"),
        ({"range": None}, "'range' is None"),
        ({"range": {"start": {"line": 0, "character": 0}}}, "'range' is"),
        ({"version": "1"}, "'version' is '1'"),
        ({"version": True}, "'version' is True"),
        ({"scope": "world"}, "'scope' is 'world'"),
        ({"wish": 7}, "'wish' is 7"),
        ({"explain": "yes"}, "'explain' is 'yes'"),
        ({"diagnostics": 7}, "'diagnostics' is 7"),
    ],
)
async def test_arguments_that_make_no_sense_are_one_clear_error(editor: Editor, argument: Any, complaint: str) -> None:
    if isinstance(argument, dict) and argument and "uri" not in argument:
        argument = {"uri": uri_of(editor), "range": range_((0, 0))} | argument
    for command in ("copilot-ls.fix", "copilot-ls.explain"):
        with pytest.raises(LspError, match="expected one object") as raised:
            await editor.run(command, argument)
        assert complaint in raised.value.message
        assert raised.value.message.startswith(command)


async def test_resolving_what_is_none_of_ours_gives_it_back(editor: Editor) -> None:
    for action in ({"title": "x"}, {"title": "x", "data": {"a": 1}}, {"title": "x", "data": {"command": "rm"}}):
        assert await editor.client.request("codeAction/resolve", action) == action


# Progress, cancelling, one at a time


async def test_progress_is_seen_and_ends(editor: Editor) -> None:
    running = asyncio.ensure_future(editor.run("copilot-ls.fix", {"uri": uri_of(editor), "range": range_(*WRONG)}))
    await editor.client.wait_notification("$/progress", lambda each: each["value"]["kind"] == "begin")
    editor.desk.fixer.go_on.set()
    await running
    await editor.client.wait_notification("$/progress", lambda each: each["value"]["kind"] == "end")
    begin, *_, _end = editor.progress()
    assert begin["cancellable"] is True
    assert begin["title"] == "Fix"


async def test_the_clients_own_token_is_used_and_then_it_is_answered_at_the_end(editor: Editor) -> None:
    argument = {"uri": uri_of(editor), "range": range_(*WRONG)}
    running = asyncio.ensure_future(editor.run("copilot-ls.fix", argument, token="mine"))
    await editor.client.wait_notification("$/progress", lambda each: each["token"] == "mine")
    editor.desk.fixer.go_on.set()
    assert (await running)["state"] == "applied"
    await editor.client.wait_notification("$/progress", lambda each: each["value"]["kind"] == "end")
    assert not [method for method, _ in editor.client.requests_received if method.endswith("workDoneProgress/create")]


async def test_what_is_done_at_once_has_no_bar(editor: Editor) -> None:
    editor.desk.fixer.go_on.set()
    await editor.run("copilot-ls.fix", {"uri": uri_of(editor), "range": range_(*WRONG)})
    assert not editor.progress()


@pytest.mark.parametrize("way", ["bar", "request", "resolve"])
async def test_cancelling_ends_the_work_whatever_the_way(editor: Editor, way: str) -> None:
    uri, client = uri_of(editor), editor.client
    if way == "resolve":
        method, params = "codeAction/resolve", named(await editor.actions(uri, (4, 12)), "Fix: ")
    else:
        argument = {"uri": uri, "range": range_(*WRONG)}
        method, params = "workspace/executeCommand", {"command": "copilot-ls.fix", "arguments": [argument]}
    request_id, future = client.request_nowait(method, params)
    await editor.desk.fixer.begun.wait()
    if way == "bar":
        begun = await client.wait_notification("$/progress")
        client.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
        assert (await future)["state"] == "cancelled"
    else:
        client.cancel(request_id)
        with pytest.raises(LspError):
            await future
    async with asyncio.timeout(5):
        while not editor.desk.fixer.n_cancelled:
            await asyncio.sleep(0)
    assert not editor.applied
    assert not client.notifications("window/showMessage")


async def test_what_is_asked_next_of_a_document_ends_what_was_asked_before(editor: Editor) -> None:
    argument = {"uri": uri_of(editor), "range": range_(*WRONG)}
    first = asyncio.ensure_future(editor.run("copilot-ls.fix", argument))
    await editor.desk.fixer.begun.wait()
    second = asyncio.ensure_future(editor.run("copilot-ls.explain", argument))
    assert (await first)["state"] == "superseded"
    assert editor.desk.fixer.n_cancelled == 1
    editor.desk.explainer.go_on.set()
    assert (await second)["state"] == "shown"


async def test_documents_do_not_wait_for_each_other(editor: Editor, tmp_path: Path) -> None:
    other = (tmp_path / "b.py").as_uri()
    editor.open(other, TEXT)
    first = asyncio.ensure_future(editor.run("copilot-ls.fix", {"uri": uri_of(editor), "range": range_(*WRONG)}))
    await editor.desk.fixer.begun.wait()
    editor.desk.fixer.go_on.set()
    second = await editor.run("copilot-ls.fix", {"uri": other, "range": range_(*WRONG)})
    assert (await first)["state"] == second["state"] == "applied"


async def test_a_client_is_not_kept_waiting_and_gets_the_edit_when_it_is_there(editor: Editor) -> None:
    editor.server.work._patience_s = 0.01
    uri = uri_of(editor)
    answer = await editor.run("copilot-ls.fix", {"uri": uri, "range": range_(*WRONG)})
    assert answer["state"] == "working"
    editor.desk.fixer.go_on.set()
    await editor.said("Replace wrong: verified by ruff")
    assert editor.text(uri) == TEXT.replace("wrong", "right")


async def test_an_action_that_takes_long_to_resolve_is_applied_later(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copilot_ls.lsp.handlers.actions._RESOLVED_WITHIN_S", 0.01)
    uri = uri_of(editor)
    action = named(await editor.actions(uri, (4, 12)), "Fix: ")
    resolved = await editor.client.request("codeAction/resolve", action)
    assert "edit" not in resolved
    editor.desk.fixer.go_on.set()
    await editor.said("Replace wrong: verified by ruff")
    assert editor.text(uri) == TEXT.replace("wrong", "right")


async def test_work_has_a_deadline(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copilot_ls.lsp.handlers.actions._MORE_THAN_ITS_LIMIT_S", -119.99)
    answer = await editor.run("copilot-ls.fix", {"uri": uri_of(editor), "range": range_(*WRONG)})
    assert answer == {"state": "too_late", "message": "gave up: it took too long"}
    assert not editor.applied


async def test_shutdown_ends_work(tmp_path: Path) -> None:
    async with at_desk(tmp_path, recorded_capabilities("vscode")) as editor:
        uri = begin(editor, tmp_path)
        running = asyncio.ensure_future(editor.run("copilot-ls.fix", {"uri": uri, "range": range_(*WRONG)}))
        await editor.desk.fixer.begun.wait()
    with pytest.raises(LspError):
        await running
    assert editor.desk.fixer.n_cancelled == 1


# Explaining


def file_of(uri: str) -> Path:
    return Path(urlsplit(uri).path)


async def test_an_explanation_is_opened_as_a_read_only_file(editor: Editor) -> None:
    uri = uri_of(editor)
    editor.desk.explainer.go_on.set()
    answer = await editor.choose(named(await editor.actions(uri, (4, 12)), "Explain: "))
    assert answer["state"] == "shown"
    file = file_of(answer["uri"])
    assert file.read_text() == answer["markdown"] == "# What it is\n\nIt adds\ntwo numbers.\n\nMore.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    (question,) = editor.desk.explainer.questions
    assert question.diagnostic is not None
    assert question.document.text.slice(question.span) == "wrong"
    assert ("window/showDocument", {"uri": answer["uri"], "external": False, "takeFocus": True}) in (
        editor.client.requests_received
    )


async def test_our_own_plugins_see_it_grow(tmp_path: Path) -> None:
    async with at_desk(tmp_path, recorded_capabilities("neovim"), OURS) as editor:
        uri = begin(editor, tmp_path)
        argument = {"uri": uri, "range": range_((4, 4)), "question": "why?"}
        running = asyncio.ensure_future(editor.run("copilot-ls.explain", argument))
        first = await editor.client.wait_notification("copilot-ls/explanation")
        assert (first["markdown"], first["done"]) == ("# What it is\n\nIt", False)
        await editor.client.wait_notification("copilot-ls/explanation", lambda each: "has grown" in each["markdown"])
        editor.desk.explainer.go_on.set()
        answer = await running
        last = await editor.client.wait_notification("copilot-ls/explanation", lambda each: each["done"])
        assert last["id"] == first["id"]
        assert last["markdown"] == answer["markdown"]
        assert editor.desk.explainer.questions[0].question == "why?"
        assert not [method for method, _ in editor.client.requests_received if method == "window/showDocument"]


async def test_a_view_that_was_opened_is_told_when_it_is_given_up(tmp_path: Path) -> None:
    async with at_desk(tmp_path, recorded_capabilities("neovim"), OURS) as editor:
        uri = begin(editor, tmp_path)
        running = asyncio.ensure_future(editor.run("copilot-ls.explain", {"uri": uri, "range": range_((4, 4))}, "t"))
        await editor.desk.explainer.begun.wait()
        editor.client.notify("window/workDoneProgress/cancel", {"token": "t"})
        assert (await running)["state"] == "cancelled"
        last = await editor.client.wait_notification("copilot-ls/explanation", lambda each: each["done"])
        assert "markdown" not in last


async def test_a_client_that_opens_nothing_shows_the_first_paragraph(editor: Editor) -> None:
    editor.client.on_request("window/showDocument", lambda _: {"success": False})
    editor.desk.explainer.go_on.set()
    await editor.run("copilot-ls.explain", {"uri": uri_of(editor), "range": range_((4, 4))})
    assert await editor.said("It adds") == "copilot-ls: It adds two numbers."


async def test_a_state_folder_that_cannot_be_written_still_shows_something(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path / "file"))
    editor.desk.explainer.go_on.set()
    answer = await editor.run("copilot-ls.explain", {"uri": uri_of(editor), "range": range_((4, 4))})
    assert answer["state"] == "shown"
    assert "uri" not in answer
    assert await editor.said("It adds") == "copilot-ls: It adds two numbers."


async def test_the_status_is_busy_while_work_goes_on(tmp_path: Path) -> None:
    capabilities = recorded_capabilities("neovim") | {"experimental": {"didChangeStatus": True}}
    async with at_desk(tmp_path, capabilities) as editor:
        uri = begin(editor, tmp_path)
        running = asyncio.ensure_future(editor.run("copilot-ls.fix", {"uri": uri, "range": range_(*WRONG)}, "t"))
        await editor.client.wait_notification("didChangeStatus", lambda each: each["busy"])
        editor.desk.fixer.go_on.set()
        await running
        await editor.client.wait_notification("didChangeStatus", lambda each: not each["busy"])
