"""The JSON that model servers send, as far as it is read. Unknown fields are ignored, known ones must be right.

Imports pydantic, and is therefore itself imported only once a backend over HTTP is asked for the first time.
Called by `_stream` and the backends over HTTP.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Wire(BaseModel):
    # Protected namespaces would warn of Ollama's `model_…` fields.
    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=())


class OpenAiDelta(_Wire):
    """What a chat choice adds."""

    content: str | None = None


class OpenAiChoice(_Wire):
    """One alternative: `text` for completions, `delta` for chat, `message` for a chat that is not streamed."""

    index: int = 0
    text: str | None = None
    delta: OpenAiDelta | None = None
    message: OpenAiDelta | None = None
    finish_reason: str | None = None


class OpenAiPromptDetails(_Wire):
    """How much of the input came from the server's cache."""

    cached_tokens: int | None = None


class OpenAiUsage(_Wire):
    """Tokens as the server counted them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: OpenAiPromptDetails | None = None


class OpenAiChunk(_Wire):
    """A message of `/v1/completions` or `/v1/chat/completions`, streamed or whole."""

    choices: list[OpenAiChoice]
    usage: OpenAiUsage | None = None


class OpenAiModel(_Wire):
    """An entry of the list of models."""

    id: str


class OpenAiModels(_Wire):
    """`/v1/models`."""

    data: list[OpenAiModel]


class LlamaTimings(_Wire):
    """How much of the prompt was evaluated, and how much reused."""

    prompt_n: int | None = None
    cache_n: int | None = None


class LlamaChunk(_Wire):
    """A message of llama.cpp's `/infill`."""

    content: str
    stop: bool = False
    stop_type: str | None = None
    tokens_evaluated: int | None = None
    tokens_predicted: int | None = None
    timings: LlamaTimings | None = None


class OllamaChunk(_Wire):
    """A message of Ollama's `/api/generate`."""

    response: str
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class OllamaModel(_Wire):
    """An entry of Ollama's list of models."""

    name: str


class OllamaModels(_Wire):
    """`/api/tags`."""

    models: list[OllamaModel]
