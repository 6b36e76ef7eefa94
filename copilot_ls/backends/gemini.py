"""Gemini's API: conversations by `streamGenerateContent`, with function calls and answers with a schema.

Middles are asked for by conversation, without reasoning where the model can do without. What comes again unchanged is
cached by the service itself. Leaves requests to its pure builders here, and connections to `_http`.
"""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from copilot_ls.backends import _middle, _options, _stream
from copilot_ls.backends._backend import HttpBackend
from copilot_ls.backends._request import WireRequest, arguments_of, called_name, texts_in
from copilot_ls.backends.base import Usage
from copilot_ls.backends.chat import AUTO, NONE, REQUIRED, ChatChunk, ToolCall
from copilot_ls.errors import BackendRefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterator, Sequence

    from copilot_ls.backends._wire_gemini import GeminiCandidate, GeminiChunk, GeminiUsage
    from copilot_ls.backends.base import Chunk, CompletionRequest
    from copilot_ls.backends.chat import ChatRequest, Message
    from copilot_ls.config.settings import BackendSettings

DEFAULT_URL = "https://generativelanguage.googleapis.com/v1beta"
KEY_HEADER = "x-goog-api-key"

REFUSABLE = {
    "thinkingConfig": r"thinking|\bbudget\b",
    "responseJsonSchema": r"response.?json.?schema|response.?schema|response.?mime.?type|json mode",
    "temperature": r"\btemperature\b",
    "stopSequences": r"stop.?sequences",
}
_MAX_STOP_SEQUENCES = 5
_MODES = {AUTO: "AUTO", NONE: "NONE", REQUIRED: "ANY"}
_FINISHED = {"STOP": "stop", "MAX_TOKENS": "length", "FINISH_REASON_UNSPECIFIED": "stop", "OTHER": "stop"}
_FILTERED = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR")


def create(name: str, options: BackendSettings) -> GeminiBackend:
    """Entry point of the kind `gemini`. Raises `SettingsError`."""
    return GeminiBackend(name, options)


def conversation(
    model: str, request: ChatRequest, *, refused: Collection[str] = (), reasoning: bool = True
) -> WireRequest:
    """A request of a conversation."""
    config: dict[str, Any] = {"maxOutputTokens": request.max_tokens, "temperature": request.temperature}
    if request.stop:
        config["stopSequences"] = list(request.stop)[:_MAX_STOP_SEQUENCES]
    if not reasoning:
        config["thinkingConfig"] = {"thinkingBudget": 0}
    if request.output_schema is not None and "responseJsonSchema" not in refused:
        config["responseMimeType"] = "application/json"
        config["responseJsonSchema"] = dict(request.output_schema.schema)
    body: dict[str, Any] = {
        "contents": _turns(request),
        "generationConfig": {name: value for name, value in config.items() if name not in refused},
    }
    system = [{"text": message.content} for message in request.messages if message.role == "system"]
    if system:
        body["systemInstruction"] = {"parts": system}
    if request.tools:
        body["tools"] = [
            {
                "functionDeclarations": [
                    {"name": tool.name, "description": tool.description, "parametersJsonSchema": dict(tool.parameters)}
                    for tool in request.tools
                ]
            }
        ]
        body["toolConfig"] = {"functionCallingConfig": _choice(request.tool_choice)}
    return WireRequest(path(model), body, texts_in(request))


def path(model: str) -> str:
    """Where a model is asked."""
    return f"models/{quote(model.removeprefix('models/'), safe='')}:streamGenerateContent?alt=sse"


def _choice(choice: str) -> dict[str, Any]:
    mode = _MODES.get(choice)
    return {"mode": mode} if mode else {"mode": "ANY", "allowedFunctionNames": [choice]}


def _turns(request: ChatRequest) -> list[dict[str, Any]]:
    """The turns of the two sides. Results of functions are the user's, all those of one turn in one message."""
    turns: list[dict[str, Any]] = []
    for at, message in enumerate(request.messages):
        if message.role == "system":
            continue
        parts = list(_parts(message, request.messages[:at]))
        role = "model" if message.role == "assistant" else "user"
        if turns and turns[-1]["role"] == role:
            turns[-1]["parts"] += parts
        elif parts:
            turns.append({"role": role, "parts": parts})
    return turns


