"""HTTP/2 requests that are given up are taken back: a mend of httpcore2, which forgets them and says nothing.

What a typist gives up costs a new connection under HTTP/1.1; HTTP/2 can end one request and keep the connection. But
httpcore2 only stops to listen: the server goes on generating, and after a hundred such requests the connection takes no
more. Here the server is told (RST_STREAM, CANCEL), and what it had sent is given back to the flow control.

Also, cancelling a request in the moment of a write would break the TLS stream for all that share it: writes are carried
to their end by tasks of their own, whoever waits for them. Called by `_http` before its first client over TLS; tests
fail when httpcore2 changes underneath.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import h2.errors
import h2.events
import h2.exceptions
import httpcore2

_Connection: Any = httpcore2.AsyncHTTP2Connection  # its private parts have no types
_forget = _Connection._response_closed  # noqa: SLF001 - the mend's very subject
_write = _Connection._write_outgoing_data  # noqa: SLF001 - as above

# The event loop itself keeps no hold of tasks.
_writing: set[asyncio.Task[None]] = set()


async def _take_back(self: Any, stream_id: int) -> None:  # noqa: ANN401 - as above
    """Called by httpcore2, shielded from cancelling, when a response is closed, at its end or before. Never waits."""
    with suppress(h2.exceptions.ProtocolError):
        if _is_reset(self, stream_id):
            _begin_write(self, httpcore2.Request("POST", "https://localhost/"))
    await _forget(self, stream_id)


def _is_reset(connection: Any, stream_id: int) -> bool:  # noqa: ANN401 - as above
    """Whether there was something to take back; the word for it is ready to be sent then."""
    state = connection._h2_state  # noqa: SLF001 - as above
    stream = state.streams.get(stream_id)
    if stream is None or stream.closed:
        return False
    for event in connection._events.get(stream_id, ()):  # noqa: SLF001 - as above
        if isinstance(event, h2.events.DataReceived):
            state.acknowledge_received_data(event.flow_controlled_length, stream_id)
    state.reset_stream(stream_id, h2.errors.ErrorCodes.CANCEL)
    return True


async def _write_whole(self: Any, request: httpcore2.Request) -> None:  # noqa: ANN401 - as above
    await asyncio.shield(_begin_write(self, request))


def _begin_write(connection: Any, request: httpcore2.Request) -> asyncio.Task[None]:  # noqa: ANN401 - as above
    task: asyncio.Task[None] = asyncio.ensure_future(_write(connection, request))
    _writing.add(task)
    task.add_done_callback(_end_write)
    return task


def _end_write(task: asyncio.Task[None]) -> None:
    _writing.discard(task)
    if not task.cancelled():
        task.exception()  # a connection that is broken says so to whoever reads from it


def mend() -> None:
    """Have all connections of this process take back what is given up."""
    _Connection._response_closed = _take_back  # noqa: SLF001 - as above
    _Connection._write_outgoing_data = _write_whole  # noqa: SLF001 - as above
