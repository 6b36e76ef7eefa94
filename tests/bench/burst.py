"""Bursts: 200 keys with a request each, as fast as the pipe takes them, against a backend over HTTP that takes its time.

The backend is a server of this process. It counts the calls alive at once and those whose connection the client closed
before the answer was whole; it answers with a number from the end of the prompt, so that the last answer shows which version of
the document it was made from.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import threading
import time
from pathlib import Path

from tests.bench.sources import python_source
from tests.bench.table import Row
from tests.bench.wire import INLINE_COMPLETION, OURS, Wire, configure

URI = "file:///bench/document.py"
N_KEYS = 200
N_BURSTS = 20
ANSWERS_AFTER_S = 0.15


class SlowBackend:
    """An OpenAI-compatible completions server on a loopback port, in a thread."""

    def __init__(self) -> None:
        self.alive = self.most_alive = self.started = self.cut_off = self.answered = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)[1])
                prompt = json.loads(await reader.readexactly(length))
                await self._complete(str(prompt.get("prompt", "")), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _complete(self, prompt: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.started += 1
        # The end of an older call may lie in the sockets already: let it be read first.
        for _ in range(3):
            await asyncio.sleep(0)
        self.alive += 1
        self.most_alive = max(self.most_alive, self.alive)
        try:
            gone = asyncio.ensure_future(reader.read(1))
            done, _ = await asyncio.wait([gone], timeout=ANSWERS_AFTER_S)
            if done:
                self.cut_off += 1
                raise ConnectionError
            gone.cancel()
            seen = re.findall(r"key_(\d+)_", prompt)
            event = {
                "choices": [{"index": 0, "text": f" = answer_{seen[-1] if seen else 'none'}", "finish_reason": "stop"}]
            }
            body = f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n".encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n%b"
                % (len(body), body)
            )
            await writer.drain()
            self.answered += 1
        finally:
            self.alive -= 1


def rows() -> list[Row]:
    """20 bursts; what they leave behind is counted from the end of the second."""
    backend = SlowBackend()
    settings = f"""
[completion]
debounce_max_ms = 0
prefetch = false
[cache]
enable = false
[index]
enable = false
[backend.slow]
kind = "openai"
url = "http://127.0.0.1:{backend.port}/v1"
model = "qwen2.5-coder"
[[route.completion]]
backend = "slow"
"""
    right, elapsed, n_sent = 0, [], 0
    with tempfile.TemporaryDirectory() as folder, Wire(OURS, configure(Path(folder), settings)) as wire:
        wire.initialize()
        wire.open(URI, python_source(300))
        wire.complete(URI, 0, 0, trigger_kind=1)
        files = threads = 0
        memory = 0.0
        for burst in range(N_BURSTS):
            if burst == 2:
                files, threads, memory = wire.n_files(), wire.n_threads(), wire.rss_mb()
            start = time.perf_counter()
            right += one_burst(wire, burst * 1000)
            elapsed.append((time.perf_counter() - start) * 1000)
            n_sent += N_KEYS
        left = wire.rss_mb() - memory, wire.n_files() - files, wire.n_threads() - threads
    still_alive = backend.alive
    backend.close()
    unaccounted = backend.started - backend.cut_off - backend.answered
    return [
        Row("burst: backend calls alive at once, most", backend.most_alive, "", at_most=1),
        Row("burst: last answers wrong or missing", N_BURSTS - right, f"of {N_BURSTS}", at_most=0),
        Row("burst: superseded calls not closed at the socket", unaccounted + still_alive, f"of {backend.started}", at_most=0),
        Row("burst: calls that reached the backend", backend.started, f"of {n_sent}"),
        Row("burst: 200 keys to the last answer", sorted(elapsed)[N_BURSTS // 2], "ms", note=f"backend takes {ANSWERS_AFTER_S * 1000:.0f} ms"),
        Row("burst: memory left by 18 bursts", max(left[0], 0), "MB", at_most=2),
        Row("burst: file descriptors left", left[1], "", at_most=0),
        Row("burst: threads left", left[2], "", at_most=0),
    ]  # fmt: skip


def one_burst(wire: Wire, first: int) -> bool:
    """Type and ask 200 times without reading; whether the last answer is there, and made from the last version."""
    line, asked = 10, []
    wire.change(URI, ((line, 0), (line, 0), "\n"))
    text = ""
    for at in range(first, first + N_KEYS):
        new = f"key_{at}_"
        wire.change(URI, ((line, 0), (line, len(text)), new))
        text = new
        asked.append(wire.ask(INLINE_COMPLETION, wire.completion_params(URI, line, len(text))))
    answers = [wire.answer(request) for request in asked]
    items = (answers[-1].get("result") or {}).get("items") or []
    last = first + N_KEYS - 1
    return bool(items) and f"answer_{last}" in items[0]["insertText"]
