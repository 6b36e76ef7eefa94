"""Every fault of a server ends in one `BackendError` with its name, within its deadline, for every protocol."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import pytest

from copilot_ls.backends.registry import create
from copilot_ls.errors import (
    BackendError,
    BackendProtocolError,
    BackendRefusedError,
    BackendTimeoutError,
    BackendUnreachableError,
)
from tests.backends.model_server import (
    HTTP_KINDS,
    answer_of,
    content_type_of,
    first_piece_of,
    gather,
    hang,
    request,
    says,
    settings_for,
    text_of,
)
from tests.backends.protocols import PROTOCOLS

KEY = "sk-very-secret-0123456789"


@pytest.fixture(params=HTTP_KINDS)
def kind(request) -> str:
    return request.param


async def fault_of(backend, expected: type[BackendError], fault: str, *, within_s: float = 2.0) -> BackendError:
    started = time.perf_counter()
    with pytest.raises(BackendError) as caught:
        await gather(backend)
    assert time.perf_counter() - started < within_s
    error = caught.value
    assert isinstance(error, expected), error
    assert error.fault == fault, str(error)
    assert error.backend == "it"
    assert str(error).startswith("backend it: ")
    return error


@pytest.fixture
def backend(kind, server, opened):
    """A backend with short deadlines for the test's server."""
    return opened(
        create(
            "it",
            settings_for(kind, server.url, first_byte_timeout_ms=250, idle_timeout_ms=250, total_timeout_ms=1000),
        )
    )


# Before an answer


async def test_nothing_listens(kind, opened):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        error = await fault_of(opened(create("it", settings_for(kind, url))), BackendUnreachableError, "refused")
    assert "start the model server" in str(error)


async def test_an_unknown_host(kind, opened, monkeypatch):
    async def no_such_name(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_such_name)
    backend = opened(create("it", settings_for(kind, "https://models.invalid")))
    error = await fault_of(backend, BackendUnreachableError, "dns")
    assert "models.invalid" in str(error)


async def test_tls_where_there_is_none(kind, opened):
    async def plain(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(plain, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    error = await fault_of(opened(create("it", settings_for(kind, url))), BackendUnreachableError, "tls")
    assert "https by mistake" in str(error)
    listener.close()
    await listener.wait_closed()


async def test_no_first_byte(backend, server):
    server.script = hang
    error = await fault_of(backend, BackendTimeoutError, "timeout_first_byte")
    assert "250 ms (backend.it.first_byte_timeout_ms)" in str(error)


async def test_headers_alone_are_no_answer(backend, kind, server):
    async def script(connection, asked):
        await connection.chunked_head(content_type_of(kind))
        await connection.until_closed()

    server.script = script
    await fault_of(backend, BackendTimeoutError, "timeout_first_byte")


async def test_a_connection_that_takes_too_long(kind, opened, monkeypatch):
    async def slow_name(*_, **__):
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", slow_name)
    backend = opened(create("it", settings_for(kind, "https://models.invalid", connect_timeout_ms=100)))
    await fault_of(backend, BackendTimeoutError, "timeout_connect")


async def test_what_speaks_no_http(backend, server):
    async def script(connection, asked):
        await connection.send(b"220 mail.example ESMTP ready\r\n\r\n")

    server.script = script
    await fault_of(backend, BackendProtocolError, "bad_http")


# Statuses


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 422, 429, 500, 502, 503])
async def test_a_status_that_is_not_success(kind, server, opened, status):
    async def script(connection, asked):
        await connection.whole(status, b'{"error":{"message":"no"}}')

    server.script = script
    backend = opened(create("it", settings_for(kind, server.url)))
    error = await fault_of(backend, BackendRefusedError, f"http_{status}")
    assert f"127.0.0.1:{server.port} answered {status}" in str(error)


async def test_a_model_that_the_server_does_not_have_is_named(backend, kind, server):
    said = PROTOCOLS[kind].model_unknown.replace("{model}", PROTOCOLS[kind].model).encode()

    async def script(connection, asked):
        await connection.whole(404, said)

    server.script = script
    error = await fault_of(backend, BackendRefusedError, "model_not_found")
    assert f"no model {PROTOCOLS[kind].model!r}; set backend.it.model" in str(error)
    assert len(server.asked) == 1


async def test_a_prompt_that_is_too_long_says_which_setting_to_lower(backend, server):
    async def script(connection, asked):
        await connection.whole(400, b'{"error":{"message":"This model\'s maximum context length is 2048 tokens"}}')

    server.script = script
    assert "context.budget_tokens" in str(await fault_of(backend, BackendRefusedError, "context_length"))


async def test_a_redirect_is_not_followed(backend, server):
    async def script(connection, asked):
        await connection.whole(307, b"", Location="https://elsewhere.example/v1?token=abc")

    server.script = script
    error = await fault_of(backend, BackendRefusedError, "http_307")
    assert "redirects to elsewhere.example" in str(error)
    assert "token" not in str(error)
    assert len(server.asked) == 1


