"""What the vendors' own clients say of a request: by their types of it, for every protocol of which there is a client.

llama.cpp's and TGI's own addresses have none; a real llama.cpp is asked in `tests/engines`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anthropic.types import message_create_params as anthropic_messages
from google.genai import types as gemini
from mistralai.client import models as mistral
from ollama._types import ChatRequest as OllamaChat
from ollama._types import GenerateRequest as OllamaGenerate
from ollama._types import Message as OllamaMessage
from ollama._types import Options as OllamaOptions
from openai.types import completion_create_params as openai_completions
from openai.types.chat import completion_create_params as openai_chat

from tests.conformance.typed import mistakes, understood


def _openai_completion(body: dict[str, Any]) -> list[str]:
    return mistakes(body, openai_completions.CompletionCreateParamsStreaming)


def _openai_chat(body: dict[str, Any]) -> list[str]:
    return mistakes(body, openai_chat.CompletionCreateParamsStreaming)


def _anthropic(body: dict[str, Any]) -> list[str]:
    return mistakes(body, anthropic_messages.MessageCreateParamsStreaming)


def _mistral_middle(body: dict[str, Any]) -> list[str]:
    return understood(body, mistral.FIMCompletionStreamRequest)


def _mistral_chat(body: dict[str, Any]) -> list[str]:
    return understood(body, mistral.ChatCompletionStreamRequest)


def _ollama_middle(body: dict[str, Any]) -> list[str]:
    return understood(body, OllamaGenerate) + _ollama_options(body)


def _ollama_chat(body: dict[str, Any]) -> list[str]:
    messages = [found for message in body["messages"] for found in understood(message, OllamaMessage, "messages")]
    return understood(body, OllamaChat) + _ollama_options(body) + messages


def _ollama_options(body: dict[str, Any]) -> list[str]:
    """The whole takes any table for options and for messages."""
    return understood(body.get("options", {}), OllamaOptions, "options")


def _llama_chat(body: dict[str, Any]) -> list[str]:
    """OpenAI's, and the hints that llama.cpp documents beside it."""
    return _openai_chat({key: value for key, value in body.items() if key not in {"cache_prompt", "id_slot"}})


def _gemini(body: dict[str, Any]) -> list[str]:
    """The client has no type for the whole body of a request, but for each of its parts; all refuse what they do not know."""
    parts: dict[str, Callable[[Any], list[str]]] = {
        "contents": lambda found: [
            each for content in found for each in understood(content, gemini.Content, "contents")
        ],
        "systemInstruction": lambda found: understood(found, gemini.Content, "systemInstruction"),
        "tools": lambda found: [each for tool in found for each in understood(tool, gemini.Tool, "tools")],
        "toolConfig": lambda found: understood(found, gemini.ToolConfig, "toolConfig"),
        "generationConfig": lambda found: understood(found, gemini.GenerationConfig, "generationConfig"),
    }
    unknown = [f"body: {key!r} is unknown" for key in body if key not in parts]
    return unknown + [found for key in body if key in parts for found in parts[key](body[key])]


Judge = Callable[[dict[str, Any]], list[str]]

# For each entry of `PROTOCOLS`: of its middles, and of its conversations.
VENDORS: dict[str, tuple[Judge | None, Judge]] = {
    "openai": (_openai_completion, _openai_chat),
    "openai_chat": (_openai_chat, _openai_chat),
    "azure": (_openai_completion, _openai_chat),
    "anthropic": (_anthropic, _anthropic),
    "mistral": (_mistral_middle, _mistral_chat),
    "ollama": (_ollama_middle, _ollama_chat),
    "ollama_chat": (_ollama_chat, _ollama_chat),
    "llama_cpp": (None, _llama_chat),
    "llama_cpp_prompt": (None, _llama_chat),
    "gemini": (_gemini, _gemini),
    "tgi": (None, _openai_chat),
}
