"""The JSON that model servers send, as far as it is read. Unknown fields are ignored, known ones must be right.

Imports pydantic, and is therefore itself imported only once a backend over HTTP is asked for the first time.
Called by `_stream` and the backends over HTTP.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """What all messages have in common."""

    # Protected namespaces would warn of Ollama's `model_…` fields.
    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=())


class OpenAiPart(Wire):
    """A part of a content that comes in parts, as Mistral sends it for models that think."""

    text: str | None = None


class OpenAiFunction(Wire):
    """A piece of a call. Mistral may send the arguments parsed."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class OpenAiToolCall(Wire):
    """A piece of a call, and which call it belongs to."""

    index: int | None = None
    id: str | None = None
    function: OpenAiFunction = OpenAiFunction()


class OpenAiDelta(Wire):
    """What a chat choice adds."""

    content: str | list[OpenAiPart] | None = None
    refusal: str | None = None
    tool_calls: list[OpenAiToolCall] | None = None


class OpenAiChoice(Wire):
    """One alternative: `text` for completions, `delta` for chat, `message` for a chat that is not streamed."""

    index: int = 0
    text: str | None = None
    delta: OpenAiDelta | None = None
    message: OpenAiDelta | None = None
    finish_reason: str | None = None


class OpenAiPromptDetails(Wire):
    """How much of the input came from the server's cache."""

    cached_tokens: int | None = None


class OpenAiUsage(Wire):
    """Tokens as the server counted them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: OpenAiPromptDetails | None = None
    prompt_cache_hit_tokens: int | None = None


class OpenAiChunk(Wire):
    """A message of `/v1/completions` or `/v1/chat/completions`, streamed or whole."""

    choices: list[OpenAiChoice]
    usage: OpenAiUsage | None = None


class OpenAiModel(Wire):
    """An entry of the list of models."""

    id: str


class OpenAiModels(Wire):
    """`/v1/models`."""

    data: list[OpenAiModel]


class LlamaTimings(Wire):
    """How much of the prompt was evaluated, and how much reused."""

    prompt_n: int | None = None
    cache_n: int | None = None


class LlamaChunk(Wire):
    """A message of llama.cpp's `/infill`."""

    content: str
    stop: bool = False
    stop_type: str | None = None
    tokens_evaluated: int | None = None
    tokens_predicted: int | None = None
    timings: LlamaTimings | None = None


class OllamaFunction(Wire):
    """What a call of Ollama's calls; its arguments come parsed."""

    name: str
    arguments: dict[str, Any] | None = None


class OllamaToolCall(Wire):
    """A call, whole."""

    id: str | None = None
    function: OllamaFunction


class OllamaMessage(Wire):
    """What a message of a conversation adds."""

    content: str = ""
    tool_calls: list[OllamaToolCall] | None = None


class OllamaChunk(Wire):
    """What the messages of both of Ollama's streams have in common."""

    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class OllamaGenerated(OllamaChunk):
    """A message of Ollama's `/api/generate`."""

    response: str


class OllamaAnswer(OllamaChunk):
    """A message of Ollama's `/api/chat`."""

    message: OllamaMessage


class OllamaModel(Wire):
    """An entry of Ollama's list of models."""

    name: str


class OllamaModels(Wire):
    """`/api/tags`."""

    models: list[OllamaModel]


class TgiToken(Wire):
    """A token of the answer, or one that only the model understands."""

    text: str
    special: bool = False


class TgiDetails(Wire):
    """How an answer of TGI's ended."""

    finish_reason: str
    generated_tokens: int | None = None
    input_length: int | None = None


class TgiChunk(Wire):
    """A message of TGI's `/generate_stream`; the last one has the whole text or details."""

    token: TgiToken
    generated_text: str | None = None
    details: TgiDetails | None = None


class TgiInfo(Wire):
    """`/info`."""

    model_id: str