async def test_a_pause_that_is_asked_for_is_passed_on(backend, server):
    async def script(connection, asked):
        await connection.whole(429, b"", Retry_After="17")

    server.script = script
    assert "pause for 17 s" in str(await fault_of(backend, BackendRefusedError, "http_429"))


# Keys and source text


async def test_a_key_is_sent_and_never_told(kind, server, opened, monkeypatch):
    monkeypatch.setenv("SOME_KEY", KEY)

    async def script(connection, asked):
        await connection.whole(401, f'{{"error":{{"message":"Incorrect API key provided: {KEY}"}}}}'.encode())

    server.script = script
    backend = opened(create("it", settings_for(kind, server.url, api_key_env="SOME_KEY")))
    error = await fault_of(backend, BackendRefusedError, "http_401")
    header = PROTOCOLS[kind].key_header
    assert server.asked[0].headers[header] == (f"Bearer {KEY}" if header == "authorization" else KEY)
    assert "does not accept the key in the environment variable SOME_KEY" in str(error)
    assert KEY[:8] not in str(error)
    assert KEY[:8] not in repr(error)


async def test_a_key_that_is_not_there_is_a_fault_before_anything_is_sent(kind, server, opened, monkeypatch):
    monkeypatch.delenv("SOME_KEY", raising=False)
    backend = opened(create("it", settings_for(kind, server.url, api_key_env="SOME_KEY")))
    error = await fault_of(backend, BackendRefusedError, "no_key")
    assert "SOME_KEY (backend.it.api_key_env) holds no key" in str(error)
    assert server.asked == []


