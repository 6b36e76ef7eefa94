"""Every wire protocol that is spoken: how it is configured, where it is asked, and what its servers stream.

The one table of them. The streams are those of the real services: the vendors' own clients accept them
(`tests/conformance`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from copilot_ls.backends.base import Usage
from copilot_ls.backends.chat import ToolCall

CODER = "qwen2.5-coder:1.5b"


def _event(message: object, event: str = "") -> bytes:
    head = f"event: {event}\n".encode() if event else b""
    return head + b"data: " + json.dumps(message, ensure_ascii=False).encode() + b"\n\n"


def _line(message: object) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


DONE = b"data: [DONE]\n\n"

# What the streams below say about tokens: 40 in, 30 of them from a cache where the protocol tells, 7 out.
_OPENAI_USAGE = {
    "prompt_tokens": 40,
    "completion_tokens": 7,
    "total_tokens": 47,
    "prompt_tokens_details": {"cached_tokens": 30},
}


def _openai_completion(texts: Sequence[str], *, finish: bool) -> list[bytes]:
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1_700_000_000, "model": "m"}
    said = [
        _event(head | {"choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": None}]})
        for text in texts
    ]
    if not finish:
        return said
    last = {"index": 0, "text": "", "logprobs": None, "finish_reason": "stop"}
    return [*said, _event(head | {"choices": [last]}), _event(head | {"choices": [], "usage": _OPENAI_USAGE}), DONE]


def _openai_chat(texts: Sequence[str], calls: Sequence[ToolCall] = (), *, finish: bool = True) -> list[bytes]:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m"}

    def chunk(delta: dict, reason: str | None = None) -> bytes:
        return _event(
            head | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}], "usage": None}
        )

    first = {"role": "assistant"}
    said = []
    for text in texts:
        said.append(chunk(first | {"content": text}))
        first = {}
    for at, call in enumerate(calls):
        function = {"name": call.name, "arguments": ""}
        said.append(chunk({"tool_calls": [{"index": at, "id": call.id, "type": "function", "function": function}]}))
        half = len(call.arguments) // 2
        for part in (call.arguments[:half], call.arguments[half:]):
            said.append(chunk({"tool_calls": [{"index": at, "function": {"arguments": part}}]}))
    if not finish:
        return said
    last = chunk({}, "tool_calls" if calls else "stop")
    return [*said, last, _event(head | {"choices": [], "usage": _OPENAI_USAGE}), DONE]


def _mistral_chat(texts: Sequence[str], calls: Sequence[ToolCall] = (), *, finish: bool = True) -> list[bytes]:
    """Calls come whole, in the message that ends the answer, and usage with it."""
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m"}

    def chunk(delta: dict, reason: str | None = None, **more: object) -> bytes:
        return _event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]} | more)

    said = [chunk({"content": text}) for text in texts]
    if not finish:
        return said
    last: dict = {"content": ""}
    if calls:
        last["tool_calls"] = [
            {"index": at, "id": call.id, "function": {"name": call.name, "arguments": call.arguments}}
            for at, call in enumerate(calls)
        ]
    return [
        chunk({"role": "assistant", "content": ""}),
        *said,
        chunk(last, "tool_calls" if calls else "stop", usage=_OPENAI_USAGE),
        DONE,
    ]


def _mistral_middle(texts: Sequence[str], *, finish: bool) -> list[bytes]:
    return _mistral_chat(texts, finish=finish)


def _llama(texts: Sequence[str], *, finish: bool) -> list[bytes]:
    said = [_event({"index": 0, "content": text, "tokens": [1], "stop": False, "id_slot": 0}) for text in texts]
    last = {
        "index": 0,
        "content": "",
        "tokens": [],
        "id_slot": 0,
        "stop": True,
        "stop_type": "eos",
        "stopping_word": "",
        "truncated": False,
        "tokens_evaluated": 40,
        "tokens_predicted": 7,
        "tokens_cached": 46,
        "timings": {"cache_n": 30, "prompt_n": 10, "predicted_n": 7},
    }
    return [*said, _event(last)] if finish else said


_OLLAMA_HEAD = {"model": "m", "created_at": "2026-01-01T00:00:00Z"}
_OLLAMA_LAST = {"done": True, "done_reason": "stop", "prompt_eval_count": 40, "eval_count": 7, "total_duration": 9}


def _ollama_generate(texts: Sequence[str], *, finish: bool) -> list[bytes]:
    said = [_line(_OLLAMA_HEAD | {"response": text, "done": False}) for text in texts]
    return [*said, _line(_OLLAMA_HEAD | {"response": ""} | _OLLAMA_LAST)] if finish else said


def _ollama_chat(texts: Sequence[str], calls: Sequence[ToolCall] = (), *, finish: bool = True) -> list[bytes]:
    def message(content: str, **more: object) -> dict:
        return {"message": {"role": "assistant", "content": content, **more}, "done": False}

    said = [_line(_OLLAMA_HEAD | message(text)) for text in texts]
    if calls:
        found = [{"function": {"name": call.name, "arguments": json.loads(call.arguments)}} for call in calls]
        said.append(_line(_OLLAMA_HEAD | message("", tool_calls=found)))
    return [*said, _line(_OLLAMA_HEAD | message("") | _OLLAMA_LAST)] if finish else said


def _anthropic(texts: Sequence[str], calls: Sequence[ToolCall] = (), *, finish: bool = True) -> list[bytes]:
    usage = {"input_tokens": 8, "cache_creation_input_tokens": 2, "cache_read_input_tokens": 30, "output_tokens": 1}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "m",
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }

    def event(kind: str, **more: object) -> bytes:
        return _event({"type": kind, **more}, kind)

    said = [event("message_start", message=message), event("ping")]
    blocks = 0
    if texts:
        said.append(event("content_block_start", index=0, content_block={"type": "text", "text": ""}))
        said += [event("content_block_delta", index=0, delta={"type": "text_delta", "text": text}) for text in texts]
        blocks = 1
    if not finish:
        return said
    if texts:
        said.append(event("content_block_stop", index=0))
    for at, call in enumerate(calls, start=blocks):
        block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        said.append(event("content_block_start", index=at, content_block=block))
        half = len(call.arguments) // 2
        for part in ("", call.arguments[:half], call.arguments[half:]):
            delta = {"type": "input_json_delta", "partial_json": part}
            said.append(event("content_block_delta", index=at, delta=delta))
        said.append(event("content_block_stop", index=at))
    delta = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
    return [*said, event("message_delta", delta=delta, usage={"output_tokens": 7}), event("message_stop")]


def _gemini(texts: Sequence[str], calls: Sequence[ToolCall] = (), *, finish: bool = True) -> list[bytes]:
    """A call comes whole, as a part; every message tells the tokens so far."""
    head = {"modelVersion": "m", "responseId": "r1"}
    usage = {"promptTokenCount": 40, "cachedContentTokenCount": 30, "candidatesTokenCount": 7, "totalTokenCount": 47}

    def message(parts: list, reason: str | None = None) -> bytes:
        candidate: dict = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if reason:
            candidate["finishReason"] = reason
        return _event({"candidates": [candidate], "usageMetadata": usage} | head)

    said = [message([{"text": text}]) for text in texts]
    for call in calls:
        function = {"id": call.id, "name": call.name, "args": json.loads(call.arguments)}
        signature = {"thoughtSignature": call.signature} if call.signature else {}
        said.append(message([{"functionCall": function} | signature]))
    return [*said, message([{"text": ""}], "STOP")] if finish else said


def _tgi(texts: Sequence[str], *, finish: bool) -> list[bytes]:
    def message(text: str, at: int, *, special: bool = False, **more: object) -> bytes:
        token = {"id": at, "text": text, "logprob": -0.1, "special": special}
        return _event({"index": at, "token": token, "generated_text": None, "details": None} | more)

    said = [message(text, at) for at, text in enumerate(texts, start=1)]
    details = {"finish_reason": "eos_token", "generated_tokens": 7, "seed": None, "input_length": 40}
    last = message("<|endoftext|>", len(texts) + 1, special=True, generated_text="".join(texts), details=details)
    return [*said, last] if finish else said


def _no_chat(texts: Sequence[str], calls: Sequence[ToolCall] = (), *, finish: bool = True) -> list[bytes]:
    raise AssertionError("this protocol is not for conversations")


_USAGE = Usage(40, 30, 7)


@dataclass(frozen=True)
class Protocol:
    """One protocol as it is used for middles, and the conversations of the same backend.

    `stream` is what a server sends for the texts of a middle, piece by piece; without `finish` all but its end.
    `whole` is the same by a server that does not stream, `error` a message within a stream that reports one.
    `usage` is what `stream` tells about tokens.
    """

    name: str
    kind: str
    path: str
    stream: Callable[..., list[bytes]]
    whole: Callable[[str], dict]
    chat_path: str
    chat_stream: Callable[..., list[bytes]] = _no_chat
    usage: Usage = _USAGE
    model: str = CODER
    options: dict = field(default_factory=dict)
    content_type: str = "text/event-stream"
    key_header: str = "authorization"
    error: Callable[[str], bytes] = lambda said: _event({"error": {"message": said, "type": "server_error"}})
    models: dict = field(default_factory=lambda: {"object": "list", "data": [{"id": "m", "object": "model"}]})
    model_unknown: str = '{"error":{"message":"The model `{model}` does not exist.","code":"model_not_found"}}'

    @property
    def is_lines(self) -> bool:
        """Whether a message is a line, and not an event."""
        return self.content_type == "application/x-ndjson"


def _openai_whole(text: str) -> dict:
    return {"choices": [{"index": 0, "text": text, "finish_reason": "stop"}], "usage": _OPENAI_USAGE}


def _openai_chat_whole(text: str) -> dict:
    message = {"role": "assistant", "content": text}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": _OPENAI_USAGE}


_OPENAI = Protocol(
    name="openai",
    kind="openai",
    path="/v1/completions",
    stream=_openai_completion,
    whole=_openai_whole,
    chat_path="/v1/chat/completions",
    chat_stream=_openai_chat,
)
_DEPLOYMENT = "/openai/deployments/qwen2.5-coder%3A1.5b"
_VERSION = "?api-version=2024-10-21"
_MISTRAL = Protocol(
    name="mistral",
    kind="mistral",
    model="codestral-latest",
    path="/v1/fim/completions",
    stream=_mistral_middle,
    whole=_openai_chat_whole,
    chat_path="/v1/chat/completions",
    chat_stream=_mistral_chat,
    model_unknown='{"object":"error","message":"Invalid model: {model}","type":"invalid_model","code":"1500"}',
)
_LLAMA = Protocol(
    name="llama_cpp",
    kind="llama_cpp",
    path="/infill",
    stream=_llama,
    whole=lambda text: {"content": text, "stop": True, "stop_type": "eos"},
    chat_path="/v1/chat/completions",
    chat_stream=_openai_chat,
    error=lambda said: _event({"error": {"code": 500, "message": said, "type": "server_error"}}),
    model_unknown='{"error":{"code":404,"message":"model not found","type":"invalid_request_error"}}',
)
_OLLAMA = Protocol(
    name="ollama",
    kind="ollama",
    path="/api/generate",
    stream=_ollama_generate,
    whole=lambda text: {"response": text, "done": True},
    chat_path="/api/chat",
    chat_stream=_ollama_chat,
    usage=Usage(40, None, 7),
    content_type="application/x-ndjson",
    error=lambda said: _line({"error": said}),
    models={"models": [{"name": "m", "model": "m"}]},
    model_unknown='{"error":"model \'{model}\' not found, try pulling it first"}',
)
_TGI = Protocol(
    name="tgi",
    kind="tgi",
    path="/generate_stream",
    stream=_tgi,
    whole=lambda text: {
        "token": {"id": 1, "text": text, "special": False},
        "generated_text": text,
        "details": {"finish_reason": "eos_token", "generated_tokens": 7, "input_length": 40},
    },
    chat_path="/v1/chat/completions",
    chat_stream=_openai_chat,
    usage=Usage(40, None, 7),
    error=lambda said: _event({"error": said, "error_type": "generation"}),
    models={"model_id": "m", "max_input_tokens": 4096},
)
_ANTHROPIC = Protocol(
    name="anthropic",
    kind="anthropic",
    model="claude-haiku-4-5",
    path="/v1/messages",
    stream=_anthropic,
    whole=lambda text: {"type": "message", "content": [{"type": "text", "text": text}], "stop_reason": "end_turn"},
    chat_path="/v1/messages",
    chat_stream=_anthropic,
    usage=Usage(40, 30, 7, 2),
    key_header="x-api-key",
    error=lambda said: _event({"type": "error", "error": {"type": "api_error", "message": said}}, "error"),
    model_unknown='{"type":"error","error":{"type":"not_found_error","message":"model: {model}"}}',
)
_GEMINI = Protocol(
    name="gemini",
    kind="gemini",
    model="gemini-2.5-flash-lite",
    path="/v1beta/models/gemini-2.5-flash-lite:streamGenerateContent?alt=sse",
    stream=_gemini,
    whole=lambda text: {
        "candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": "STOP"}]
    },
    chat_path="/v1beta/models/gemini-2.5-flash-lite:streamGenerateContent?alt=sse",
    chat_stream=_gemini,
    key_header="x-goog-api-key",
    error=lambda said: _event({"error": {"code": 500, "message": said, "status": "INTERNAL"}}),
    models={"models": [{"name": "models/m", "displayName": "M"}]},
    model_unknown='{"error":{"code":404,"message":"models/{model} is not found for API version v1beta, or is not '
    'supported for generateContent.","status":"NOT_FOUND"}}',
)

PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        _OPENAI,
        replace(
            _OPENAI,
            name="openai_chat",
            options={"fim": "chat"},
            path="/v1/chat/completions",
            stream=_openai_chat,
            whole=_openai_chat_whole,
        ),
        replace(
            _OPENAI,
            name="azure",
            kind="azure",
            path=f"{_DEPLOYMENT}/completions{_VERSION}",
            chat_path=f"{_DEPLOYMENT}/chat/completions{_VERSION}",
            key_header="api-key",
        ),
        _ANTHROPIC,
        _MISTRAL,
        _OLLAMA,
        replace(
            _OLLAMA,
            name="ollama_chat",
            options={"fim": "chat"},
            path="/api/chat",
            stream=_ollama_chat,
            whole=lambda text: {"message": {"role": "assistant", "content": text}, "done": True},
        ),
        _LLAMA,
        replace(_LLAMA, name="llama_cpp_prompt", options={"fim": "prompt"}, path="/completion"),
        _GEMINI,
        _TGI,
    )
}
