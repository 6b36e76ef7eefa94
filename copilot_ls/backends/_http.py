"""HTTP to model servers: one pool of connections for each backend, every deadline kept, every failure named.

The only importer of httpx2, and that only when the first request is made, in a thread, for the import and a TLS context
cost more than a keystroke may. httpx2 and not httpx: the latter's pool wedges for good when requests are cancelled.
Leaves the meaning of bodies to the backends. Called by `_stream`.

Deadlines are kept here and not by httpx2, whose own apply to each socket operation and cannot tell "connecting" from
"waiting for the first byte", nor bound the whole.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from copilot_ls.backends import _faults
from copilot_ls.backends._failures import Failures
from copilot_ls.backends._keys import KeySource
from copilot_ls.errors import (
    BackendError,
    BackendProtocolError,
    BackendRefusedError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import httpx2

    from copilot_ls.backends._options import Endpoint
    from copilot_ls.config.settings import BackendSettings

# A completion of 1,000 tokens takes some 250 kB as server-sent events.
MAX_RESPONSE_BYTES = 4 << 20
_MAX_ERROR_BYTES = 16 << 10
# One request lives at a time; a few more connections bridge the closing of those that were given up.
_MAX_CONNECTIONS = 8
_KEEPALIVE_S = 60.0
_SUCCESS = range(200, 300)
_SENDING = {"http11.send_request_headers.started", "http2.send_request_headers.started"}


class HttpClient:
    """The connections of one backend to one server. Not tied to an event loop until its first request."""

    def __init__(
        self,
        name: str,
        settings: BackendSettings,
        endpoint: Endpoint,
        *,
        key_header: str = "authorization",
        headers: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._key_header = key_header
        self._fixed = headers or {}
        self.endpoint = endpoint
        self.failures = Failures(name, endpoint.host, settings)
        self._settings = settings
        self._environment = os.environ if environment is None else environment
        self._keys = KeySource(name, settings, environment=environment)
        self._client: httpx2.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening = asyncio.Lock()

    @property
    def key(self) -> str | None:
        """The key as far as it is known, for keeping it out of messages."""
        return self._keys.known

    async def key_state(self) -> str:
        """Where the key comes from and whether it is there, in words, for `doctor`."""
        return await self._keys.state()

    async def post(self, path: str, body: Mapping[str, Any], *, sent: tuple[str, ...] = ()) -> Reply:
        """Send JSON; the reply's body is still to come. `sent` are the source texts in it, never to be quoted back.

        Raises `BackendError`; a `StatusError` for a status that is not success.
        """
        return await self._request("POST", path, body, sent)

    async def get(self, path: str) -> Reply:
        """Ask for a resource; raises as `post` does."""
        return await self._request("GET", path, None, ())

    async def prepare(self) -> None:
        """Load what the first request would have to load; contacts nothing. Raises `BackendUnreachableError`."""
        await self._open()

    async def warm(self) -> None:
        """Open a connection, which the next request finds open; what fails here, fails again when it matters.

        The server is asked for nothing but an answer: no key and no source text is sent.
        """
        with suppress(BackendError, TimeoutError):
            client = await self._open()
            await self._ping(client)

    async def _ping(self, client: httpx2.AsyncClient) -> None:
        import httpx2

        with suppress(httpx2.HTTPError, httpx2.InvalidURL, OSError):
            async with asyncio.timeout(self.failures.deadline_s("connect")):
                await client.head("", headers={"user-agent": _user_agent()})

    async def aclose(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def _open(self) -> httpx2.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            async with self._opening:
                if self._client is None or self._loop is not loop:
                    # Connections of a loop that has ended cannot be closed from this one: they are let go.
                    self._client = await asyncio.to_thread(self._make)
                    self._loop = loop
        return self._client

    def _make(self) -> httpx2.AsyncClient:
        import httpx2

        import copilot_ls.backends._wire  # noqa: F401 - pydantic is slow to load, and this is a thread

        settings = self._settings
        http2 = settings.http2 and self.endpoint.scheme == "https"
        if http2:
            from copilot_ls.backends import _http2

            _http2.mend()
        try:
            return httpx2.AsyncClient(
                http2=http2,
                base_url=self.endpoint.url,
                verify=self._tls_context(),
                # A local server is not to be looked for behind the environment's proxy.
                trust_env=settings.proxy is None and not self.endpoint.is_loopback,
                proxy=settings.proxy,
                timeout=None,
                follow_redirects=False,
                limits=httpx2.Limits(
                    max_connections=_MAX_CONNECTIONS,
                    max_keepalive_connections=_MAX_CONNECTIONS // 2,
                    keepalive_expiry=_KEEPALIVE_S,
                ),
            )
        except (ValueError, TypeError, ImportError, httpx2.InvalidURL):
            # The reason may spell a password that is part of a proxy's URL.
            where = (
                f"backend.{self.name}.proxy" if settings.proxy else "the proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"
            )
            raise self.failures.unreachable(
                "proxy", f"{where} cannot be used; expected a URL like http://proxy.example:3128"
            ) from None

    def _tls_context(self) -> ssl.SSLContext:
        if self._settings.ca_file is not None:
            path = Path(self._settings.ca_file).expanduser()
            try:
                return ssl.create_default_context(cafile=path)
            except OSError as error:
                reason = error.strerror or "not a PEM file of certificates"
                raise self.failures.unreachable("tls", f"backend.{self.name}.ca_file {path}: {reason}") from None
        if self.endpoint.scheme == "http" and self._settings.proxy is None:
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used: redirects are not followed
        import httpx2

        try:
            return httpx2.create_ssl_context(trust_env=True)
        except OSError:
            named = self._environment.get("SSL_CERT_FILE") or self._environment.get("SSL_CERT_DIR")
            raise self.failures.unreachable(
                "tls", f"the certificates in {named} (SSL_CERT_FILE) cannot be read"
            ) from None

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None, sent: tuple[str, ...]) -> Reply:
        client = await self._open()
        for attempt in (1, 2):
            exchange = _Exchange(self, client, sent)
            try:
                return await exchange.send(method, path, body)
            except BackendProtocolError as error:
                # A server may close an idle connection at the very moment that it is used again.
                if attempt == 1 and exchange.reused and error.fault in {"reset", "truncated"}:
                    continue
                raise
        raise AssertionError("unreachable")

    async def headers(self) -> dict[str, str]:
        """The headers of every request. Raises `BackendRefusedError` when a key is named but not there."""
        headers = {
            "user-agent": _user_agent(),
            "accept": "text/event-stream, application/x-ndjson, application/json",
            # A decompressed stream can be far longer than what was received.
            "accept-encoding": "identity",
            "content-type": "application/json",
        }
        headers |= self._fixed
        headers |= {name.lower(): value for name, value in self._settings.headers.items()}
        key = await self._keys.key()
        if key is not None:
            headers[self._key_header] = f"Bearer {key}" if self._key_header == "authorization" else key
        return headers

    def refused(self, status: int, headers: httpx2.Headers, body: bytes, sent: tuple[str, ...]) -> _faults.StatusError:
        """The error for a status that is not success."""
        import httpx2

        key = self.key
        if status in _faults.KEY_REFUSED:
            self._keys.refused()
        location = ""
        with suppress(httpx2.InvalidURL):
            location = httpx2.URL(headers.get("location", "")).host
        return _faults.refused(
            backend=self.name,
            host=self.endpoint.host,
            model=self._settings.model or "",
            status=status,
            body=body,
            location_host=location[:80],
            retry_after=headers.get("retry-after", ""),
            key_where=self._keys.where,
            key=key,
            sent=sent,
        )

    def translate(self, error: httpx2.HTTPError | httpx2.InvalidURL | OSError) -> BackendError:
        """The error of ours for one of httpx2's, without its text, which may quote headers."""
        import httpx2

        host = self.endpoint.host
        failures = self.failures
        if isinstance(error, httpx2.ProxyError):
            return self.failures.unreachable(
                "proxy",
                f"the proxy on the way to {host} refused; check backend.{self.name}.proxy and HTTPS_PROXY, NO_PROXY",
            )
        if isinstance(error, httpx2.ConnectError):
            return failures.not_connected(error, unknown_name=socket.gaierror)
        if isinstance(error, httpx2.ReadError | httpx2.WriteError | httpx2.CloseError):
            return self.failures.broken("reset", "the connection broke in the midst of the exchange")
        if isinstance(error, httpx2.RemoteProtocolError):
            fault = _broken(error)
            return failures.broken(fault, _BROKEN[fault])
        if isinstance(error, httpx2.LocalProtocolError):
            return BackendRefusedError(
                f"backend {self.name}: a header in backend.{self.name}.headers or the key is not allowed in HTTP",
                backend=self.name,
                fault="bad_header",
            )
        return self.failures.unreachable("unreachable", f"{host} cannot be reached ({type(error).__name__})")


