"""Answers that a pydantic model accepts, and tool calls whose arguments one accepts, from any backend that converses.

A model is asked in words for what its protocol may also enforce, because servers ignore what they do not know. What
comes back is looked for wherever models put it: alone, in a fence, behind a sentence or a thought, or as the arguments
of a tool. `ask` gives an invalid answer back once with what is wrong with it and the schema; a second one is a failed
task, a `BackendProtocolError` whose fault is `invalid_output`. `take_turn` asks once and says what is wrong, for
callers that count each request against a budget.

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
class CheckedCall:
    """A call of a tool: with `arguments` it may be carried out; without, `mistake` says in words for the model why not.

    `tool` is None where there is none of that name.
    """

    call: ToolCall
    tool: Tool | None
    arguments: BaseModel | None
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class Turn(Generic[M]):
    """One turn of a model that may call tools or answer.

    `value` is the answer, if it gave a valid one. Without a value and without calls, `mistake` says in words for the
    model what is wrong with what it wrote. `messages` are the conversation so far, this turn included; `answered_by` is
    the call that the answer came in, and wants a result.
    """

    text: str
    value: M | None
    mistake: str
    calls: tuple[CheckedCall, ...]
    messages: tuple[Message, ...]
    answered_by: ToolCall | None = None

    def told(self, words: str) -> tuple[Message, ...]:
        """The conversation with `words` said about the answer."""
        if self.answered_by is None:
            return (*self.messages, Message("user", words))
        return (*self.messages, Message("tool", words, tool_call_id=self.answered_by.id))


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


async def take_turn(
    backend: ChatBackend, request: ChatRequest, answer: type[M], tools: Sequence[Tool] = (), *, max_chars: int = 200_000
) -> Turn[M]:
    """Ask for one turn, and repair nothing: an answer that `answer` accepts, or calls of `tools`.

    With tools, the answer may also come as a call by the answer's name, and as text. A model that writes more than
    `max_chars` is stopped there. Raises what the backend raises.
    """
    schema = schema_of(answer)
    name = answer.__name__
    request = _instructed(
        request, f"Your answer is one JSON object and nothing else. It must satisfy this schema:\n{_json(schema)}"
    )
    if tools:
        request = _instructed(request, "Before your answer you may call tools.")
        by_call = ToolSpec(name, "Give your answer, and end.", schema)
        specs = (*(tool.spec() for tool in tools), by_call)
        said = await _said(backend, replace(request, tools=specs, output_schema=None), max_chars)
    else:
        said = await _said(backend, replace(request, tools=(), output_schema=OutputSchema(name, schema)), max_chars)
    given_back = tuple(replace(call, arguments=call.arguments[:_MAX_GIVEN_BACK]) for call in said.calls)
    value, mistakes = _valid(said, answer, name)
    known = {tool.name: tool for tool in tools}
    calls = tuple(_checked_call(call, known, said) for call in said.calls if call.name != name)
    by_name = next((call for call in said.calls if call.name == name), None)
    if value is None and calls and by_name is None:
        mistakes = []
    told = _told("Your answer is not valid", mistakes, said, schema, "Answer again with one JSON object only.")
    # What was called beside an answer is not carried out: who answers has seen enough.
    is_answer = by_name is not None or value is not None
    kept = tuple(call for call in given_back if not is_answer or (by_name is not None and call.id == by_name.id))
    turn = Message("assistant", said.text[:_MAX_GIVEN_BACK], tool_calls=kept)
    messages = (*request.messages, turn)
    return Turn(said.text, value, told if mistakes else "", () if is_answer else calls, messages, by_name)


async def _said(backend: ChatBackend, request: ChatRequest, max_chars: int | None = None) -> _Said:
    text: list[str] = []
    n_chars = 0
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
            n_chars += len(chunk.text) + (len(chunk.tool_call.arguments) if chunk.tool_call is not None else 0)
            if max_chars is not None and n_chars > max_chars:
                return _Said("".join(text)[:max_chars], (), "length", tuple(usages))
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


def _checked_call(call: ToolCall, known: Mapping[str, Tool], said: _Said) -> CheckedCall:
    tool = known.get(call.name)
    if tool is None:
        return CheckedCall(
            call, None, None, f"There is no tool {call.name[:80]!r}. There are: {', '.join(known) or 'none'}."
        )
    try:
        return CheckedCall(call, tool, tool.arguments.model_validate_json(call.arguments or "{}"))
    except ValidationError as error:
        ask_for = f"Call {tool.name} again."
        schema = schema_of(tool.arguments)
        return CheckedCall(
            call, tool, None, _told("The arguments are not valid", _mistakes(error), said, schema, ask_for)
        )


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
        if words in messages[0].content:
            return request
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