def _parts(message: Message, before: Sequence[Message]) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        answer: dict[str, Any] = {
            "name": called_name(before, message.tool_call_id),
            "response": {"result": message.content},
        }
        if message.tool_call_id:
            answer["id"] = message.tool_call_id
        yield {"functionResponse": answer}
        return
    if message.content:
        yield {"text": message.content}
    for call in message.tool_calls:
        part: dict[str, Any] = {
            "functionCall": {"id": call.id, "name": call.name, "args": arguments_of(call.arguments)}
        }
        if call.signature:
            part["thoughtSignature"] = call.signature
        yield part


class GeminiBackend(HttpBackend):
    """Google's service and one of its models."""

    def __init__(self, name: str, settings: BackendSettings) -> None:
        found = _options.endpoint(name, settings, default_url=DEFAULT_URL).without("/models")
        super().__init__(
            name,
            settings,
            found if found.path else found.with_path("/v1beta"),
            refusable=REFUSABLE,
            key_header=KEY_HEADER,
        )
        if not self.model:
            raise _options.no_model(name, "gemini-2.5-flash-lite")

    def completion_request(self, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
        """What is posted for a middle."""
        asked = _middle.asked(request, choice)
        return conversation(self.model, asked, refused=self._refused.names, reasoning=False)

    def chat_request(self, request: ChatRequest) -> WireRequest:
        """What is posted for a conversation."""
        return conversation(self.model, request, refused=self._refused.names)

    def one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        """One attempt at one alternative."""
        return _middle.answered(self._answer(self.completion_request(request, choice=choice)), choice)

    def converse(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """One attempt at a conversation."""
        return self._answer(self.chat_request(request))

    def how(self) -> str:
        """In what way middles are asked for."""
        return "chat"

    async def models(self) -> Sequence[str]:
        """The models that the service lists."""
        from copilot_ls.backends._wire_gemini import GeminiModels

        found = await _stream.fetch(self._client, "models", GeminiModels)
        return [model.name.removeprefix("models/") for model in found.models]

    async def _answer(self, request: WireRequest) -> AsyncGenerator[ChatChunk, None]:
        n_calls = 0
        finished = False
        usage: Usage | None = None
        async with aclosing(self._messages(request)) as messages:
            async for parsed in messages:
                from copilot_ls.backends._wire_gemini import GeminiChunk

                message = _stream.checked(self._client, GeminiChunk, parsed)
                self._refuse_if_blocked(message)
                if message.usage_metadata is not None:
                    usage = _usage(message.usage_metadata)
                for candidate in (message.candidates or [])[:1]:
                    for chunk in _pieces(candidate, n_calls):
                        n_calls += chunk.tool_call is not None
                        yield chunk
                    if candidate.finish_reason and not finished:
                        finished = True
                        yield ChatChunk(finish_reason=_reason(candidate.finish_reason, n_calls))
        if not finished:
            raise self._client.failures.truncated()
        if usage is not None:
            yield ChatChunk(usage=usage)

    def _refuse_if_blocked(self, message: GeminiChunk) -> None:
        feedback = message.prompt_feedback
        if feedback is not None and feedback.block_reason and not message.candidates:
            raise BackendRefusedError(
                f"backend {self.name}: {self._endpoint.host} does not answer this prompt "
                f"({feedback.block_reason[:40]})",
                backend=self.name,
                fault="content_filter",
            )


def _pieces(candidate: GeminiCandidate, n_calls: int) -> Iterator[ChatChunk]:
    for part in (candidate.content.parts if candidate.content else None) or ():
        if part.function_call is not None:
            call = part.function_call
            arguments = json.dumps(call.args or {}, ensure_ascii=False)
            yield ChatChunk(
                tool_call=ToolCall(call.id or f"call_{n_calls}", call.name, arguments, part.thought_signature)
            )
            n_calls += 1
        elif part.text and not part.thought:
            yield ChatChunk(part.text)


def _reason(reason: str, n_calls: int) -> str:
    if any(filtered in reason for filtered in _FILTERED):
        return "content_filter"
    found = _FINISHED.get(reason, "stop")
    return "tool_calls" if n_calls and found == "stop" else found


def _usage(found: GeminiUsage) -> Usage:
    answered, thought = found.candidates_token_count, found.thoughts_token_count
    output = None if answered is None and thought is None else (answered or 0) + (thought or 0)
    return Usage(found.prompt_token_count, found.cached_content_token_count, output)