class _Exchange:
    """One request and its reply, and which deadline is running."""

    def __init__(self, owner: HttpClient, client: httpx2.AsyncClient, sent: tuple[str, ...]) -> None:
        self.owner = owner
        self._client = client
        self._sent = sent
        self._clock = asyncio.get_running_loop().time
        self._total = self._clock() + owner.failures.deadline_s("total")
        self._first_byte = self._total
        self._section = "connect"
        self._timeout: asyncio.Timeout | None = None
        self.reused = True

    async def send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Reply:
        import httpx2

        # Lone surrogates, which documents may hold, have no utf-8.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        # A command that gives the key is waited for no longer than the request may last.
        headers = await self._within("connect", self._total, self.owner.headers())
        try:
            request = self._client.build_request(
                method, path, content=content, headers=headers, extensions={"trace": self._trace}
            )
        except (httpx2.InvalidURL, UnicodeEncodeError, ValueError):
            raise self.owner.translate(httpx2.LocalProtocolError("")) from None
        response = await self._within("connect", self._until("connect"), self._client.send(request, stream=True))
        reply = Reply(self, response)
        if response.status_code not in _SUCCESS:
            try:
                text = await _read_some(reply, _MAX_ERROR_BYTES)
            finally:
                await reply.aclose()
            raise self.owner.refused(response.status_code, response.headers, text, self._sent)
        if response.headers.get("content-encoding", "identity") not in {"", "identity"}:
            await reply.aclose()
            raise self.owner.failures.broken("content_encoding", "the answer is compressed although that was declined")
        return reply

    async def _trace(self, event: str, _: object) -> None:
        """httpx2 reports where it is: what runs from the request's first byte on is the wait for an answer."""
        if event == "connection.connect_tcp.started":
            self.reused = False
        elif event in _SENDING and self._timeout is not None:
            self._section = "first_byte"
            self._first_byte = self._until("first_byte")
            self._timeout.reschedule(self._first_byte)

    def _until(self, section: str) -> float:
        return min(self._clock() + self.owner.failures.deadline_s(section), self._total)

    async def read(self, chunks: AsyncIterator[bytes], *, first: bool) -> bytes:
        """The next bytes of a body; empty at its end."""
        if first:  # headers may come long before what they announce: both are waited for together
            return bytes(await self._within("first_byte", self._first_byte, anext(chunks, b"")))
        return bytes(await self._within("idle", self._until("idle"), anext(chunks, b"")))

    async def _within(self, section: str, deadline: float, waiting: Any) -> Any:  # noqa: ANN401 - whatever is awaited
        import httpx2

        self._section = section
        try:
            async with asyncio.timeout_at(deadline) as self._timeout:
                return await waiting
        except TimeoutError:
            self._fail_on_deadline()
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise self.owner.translate(error) from None
        finally:
            self._timeout = None

    def _fail_on_deadline(self) -> NoReturn:
        section = "total" if self._clock() >= self._total else self._section
        raise self.owner.failures.timed_out(section) from None


