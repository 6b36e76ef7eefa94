"""Prompts are made for the model that is asked, and with the last one for the same document in mind."""

from __future__ import annotations

from copilot_ls.config.completion_settings import CompletionSettings
from copilot_ls.config.settings import BackendSettings, ContextSettings, Settings
from copilot_ls.context.request import ContextRequest
from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.features.prompts import Prompts, budget_of, gather_for, profile_of, scopes_at
from copilot_ls.prompt.tokens import estimate
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

SETTINGS = Settings(
    context=ContextSettings(budget_tokens=2000),
    completion=CompletionSettings(max_tokens=100),
    backend={
        "small": BackendSettings(kind="ollama", model="codellama:7b-code", context_window=1000),
        "large": BackendSettings(kind="llama_cpp", profile="qwen-coder"),
        "wrong": BackendSettings(kind="openai", model="claude-x", profile="no-such-profile"),
    },
)


def opened(text: str, uri: str = "file:///w/a.py") -> DocumentSnapshot:
    return DocumentSnapshot(uri, uri.removeprefix("file://"), "python", 1, TextSnapshot.of(text))


def snippet(name: str) -> ContextSnippet:
    text = f"def {name}(value):\n    return value.{name}"
    return ContextSnippet(f"{name}.py", 0, 2, text, "definitions", 1.0, estimate(text))


def test_family_and_window_are_those_of_the_backend():
    assert profile_of(SETTINGS, "small").name == "codellama"
    assert profile_of(SETTINGS, "large").name == "qwen-coder"
    assert profile_of(SETTINGS, "wrong").name == "claude"
    assert profile_of(SETTINGS, "embedded").name == "generic"
    assert budget_of(SETTINGS, "large") == 2000
    assert budget_of(SETTINGS, "small") + 100 < 1000


def test_a_family_of_many_tokens_is_sent_less_text():
    document = opened("".join(f"value_{number} = compute(value_{number - 1})\n" for number in range(900)))
    sent = {}
    for backend in ("small", "large"):
        prompt = Prompts().prompt(backend, document, Point(450, 0), (), SETTINGS, tree=None, path="a.py")
        assert prompt.tokens <= budget_of(SETTINGS, backend)
        sent[backend] = estimate(prompt.prefix + prompt.suffix)
    assert sent["small"] * profile_of(SETTINGS, "small").tokens_ratio <= 900
    assert sent["large"] > 1500


def test_what_was_shown_last_keeps_its_place_for_the_same_document_and_backend_alone():
    prompts = Prompts()
    document, cursor = opened("x = 1\n"), Point(0, 5)
    first, second = [snippet("a"), snippet("b")], [snippet("b"), snippet("a")]

    def order(backend: str, snippets: list[ContextSnippet], *, remember: bool = True) -> str:
        prompt = prompts.prompt(
            backend, document, cursor, snippets, SETTINGS, tree=None, path="main.py", remember=remember
        )
        return "".join(each.path[0] for each in prompt.snippets)

    assert order("large", second, remember=False) == "ba"
    assert order("large", first) == "ab"
    assert order("large", second) == "ab"
    assert order("small", second) == "ba"
    prompts.forget(document.uri)
    assert order("large", second) == "ba"


def test_what_stood_there_is_offered_again_near_the_place_while_it_is_true():
    prompts = Prompts()
    document = opened("x = 1\n" * 60)
    lib = opened("def a(value):\n    return value.a\n", "file:///w/a.py")
    prompts.prompt("large", document, Point(3, 0), [snippet("a")], SETTINGS, tree=None, path="main.py")
    assert list(prompts.standing("large", document, Point(9, 0))) == [snippet("a")]
    assert list(prompts.standing("large", document, Point(50, 0))) == []
    assert list(prompts.standing("small", document, Point(3, 0))) == []
    for text, kept in (("def a(value):\n    return value.a\n", [snippet("a")]), ("changed\n", [])):
        lib = opened(text, "a.py")
        request = ContextRequest(opened("", "file:///w/main.py"), Point(0, 0), None, [lib])
        found = gather_for(request, SETTINGS, "large", standing=[snippet("a")], deadline_ms=1000)
        assert [each for each in found.snippets if each.source == "definitions"] == kept


def test_heads_are_of_classes_and_functions_not_of_blocks():
    text = "class A:\n    def f(\n        self,\n    ):\n        if x:\n            pass\n"
    tree = SyntaxDocument("python", "/a.py").tree_at(TextSnapshot.of(text))
    assert scopes_at(tree, Point(5, 12)) == [(0, 1), (1, 4)]
    assert scopes_at(None, Point(5, 12)) == []
