"""Answers that a pydantic model accepts, and tool calls whose arguments one accepts, from any backend that converses.

A model is asked in words for what its protocol may also enforce, because servers ignore what they do not know. What
comes back is looked for wherever models put it: alone, in a fence, behind a sentence or a thought, or as the arguments
of a tool. An invalid answer is given back once with what is wrong with it and the schema; a second one is a failed
task, a `BackendProtocolError` whose fault is `invalid_output` or `invalid_tool_call`. `Answer` and `ToolTurn` say how
many were invalid, for whoever records events.

Leaves the wording of the task to `copilot_ls.prompt`, carrying tools out and recording to `copilot_ls.features`. Called
by the tasks that need more than text.
"""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from copilot_ls.backends.chat import ChatRequest, Message, OutputSchema, ToolCall, ToolSpec
from copilot_ls.backends.json_in_text import json_objects
from copilot_ls.errors import BackendProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_ls.backends.base import Usage
    from copilot_ls.backends.chat import ChatBackend

M = TypeVar("M", bound=BaseModel)

INVALID_OUTPUT = "invalid_output"
INVALID_TOOL_CALL = "invalid_tool_call"

_MAX_ATTEMPTS = 2
# A model that is told of a hundred mistakes makes no better answer than one that is told of these.
_MAX_MISTAKES = 8
_MAX_GIVEN_BACK = 20_000


@dataclass(frozen=True, slots=True)
class Answer(Generic[M]):
    """A valid answer. `n_invalid` were not, before it; `usages` are those of all attempts."""

    value: M
    n_invalid: int
    usages: tuple[Usage, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model may call, with the pydantic model of its arguments."""

    name: str
    description: str
    arguments: type[BaseModel]

    def spec(self) -> ToolSpec:
        """What the model is told of it."""
        return ToolSpec(self.name, self.description, schema_of(self.arguments))


@dataclass(frozen=True, slots=True)
class ValidCall:
    """A call that may be carried out."""

    call: ToolCall
    tool: Tool
    arguments: BaseModel


@dataclass(frozen=True, slots=True)
class ToolTurn:
    """What a model says and what it calls, all valid. `messages` are the conversation so far, this turn included."""

    text: str
    calls: tuple[ValidCall, ...]
    n_invalid: int
    usages: tuple[Usage, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Mistake:
    """In words for the model that made it, and by a name that quotes nothing of what it wrote."""

    words: str
    kind: str


@dataclass(slots=True)
class _Said:
    """One answer, as it came."""

    text: str
    calls: tuple[ToolCall, ...]
    finish_reason: str | None
    usages: tuple[Usage, ...]


def schema_of(model: type[BaseModel]) -> Mapping[str, Any]:
    """The JSON schema of a model, without titles, which cost tokens and say nothing."""
    schema: Mapping[str, Any] = _without_titles(model.model_json_schema())
    return schema


async def ask(backend: ChatBackend, request: ChatRequest, model: type[M]) -> Answer[M]:
    """Ask for one answer that `model` accepts. Tools of the request are left out.

    Raises `BackendError`: what the backend raises, or, when the repair was invalid too, that of `invalid_output`.
    """
    schema = schema_of(model)
    name = model.__name__
    request = replace(
        _instructed(
            request, f"Answer with one JSON object and nothing else. It must satisfy this schema:\n{_json(schema)}"
        ),
        tools=(),
        output_schema=OutputSchema(name, schema),
    )
    usages: tuple[Usage, ...] = ()
    mistakes: list[_Mistake] = []
    for n_invalid in range(_MAX_ATTEMPTS):
        said = await _said(backend, request)
        usages += said.usages
        value, mistakes = _valid(said, model, name)
        if value is not None:
            return Answer(value, n_invalid, usages)
        told = _told("Your answer is not valid", mistakes, said, schema, "Answer again with one JSON object only.")
        given_back = said.text or next((call.arguments for call in said.calls), "")
        request = _followed_by(request, Message("assistant", given_back[:_MAX_GIVEN_BACK]), Message("user", told))
    raise _failed(
        backend,
        INVALID_OUTPUT,
        f"the answer is no valid {name}, not even when it was told so",
        [mistake.kind for mistake in mistakes],
    )


async def call_tools(backend: ChatBackend, request: ChatRequest, tools: Sequence[Tool]) -> ToolTurn:
    """Ask for one turn with `tools`: whatever it calls is one of them, with arguments that its model accepts.

    Raises `BackendError`: what the backend raises, or, when the repair was invalid too, the fault
    `invalid_tool_call`.
    """
    known = {tool.name: tool for tool in tools}
    request = replace(request, tools=tuple(tool.spec() for tool in tools), output_schema=None)
    usages: tuple[Usage, ...] = ()
    n_invalid = 0
    wrong: list[ToolCall] = []
    for _ in range(_MAX_ATTEMPTS):
        said = await _said(backend, request)
        usages += said.usages
        turn = Message("assistant", said.text, tool_calls=said.calls)
        checked = [(call, *_checked_call(call, known, said)) for call in said.calls]
        wrong = [call for call, valid, _ in checked if valid is None]
        if not wrong:
            calls = tuple(valid for _, valid, _ in checked if valid is not None)
            return ToolTurn(said.text, calls, n_invalid, usages, (*request.messages, turn))
        n_invalid += len(wrong)
        # Every call wants an answer; those that are valid were made together with ones that are not.
        results = (
            Message(
                "tool",
                mistake or "Not carried out, since another call is invalid. Call it again.",
                tool_call_id=call.id,
            )
            for call, _, mistake in checked
        )
        request = _followed_by(request, turn, *results)
    names = [call.name if call.name in known else "an unknown tool" for call in wrong]
    raise _failed(backend, INVALID_TOOL_CALL, "it called a tool wrongly again when it was told how", names)


async def _said(backend: ChatBackend, request: ChatRequest) -> _Said:
    text: list[str] = []
    calls: list[ToolCall] = []
    finish_reason: str | None = None
    usages: list[Usage] = []
    async with aclosing(backend.chat(request)) as chunks:
        async for chunk in chunks:
            text.append(chunk.text)
            if chunk.tool_call is not None:
                calls.append(chunk.tool_call)
            finish_reason = chunk.finish_reason or finish_reason
            if chunk.usage is not None:
                usages.append(chunk.usage)
    return _Said("".join(text), tuple(calls), finish_reason, tuple(usages))


def _valid(said: _Said, model: type[M], name: str) -> tuple[M | None, list[_Mistake]]:
    """The value in an answer, or what is wrong with the likeliest place for it."""
    candidates = [call.arguments for call in said.calls if call.name == name] or json_objects(said.text)
    mistakes = [_Mistake("it holds no JSON object", "no_object")]
    for candidate in candidates:
        try:
            return model.model_validate_json(candidate), []
        except ValidationError as error:
            mistakes = _mistakes(error)
    return None, mistakes


def _checked_call(call: ToolCall, known: Mapping[str, Tool], said: _Said) -> tuple[ValidCall | None, str]:
    tool = known.get(call.name)
    if tool is None:
        return None, f"There is no tool {call.name[:80]!r}. There are: {', '.join(known)}."
    try:
        return ValidCall(call, tool, tool.arguments.model_validate_json(call.arguments or "{}")), ""
    except ValidationError as error:
        ask_for = f"Call {tool.name} again."
        return None, _told("The arguments are not valid", _mistakes(error), said, schema_of(tool.arguments), ask_for)


def _mistakes(error: ValidationError) -> list[_Mistake]:
    """Each mistake, its place first. What was written there is not repeated: the model wrote it."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        _Mistake(f"{'.'.join(map(str, entry['loc'])) or 'the whole'}: {entry['msg']}", entry["type"])
        for entry in found[:_MAX_MISTAKES]
    ]


