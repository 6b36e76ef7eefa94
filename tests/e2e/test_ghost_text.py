"""From a keystroke to ghost text, to its acceptance, to the statistics; with backends that are slow, broken or late."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.conftest import House
from tests.lsp_client import LspClient, LspError, edit

HEAD = """\
class Wallet:
    def __init__(self, owner, balance=0):
        self.owner = """


async def type_text(client: LspClient, uri: str, version: int, line: int, character: int, text: str) -> int:
    """Type key by key, asking for ghost text after each, as editors do; returns the last version."""
    for offset, key in enumerate(text):
        version += 1
        at = (line, character + offset)
        client.change(uri, version, [edit(at, at, key)])
    return version


async def first_item(client: LspClient, uri: str, line: int, character: int) -> dict:
    """The first ghost text, once the index of the new workspace has what it takes."""
    async with asyncio.timeout(20):
        while not (items := await client.inline_completion(uri, line, character)):
            await asyncio.sleep(0.02)
    return items[0]


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_with_nothing_configured_ghost_text_is_offered_accepted_and_counted(house: House) -> None:
    uri = house.uri("wallet.py")
    async with house.serve() as client:
        client.open(uri, HEAD)
        line, character = 2, len("        self.owner = ")
        item = await first_item(client, uri, line, character)
        assert item["insertText"] == "owner"
        start = item["range"]["start"]
        client.change(uri, 2, [edit((start["line"], start["character"]), (line, character), item["insertText"])])
        await client.execute(item["command"])
    stats = house.stats()
    assert (stats["shown"], stats["accepted"], stats["acceptance_rate"]) == (1, 1, 1.0)


async def test_a_block_that_the_embedded_backend_is_sure_of_is_offered_in_the_midst_of_a_statement(
    house: House,
) -> None:
    step = """\
def step_{0}(stream, total):
    for line in stream:
        name, value = line.split("=", 1)
        total[name.strip()] = value.strip()
    return total