class Reply:
    """A body that is still arriving. Close it: what is not read to its end costs its connection, at once."""

    def __init__(self, exchange: _Exchange, response: httpx2.Response) -> None:
        self._exchange = exchange
        self._response = response
        self._chunks = response.aiter_raw()
        self._n_bytes = 0

    @property
    def content_type(self) -> str:
        """The media type, without parameters, in lower case."""
        return str(self._response.headers.get("content-type", "")).partition(";")[0].strip().lower()

    async def read(self) -> bytes:
        """The next bytes; empty at the end. Raises `BackendError`, also when the body grows past its bound."""
        data = await self._exchange.read(self._chunks, first=self._n_bytes == 0)
        self._n_bytes += len(data)
        if self._n_bytes > MAX_RESPONSE_BYTES:
            failures = self._exchange.owner.failures
            raise failures.broken("too_large", f"the answer is longer than {MAX_RESPONSE_BYTES} bytes")
        return data

    async def read_all(self) -> bytes:
        """The whole body."""
        return await _read_some(self, MAX_RESPONSE_BYTES)

    async def aclose(self) -> None:
        """Free the connection."""
        with suppress(Exception):
            await self._response.aclose()


def _user_agent() -> str:
    from copilot_ls import __version__

    return f"copilot-ls/{__version__}"


async def _read_some(reply: Reply, limit: int) -> bytes:
    pieces: list[bytes] = []
    n_bytes = 0
    while n_bytes < limit and (piece := await reply.read()):
        pieces.append(piece)
        n_bytes += len(piece)
    return b"".join(pieces)[:limit]


_BROKEN = {
    "truncated": "the connection was closed before the answer was complete",
    "reset": "the server broke the exchange off",
    "bad_http": "the answer is not HTTP; is another kind of server listening there?",
}


def _broken(error: BaseException) -> str:
    """How the server broke the protocol. Under HTTP/2 the text is that of an event."""
    text = str(error)
    if any(words in text for words in ("incomplete", "without sending", "without response", "disconnected")):
        return "truncated"
    return "reset" if "StreamReset" in text or "ConnectionTerminated" in text else "bad_http"