def _told(what: str, mistakes: Sequence[_Mistake], said: _Said, schema: Mapping[str, Any], ask_for: str) -> str:
    parts = [f"{what}:", *(f"- {mistake.words}" for mistake in mistakes)]
    if said.finish_reason == "length":
        parts.append("- it was cut off at its limit; be shorter")
    return "\n".join([*parts, f"It must satisfy this schema:\n{_json(schema)}", ask_for])


def _instructed(request: ChatRequest, words: str) -> ChatRequest:
    """The request with `words` at the end of its system message, which is the same for every request of a task."""
    messages = tuple(request.messages)
    if messages and messages[0].role == "system":
        first = replace(messages[0], content=f"{messages[0].content}\n\n{words}")
        return replace(request, messages=(first, *messages[1:]))
    cache_prefix = request.cache_prefix + 1 if request.cache_prefix else 0
    return replace(request, messages=(Message("system", words), *messages), cache_prefix=cache_prefix)


def _followed_by(request: ChatRequest, *messages: Message) -> ChatRequest:
    return replace(request, messages=(*request.messages, *messages))


def _failed(backend: ChatBackend, fault: str, what: str, why: Sequence[str]) -> BackendProtocolError:
    return BackendProtocolError(
        f"backend {backend.name}: {what} ({', '.join(dict.fromkeys(why))}); a larger model than "
        f"{backend.model or 'this'} may do better",
        backend=backend.name,
        fault=fault,
    )


def _json(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _without_titles(schema: Any, *, names: bool = False) -> Any:  # noqa: ANN401 - any JSON
    """`names`: the keys are those of properties, one of which may well be called `title`."""
    if isinstance(schema, dict):
        return {
            key: _without_titles(value, names=key in {"properties", "$defs"} and not names)
            for key, value in schema.items()
            if names or key != "title"
        }
    return [_without_titles(entry) for entry in schema] if isinstance(schema, list) else schema
