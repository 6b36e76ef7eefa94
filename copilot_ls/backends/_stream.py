"""The messages of a streamed answer, parsed and checked, whatever framing the server chose.

Leaves what a message means to the backends. Called by all backends over HTTP.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from copilot_ls.backends import _faults
from copilot_ls.backends._sse import Decoder, JsonLinesDecoder, LineTooLongError, Message, SseDecoder
from copilot_ls.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from pydantic import BaseModel

    from copilot_ls.backends._http import HttpClient, Reply

    _M = TypeVar("_M", bound=BaseModel)

Framing = Literal["events", "lines"]

_DONE = "[DONE]"
_DRAIN_S = 0.02
_WHOLE = "application/json"
_EVENTS = {"text/event-stream"}
_LINES = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines"}
_UNSAID = {"", "text/plain", "application/octet-stream"}


async def stream(
    client: HttpClient,
    path: str,
    body: Mapping[str, Any],
    *,
    framing: Framing,
    sent: tuple[str, ...],
    is_last: Callable[[dict[str, Any]], bool] = lambda _: False,
) -> AsyncGenerator[dict[str, Any], None]:
    """Post `body` and yield each message of the answer, a JSON object, to the last one.

    `sent` are the source texts within `body`. Raises `BackendError`, also for an error reported within the stream, and
    for an answer with no message at all. Must be closed: `contextlib.aclosing`.
    """
    reply = await client.post(path, body, sent=sent)
    try:
        n_messages = 0
        async for message in _messages(client, reply, framing):
            if message.data.strip() == _DONE:
                await _drain(reply)
                return
            n_messages += 1
            parsed = _parse(client, message, sent)
            yield parsed
            if is_last(parsed):
                await _drain(reply)
                return
        if not n_messages:
            raise client.failures.broken("empty", "the answer is empty")
    finally:
        await reply.aclose()


async def _drain(reply: Reply) -> None:
    """Read what ends the body, so that its connection can be used again, but do not wait for a server that lingers."""
    with suppress(BackendError, TimeoutError):
        async with asyncio.timeout(_DRAIN_S):
            while await reply.read():
                pass


async def _messages(client: HttpClient, reply: Reply, framing: Framing) -> AsyncGenerator[Message, None]:
    decoder = _decoder(client, reply.content_type, framing)
    try:
        if decoder is None:  # the server does not stream: all of it is one message
            text = (await reply.read_all()).decode("utf-8", "replace")
            if text.strip():
                yield Message(text)
            return
        while data := await reply.read():
            for message in decoder.feed(data):
                yield message
        for message in decoder.end():
            yield message
    except LineTooLongError:
        raise client.failures.broken("line_too_long", "a line of the answer is longer than 1 MB") from None


def _decoder(client: HttpClient, content_type: str, framing: Framing) -> Decoder | None:
    if content_type in _EVENTS:
        return SseDecoder()
    if content_type in _LINES:
        return JsonLinesDecoder()
    if content_type == _WHOLE:
        return JsonLinesDecoder() if framing == "lines" else None
    if content_type in _UNSAID:
        return SseDecoder() if framing == "events" else JsonLinesDecoder()
    raise client.failures.broken(
        "wrong_content_type",
        f"the answer is {content_type[:60]}, not JSON; does backend.{client.name}.url lead to an API?",
    )


def _parse(client: HttpClient, message: Message, sent: tuple[str, ...]) -> dict[str, Any]:
    try:
        parsed = json.loads(message.data)
    except (ValueError, RecursionError):
        if message.is_error:
            raise _reported(client, message.data, sent) from None
        raise client.failures.broken("bad_json", "a message of the answer is not JSON") from None
    if message.is_error or (isinstance(parsed, dict) and parsed.get("error")):
        raise _reported(client, parsed, sent)
    if not isinstance(parsed, dict):
        raise client.failures.broken(
            "wrong_schema", f"a message of the answer is a JSON {type(parsed).__name__}, not an object"
        )
    return parsed


def _reported(client: HttpClient, parsed: object, sent: tuple[str, ...]) -> Exception:
    return _faults.said_within_stream(client.name, client.endpoint.host, parsed, key=client.key, sent=sent)


def checked(client: HttpClient, schema: type[_M], parsed: object) -> _M:
    """`parsed` as the wire model `schema`. Raises `BackendProtocolError` with the name of the first wrong field."""
    from pydantic import ValidationError

    try:
        return schema.model_validate(parsed)
    except ValidationError as error:
        # The error's own text quotes the input, which may be source text.
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "message"
        raise client.failures.broken("wrong_schema", f"field {field[:60]} of the answer: {first['type']}") from None


async def fetch(client: HttpClient, path: str, schema: type[_M]) -> _M:
    """A resource as the wire model `schema`. Raises `BackendError`."""
    reply = await client.get(path)
    try:
        text = await reply.read_all()
    finally:
        await reply.aclose()
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        raise client.failures.broken("bad_json", "the answer is not JSON") from None
    return checked(client, schema, parsed)