"""
    text = "".join(step.format(n) for n in ("one", "two", "three", "four", "five"))
    text += "def step_six(stream, total):\n    for line in stream:\n        name, value = line."
    uri = house.uri("steps.py")
    for multiline in ("auto", "never"):
        house.configure(f'[completion]\nmultiline = "{multiline}"\n')
        async with house.serve() as client:
            client.open(uri, text)
            item = await first_item(client, uri, text.count("\n"), len("        name, value = line."))
            assert item["insertText"].startswith('split("=", 1)')
            assert ("\n        total[name.strip()] = value.strip()" in item["insertText"]) == (multiline == "auto")


async def test_an_edit_that_inserts_the_whole_text_counts_without_a_command(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price * quantity"}])
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "total = ")
        (item,) = await client.inline_completion(uri, 0, 8)
        client.change(uri, 2, [edit((0, 8), (0, 8), item["insertText"])])
        assert await client.inline_completion(uri, 0, 24) == []
    stats = house.stats()
    assert (stats["accepted"], stats["partially_accepted"], stats["typed"]) == (1, 0, 0)


async def test_a_word_taken_counts_as_partly_accepted(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price * quantity"}])
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "total = ")
        await client.inline_completion(uri, 0, 8)
        client.change(uri, 2, [edit((0, 8), (0, 8), "price ")])
        (item,) = await client.inline_completion(uri, 0, 14)
        assert item["insertText"] == "* quantity"
    stats = house.stats()
    assert (stats["accepted"], stats["partially_accepted"]) == (0, 1)


async def test_typing_along_asks_no_backend_again(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price * quantity"}], extra="[completion]\nprefetch = false\n")
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "total = ")
        await client.inline_completion(uri, 0, 8)
        for n, key in enumerate("price"):
            client.change(uri, 2 + n, [edit((0, 8 + n), (0, 8 + n), key)])
            (item,) = await client.inline_completion(uri, 0, 9 + n)
            assert item["insertText"] == "price * quantity"[n + 1 :]
    assert len(house.recorded("asked")) == 1


async def test_the_same_place_behind_another_text_is_another_question(house: House) -> None:
    house.script([{"prefix": "one = $", "text": "first"}, {"prefix": "two = $", "text": "second"}])
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "one = ")
        assert [item["insertText"] for item in await client.inline_completion(uri, 0, 6)] == ["first"]
        client.change(uri, 2, [edit((0, 0), (0, 3), "two")])
        assert [item["insertText"] for item in await client.inline_completion(uri, 0, 6)] == ["second"]


async def test_going_back_finds_the_answer_in_memory(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price"}], extra="[completion]\nprefetch = false\n")
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "total = ")
        await client.inline_completion(uri, 0, 8)
        client.change(uri, 2, [edit((0, 8), (0, 8), "x")])
        assert await client.inline_completion(uri, 0, 9) == []
        client.change(uri, 3, [edit((0, 8), (0, 9), "")])
        (item,) = await client.inline_completion(uri, 0, 8)
        assert item["insertText"] == "price"
    assert len(house.recorded("asked")) == 2


async def test_the_next_run_finds_the_answer_on_disk(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price"}])
    for _ in range(2):
        async with house.serve() as client:
            client.open(house.uri("a.py"), "total = ")
            (item,) = await client.inline_completion(house.uri("a.py"), 0, 8)
            assert item["insertText"] == "price"
    asked = [one for one in house.recorded("asked") if one.get("prefix", "").endswith("total = ")]
    assert len(asked) == 1
    assert house.stats()["shown"] == 0


async def test_a_newer_request_ends_the_older_one_down_to_the_backend(house: House) -> None:
    house.script([{"prefix": "slow = $", "hang": True}, {"prefix": "slow = x$", "text": "yz"}])
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "slow = ")
        _, first = client.request_nowait("textDocument/inlineCompletion", client.inline_completion_params(uri, 0, 7))
        await until(lambda: house.recorded("asked"))
        client.change(uri, 2, [edit((0, 7), (0, 7), "x")])
        (item,) = await client.inline_completion(uri, 0, 8)
        assert item["insertText"] == "yz"
        # Not an empty list: Neovim would take the newer answer off the screen.
        assert await first is None
        assert len(house.recorded("cancelled")) == 1


async def test_a_cancelled_request_goes_on_for_the_next_key(house: House) -> None:
    """VS Code stops waiting after 750 ms; the answer that comes later is there when it asks again."""
    house.script([{"prefix": "late = $", "chunks": ["ans", "wer"], "chunk_delay_ms": 300}])
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "late = ")
        number, first = client.request_nowait(
            "textDocument/inlineCompletion", client.inline_completion_params(uri, 0, 7)
        )
        await until(lambda: house.recorded("asked"))
        client.cancel(number)
        with pytest.raises(LspError) as error:
            await first
        assert error.value.code == -32800
        (item,) = await client.inline_completion(uri, 0, 7)
        assert item["insertText"] == "answer"
    assert len([one for one in house.recorded("asked") if one["prefix"].endswith("late = ")]) == 1


async def test_after_the_deadline_the_editor_is_answered_and_the_answer_is_kept(house: House) -> None:
    house.script([{"prefix": "late = $", "text": "answer", "delay_ms": 400}], extra="[completion]\ndeadline_ms = 100\n")
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "late = ")
        assert await client.inline_completion(uri, 0, 7) == []
        await until(lambda: house.recorded("answered"))
        (item,) = await client.inline_completion(uri, 0, 7)
        assert item["insertText"] == "answer"


async def test_what_follows_is_fetched_while_the_suggestion_is_read(house: House) -> None:
    house.script(
        [{"prefix": "one = $", "text": "first()"}, {"prefix": r"one = first\(\)$", "text": "\ntwo = second()"}]
    )
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "one = ")
        (item,) = await client.inline_completion(uri, 0, 6)
        await until(lambda: len(house.recorded("answered") + house.recorded("cancelled")) == 2)
        client.change(uri, 2, [edit((0, 6), (0, 6), item["insertText"])])
        await client.execute(item["command"])
        (following,) = await client.inline_completion(uri, 0, 13)
        assert following["insertText"].strip().startswith("two")
    assert len([one for one in house.recorded("asked") if one["prefix"].endswith("one = first()")]) == 1


async def test_several_are_offered_when_asked_for(house: House) -> None:
    house.script([{"prefix": "x = $", "alternatives": ["one", "two", "one"]}])
    async with house.serve() as client:
        client.open(house.uri("a.py"), "x = ")
        items = await client.inline_completion(house.uri("a.py"), 0, 4, trigger_kind=1)
        assert [item["insertText"] for item in items] == ["one", "two"]


@pytest.mark.parametrize("fault", ["http_500", "http_429", "refused", "timeout_first_byte", "bad_json"])
async def test_a_broken_backend_passes_the_question_on(house: House, fault: str) -> None:
    house.script([{"fault": fault}])
    config = house.root / "config" / "config.toml"
    config.write_text(config.read_text() + '[[route.completion]]\nbackend = "embedded"\n')
    uri = house.uri("wallet.py")
    async with house.serve() as client:
        client.open(uri, HEAD)
        item = await first_item(client, uri, 2, len("        self.owner = "))
        assert item["insertText"] == "owner"
        assert client.notifications("window/showMessage") == []


async def test_a_selected_entry_of_the_completion_list_is_continued(house: House) -> None:
    house.script([{"prefix": "value.upper$", "text": "()"}])
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "value.u")
        params = client.inline_completion_params(uri, 0, 7)
        position = {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 7}}
        params["context"]["selectedCompletionInfo"] = {"range": position, "text": "upper"}
        (item,) = (await client.request("textDocument/inlineCompletion", params))["items"]
        assert item["insertText"] == "upper()"
        assert item["range"] == position


async def test_two_servers_write_one_database(house: House) -> None:
    house.script([{"prefix": "x = $", "text": "42"}])

    async def session(name: str) -> None:
        async with house.serve() as client:
            client.open(house.uri(name), "x = ")
            (item,) = await client.inline_completion(house.uri(name), 0, 4)
            client.change(house.uri(name), 2, [edit((0, 4), (0, 4), item["insertText"])])
            await client.execute(item["command"])

    await asyncio.gather(*(session(f"{n}.py") for n in range(3)))
    assert house.stats()["accepted"] == 3


async def test_nothing_is_offered_in_comments_when_they_are_turned_off(house: House) -> None:
    house.script([{"text": "said"}], extra="[completion]\ncomments = false\n")
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "# why \nx = \n")
        assert await client.inline_completion(uri, 0, 6) == []
        assert await client.inline_completion(uri, 1, 4)


async def test_files_that_hold_keys_are_neither_asked_about_nor_sent(house: House) -> None:
    house.script([{"text": "said"}])
    async with house.serve() as client:
        client.open(house.uri(".env"), "TOKEN=canary_5f3a\nOTHER=", "shellscript")
        assert await client.inline_completion(house.uri(".env"), 1, 6, trigger_kind=1) == []
        client.open(house.uri("a.py"), "token = \nTOKEN\n")
        assert await client.inline_completion(house.uri("a.py"), 0, 8)
    assert house.recorded("asked")
    assert "canary" not in house.record.read_text()


async def test_telemetry_off_leaves_no_file(house: House) -> None:
    house.script([{"prefix": "x = $", "text": "42"}], extra="[telemetry]\nenable = false\n")
    async with house.serve() as client:
        client.open(house.uri("a.py"), "x = ")
        assert await client.inline_completion(house.uri("a.py"), 0, 4)
    assert not list((house.root / "state").glob("*")) if (house.root / "state").exists() else True


async def test_burst_of_keys_is_answered_for_the_last_one(house: House) -> None:
    house.script([{"prefix": r"x = a+$", "text": "b", "delay_ms": 30}])
    uri = house.uri("a.py")
    n_keys = 100
    async with house.serve() as client:
        client.open(uri, "x = ")
        futures = []
        for n in range(n_keys):
            client.change(uri, 2 + n, [edit((0, 4 + n), (0, 4 + n), "a")])
            futures.append(
                client.request_nowait("textDocument/inlineCompletion", client.inline_completion_params(uri, 0, 5 + n))[
                    1
                ]
            )
        answers = [await future for future in futures]
        assert [item["insertText"] for item in answers[-1]["items"]] == ["b"]
        assert not any(answers[:-1])
    last = list(house.recorded("asked"))[-1]
    assert max(one.get("alive", 0) for one in house.recorded()) <= 1
    assert last["prefix"].endswith("x = " + "a" * n_keys) or last["prefix"].endswith("b")
