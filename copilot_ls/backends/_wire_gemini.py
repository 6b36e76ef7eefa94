"""The messages of Gemini's `generateContent`, as far as they are read. Unknown fields are ignored.

Imports pydantic; imported once a backend of the kind is asked. Called by `gemini`.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from copilot_ls.backends._wire import Wire


class _Camel(Wire):
    model_config = ConfigDict(alias_generator=to_camel)


class GeminiCall(_Camel):
    """A call, whole."""

    id: str | None = None
    name: str
    args: dict[str, Any] | None = None


class GeminiPart(_Camel):
    """A part of the answer; `thought` is reasoning, no part of it. Calls may be signed."""

    text: str | None = None
    thought: bool = False
    function_call: GeminiCall | None = None
    thought_signature: str | None = None


class GeminiContent(_Camel):
    """What a message adds."""

    parts: list[GeminiPart] | None = None


class GeminiCandidate(_Camel):
    """An alternative; there is one."""

    content: GeminiContent | None = None
    finish_reason: str | None = None


class GeminiFeedback(_Camel):
    """Why there is no answer."""

    block_reason: str | None = None


class GeminiUsage(_Camel):
    """Tokens as the service counted them."""

    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None


class GeminiChunk(_Camel):
    """A message of the stream."""

    candidates: list[GeminiCandidate] | None = None
    prompt_feedback: GeminiFeedback | None = None
    usage_metadata: GeminiUsage | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.candidates is None and self.prompt_feedback is None and self.usage_metadata is None:
            raise ValueError("says nothing")
        return self


class GeminiModel(_Camel):
    """An entry of the list of models."""

    name: str


class GeminiModels(_Camel):
    """`/v1beta/models`."""

    models: list[GeminiModel]
