"""The vendors' own clients, each asked for the same three things: a middle, a conversation, a call of a tool.

Used to find out whether the test server's answers are what these clients take for an answer, and whether they ask where
copilot-ls asks. `Heard` is what a client made of a stream.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from copilot_ls.backends.base import Usage

KEY = "key-of-a-test"
TOOL = {"name": "search", "description": "Look words up.", "parameters": {"type": "object", "properties": {}}}


@dataclass
class Heard:
    """Text, calls as name and arguments, why it ended, and what it cost."""

    text: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    finish_reason: str | None = None
    usage: Usage | None = None


Asking = Callable[[str, str], Awaitable[Heard]]


async def openai_middle(url: str, model: str) -> Heard:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=url + "/v1", api_key=KEY, max_retries=0) as client:
        return await _openai_completion(client, model)


async def azure_middle(url: str, model: str) -> Heard:
    from openai import AsyncAzureOpenAI

    version = "2024-10-21"
    async with AsyncAzureOpenAI(azure_endpoint=url, api_key=KEY, api_version=version, max_retries=0) as client:
        return await _openai_completion(client, model)


async def _openai_completion(client: Any, model: str) -> Heard:
    heard = Heard()
    stream = await client.completions.create(
        model=model, prompt="a", suffix="b", stream=True, stream_options={"include_usage": True}
    )
    async for chunk in stream:
        for choice in chunk.choices:
            heard.text += choice.text
            heard.finish_reason = choice.finish_reason or heard.finish_reason
        _count_openai(heard, chunk.usage)
    return heard


async def openai_chat(url: str, model: str) -> Heard:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=url + "/v1", api_key=KEY, max_retries=0) as client:
        return await _openai_conversation(client, model)


async def azure_chat(url: str, model: str) -> Heard:
    from openai import AsyncAzureOpenAI

    version = "2024-10-21"
    async with AsyncAzureOpenAI(azure_endpoint=url, api_key=KEY, api_version=version, max_retries=0) as client:
        return await _openai_conversation(client, model)


async def _openai_conversation(client: Any, model: str) -> Heard:
    """By the helper that puts the deltas of a call together itself."""
    heard = Heard()
    asking = client.chat.completions.stream(
        model=model,
        messages=[{"role": "user", "content": "a"}],
        tools=[{"type": "function", "function": TOOL}],
        stream_options={"include_usage": True},
    )
    async with asking as stream:
        async for _ in stream:
            pass
        whole = await stream.get_final_completion()
    message = whole.choices[0].message
    heard.text = message.content or ""
    heard.calls = [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or ()]
    heard.finish_reason = whole.choices[0].finish_reason
    _count_openai(heard, whole.usage)
    return heard


def _count_openai(heard: Heard, usage: Any) -> None:
    if usage is not None:
        cached = usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens
        heard.usage = Usage(usage.prompt_tokens, cached, usage.completion_tokens)


async def anthropic(url: str, model: str) -> Heard:
    from anthropic import AsyncAnthropic

    heard = Heard()
    tool = {"name": TOOL["name"], "description": TOOL["description"], "input_schema": TOOL["parameters"]}
    async with AsyncAnthropic(base_url=url, api_key=KEY, max_retries=0) as client:
        asking = client.messages.stream(
            model=model, max_tokens=10, messages=[{"role": "user", "content": "a"}], tools=[tool]
        )
        async with asking as stream:
            message = await stream.get_final_message()
    for block in message.content:
        if block.type == "text":
            heard.text += block.text
        elif block.type == "tool_use":
            heard.calls.append((block.name, block.input))
    heard.finish_reason = message.stop_reason
    usage = message.usage
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    heard.usage = Usage(usage.input_tokens + read + written, read, usage.output_tokens, written)
    return heard


async def mistral_middle(url: str, model: str) -> Heard:
    from mistralai.client import Mistral

    async with Mistral(server_url=url, api_key=KEY) as client:
        return await _mistral(await client.fim.stream_async(model=model, prompt="a", suffix="b"))


async def mistral_chat(url: str, model: str) -> Heard:
    from mistralai.client import Mistral

    async with Mistral(server_url=url, api_key=KEY) as client:
        stream = await client.chat.stream_async(
            model=model, messages=[{"role": "user", "content": "a"}], tools=[{"type": "function", "function": TOOL}]
        )
        return await _mistral(stream)


async def _mistral(stream: AsyncIterator[Any]) -> Heard:
    heard = Heard()
    async for event in stream:
        for choice in event.data.choices:
            heard.text += choice.delta.content or ""
            heard.finish_reason = choice.finish_reason or heard.finish_reason
            for call in choice.delta.tool_calls or ():
                arguments = call.function.arguments
                heard.calls.append(
                    (call.function.name, json.loads(arguments) if isinstance(arguments, str) else arguments)
                )
        if event.data.usage:
            usage = event.data.usage
            cached = (usage.prompt_tokens_details or {}).get("cached_tokens")
            heard.usage = Usage(usage.prompt_tokens, cached, usage.completion_tokens)
    return heard


async def ollama_middle(url: str, model: str) -> Heard:
    from ollama import AsyncClient

    heard = Heard()
    async with AsyncClient(host=url) as client:
        async for chunk in await client.generate(model=model, prompt="a", suffix="b", stream=True):
            heard.text += chunk.response
            _end_ollama(heard, chunk)
    return heard


async def ollama_chat(url: str, model: str) -> Heard:
    from ollama import AsyncClient

    heard = Heard()
    messages = [{"role": "user", "content": "a"}]
    tools = [{"type": "function", "function": TOOL}]
    async with AsyncClient(host=url) as client:
        async for chunk in await client.chat(model=model, messages=messages, tools=tools, stream=True):
            heard.text += chunk.message.content or ""
            calls = chunk.message.tool_calls or ()
            heard.calls += [(call.function.name, dict(call.function.arguments)) for call in calls]
            _end_ollama(heard, chunk)
    return heard


def _end_ollama(heard: Heard, chunk: Any) -> None:
    if chunk.done:
        heard.finish_reason = chunk.done_reason
        heard.usage = Usage(chunk.prompt_eval_count, None, chunk.eval_count)


async def gemini(url: str, model: str) -> Heard:
    from google import genai
    from google.genai import types

    heard = Heard()
    client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=url, api_version="v1beta"))
    declaration = types.FunctionDeclaration(
        name=TOOL["name"], description=TOOL["description"], parameters_json_schema=TOOL["parameters"]
    )
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[declaration])],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    try:
        stream = await client.aio.models.generate_content_stream(model=model, contents="a", config=config)
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                _hear_gemini(heard, chunk)
    finally:
        await client.aio.aclose()
        client.close()
    return heard


def _hear_gemini(heard: Heard, chunk: Any) -> None:
    for candidate in chunk.candidates or ():
        for part in (candidate.content.parts or ()) if candidate.content else ():
            heard.text += part.text or ""
            if part.function_call:
                heard.calls.append((part.function_call.name, part.function_call.args))
        if candidate.finish_reason:
            heard.finish_reason = candidate.finish_reason.value
    usage = chunk.usage_metadata
    if usage is not None:
        heard.usage = Usage(usage.prompt_token_count, usage.cached_content_token_count, usage.candidates_token_count)


# For entries of `PROTOCOLS`: who asks for its middles, and who holds its conversations.
CLIENTS: dict[str, tuple[Asking | None, Asking]] = {
    "openai": (openai_middle, openai_chat),
    "openai_chat": (openai_chat, openai_chat),
    "azure": (azure_middle, azure_chat),
    "anthropic": (anthropic, anthropic),
    "mistral": (mistral_middle, mistral_chat),
    "ollama": (ollama_middle, ollama_chat),
    "ollama_chat": (ollama_chat, ollama_chat),
    "llama_cpp": (None, openai_chat),
    "tgi": (None, openai_chat),
    "gemini": (gemini, gemini),
}