async def test_without_a_named_key_none_is_sent(kind, server, opened, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.script = says(kind, "x")
    await gather(opened(create("it", settings_for(kind, server.url))))
    assert PROTOCOLS[kind].key_header not in server.asked[0].headers


@pytest.mark.parametrize(
    "body",
    [
        b'{"detail":[{"loc":["body"],"msg":"bad","input":"def add(a, b):\\n    return "}]}',
        b'{"error":{"message":"cannot parse def add(a, b):\\n    return "}}',
        b'{"error":{"message":"cannot parse \\"def add(a, b):\\\\n    return\\""}}',
        b"cannot parse def add(a, b): return",
        b"def add(a, b):\n    return ",
    ],
)
async def test_source_text_that_the_server_echoes_is_not_told(backend, server, body):
    async def script(connection, asked):
        await connection.whole(422, body)

    server.script = script
    error = await fault_of(backend, BackendRefusedError, "http_422")
    assert "def" not in str(error)


async def test_what_the_server_says_is_told_where_it_is_harmless(backend, server):
    async def script(connection, asked):
        await connection.whole(500, b'{"error":{"message":"CUDA out of memory"}}')

    server.script = script
    assert 'The server said: "CUDA out of memory"' in str(await fault_of(backend, BackendRefusedError, "http_500"))


async def test_a_header_that_http_does_not_allow(kind, server, opened):
    backend = opened(create("it", settings_for(kind, server.url, headers={"x-team": "a\r\nHost: evil"})))
    error = await fault_of(backend, BackendRefusedError, "bad_header")
    assert "evil" not in str(error)
    assert server.asked == []


# Within an answer


async def test_a_stall_in_the_midst_of_the_answer(backend, kind, server):
    async def script(connection, asked):
        await connection.chunked_head(content_type_of(kind))
        await connection.chunk(first_piece_of(kind))
        await connection.until_closed()

    server.script = script
    await fault_of(backend, BackendTimeoutError, "timeout_idle")


async def test_an_answer_that_never_ends_by_drops(kind, server, opened):
    backend = opened(create("it", settings_for(kind, server.url, total_timeout_ms=400)))

    async def script(connection, asked):
        await connection.chunked_head(content_type_of(kind))
        while True:
            await connection.chunk(first_piece_of(kind))
            await asyncio.sleep(0.05)

    server.script = script
    await fault_of(backend, BackendTimeoutError, "timeout_total")


async def test_an_answer_that_never_ends_by_floods(backend, kind, server):
    async def script(connection, asked):
        await connection.head(content_type=content_type_of(kind))
        while True:
            await connection.send(b": keep me busy\n\n" * 4096 if not PROTOCOLS[kind].is_lines else b"\n" * 65536)

    server.script = script
    await fault_of(backend, BackendProtocolError, "too_large")


async def test_a_line_of_ten_megabytes(backend, kind, server):
    async def script(connection, asked):
        await connection.head(content_type=content_type_of(kind))
        await connection.send(b'data: {"x": "' + b"a" * 10_000_000)

    server.script = script
    await fault_of(backend, BackendProtocolError, "line_too_long")


async def test_a_reset_in_the_midst_of_the_answer(backend, kind, server):
    async def script(connection, asked):
        await connection.chunked_head(content_type_of(kind))
        await connection.chunk(first_piece_of(kind))
        await asyncio.sleep(0.05)
        connection.reset()

    server.script = script
    with pytest.raises(BackendProtocolError) as caught:
        await gather(backend)
    assert caught.value.fault in {"reset", "truncated"}


async def test_a_connection_that_closes_before_the_last_chunk(backend, kind, server):
    async def script(connection, asked):
        await connection.chunked_head(content_type_of(kind))
        await connection.chunk(first_piece_of(kind))
        connection.writer.close()

    server.script = script
    await fault_of(backend, BackendProtocolError, "truncated")


async def test_an_answer_that_ends_without_saying_so(backend, kind, server):
    async def script(connection, asked):
        await connection.head(content_type=content_type_of(kind))
        await connection.send(first_piece_of(kind))
        connection.writer.close()

    server.script = script
    await fault_of(backend, BackendProtocolError, "truncated")


async def test_an_empty_body(backend, kind, server):
    async def script(connection, asked):
        await connection.whole(200, b"", content_type_of(kind))

    server.script = script
    await fault_of(backend, BackendProtocolError, "empty")


@pytest.mark.parametrize("body", [b"data: {nonsense\n\n", b"data: \xff\xfe\n\n"])
async def test_what_is_not_json(backend, kind, server, body):
    async def script(connection, asked):
        await connection.whole(
            200, body.removeprefix(b"data: ") if PROTOCOLS[kind].is_lines else body, content_type_of(kind)
        )

    server.script = script
    await fault_of(backend, BackendProtocolError, "bad_json")


@pytest.mark.parametrize(
    "message", [b"[]", b"3", b'{"choices": 7, "content": 7, "response": 7}', b'{"hello": "world"}']
)
async def test_json_of_the_wrong_shape(backend, kind, server, message):
    async def script(connection, asked):
        body = message + b"\n" if PROTOCOLS[kind].is_lines else b"data: " + message + b"\n\n"
        await connection.whole(200, body, content_type_of(kind))

    server.script = script
    await fault_of(backend, BackendProtocolError, "wrong_schema")


async def test_a_page_instead_of_an_answer(backend, server):
    async def script(connection, asked):
        await connection.whole(200, b"<html>Welcome</html>", "text/html; charset=utf-8")

    server.script = script
    error = await fault_of(backend, BackendProtocolError, "wrong_content_type")
    assert "text/html" in str(error)


async def test_an_error_within_the_stream(backend, kind, server):
    async def script(connection, asked):
        await connection.chunked_head(content_type_of(kind))
        await connection.chunk(first_piece_of(kind))
        await connection.chunk(PROTOCOLS[kind].error("the model runner has stopped"))
        await connection.end()

    server.script = script
    assert "runner has stopped" in str(await fault_of(backend, BackendProtocolError, "stream_error"))


async def test_an_error_in_the_framing_of_llama_cpp(server, opened):
    async def script(connection, asked):
        await connection.chunked_head()
        await connection.chunk(b'error: {"code":500,"message":"context shift is disabled"}\n\n')
        await connection.end()

    server.script = script
    backend = opened(create("it", settings_for("llama_cpp", server.url)))
    assert "context shift" in str(await fault_of(backend, BackendProtocolError, "stream_error"))


async def test_a_compressed_answer_that_nobody_asked_for(backend, kind, server):
    async def script(connection, asked):
        await connection.whole(200, b"\x1f\x8b", content_type_of(kind), Content_Encoding="gzip")

    server.script = script
    await fault_of(backend, BackendProtocolError, "content_encoding")
    assert server.asked[0].headers["accept-encoding"] == "identity"


# What is no fault


async def test_utf8_split_between_chunks(backend, kind, server):
    async def script(connection, asked):
        await connection.chunked_head(content_type_of(kind))
        for byte in b"".join(answer_of(kind, ["CODE"])).replace(b"CODE", "é√😀".encode()):
            await connection.chunk(bytes([byte]))
        await connection.end()

    server.script = script
    assert text_of(await gather(backend)) == "é√😀"


async def test_an_answer_that_is_not_streamed(kind, server, opened):
    body = json.dumps(PROTOCOLS[kind].whole("ab")).encode()

    async def script(connection, asked):
        await connection.whole(200, body)

    server.script = script
    assert text_of(await gather(opened(create("it", settings_for(kind, server.url))))) == "ab"


async def test_a_server_that_closes_idle_connections_is_asked_again(kind, server, opened):
    said = says(kind, "x")

    async def closes_afterwards(connection, asked):
        if len(server.asked) == 2:
            connection.writer.close()
            return
        await said(connection, asked)

    server.script = closes_afterwards
    backend = opened(create("it", settings_for(kind, server.url)))
    assert text_of(await gather(backend)) == "x"
    assert text_of(await gather(backend)) == "x"
    assert len(server.asked) == 3


async def test_lone_surrogates_are_not_sent(kind, server, opened):
    """A document may hold them; utf-8 may not, and servers refuse or mangle what is not utf-8."""
    server.script = says(kind, "x")
    asked = request("a = '\udc80' + ")
    assert text_of(await gather(opened(create("it", settings_for(kind, server.url))), asked)) == "x"
    json.dumps(server.asked[0].body, ensure_ascii=False).encode()


async def test_more_is_tried_after_a_fault(backend, kind, server):
    server.script = hang
    await fault_of(backend, BackendTimeoutError, "timeout_first_byte")
    server.script = says(kind, "x")
    assert text_of(await gather(backend)) == "x"
