"""Bursts: 200 keys with a request each, as fast as the pipe takes them, against a backend over HTTP that takes its time.

The backend is a server of this process. It counts the calls alive at once and those whose connection the client closed
before the answer was whole; it answers with the highest number in the prompt, so that the last answer shows which version of the document it was
made from.
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
# Bursts before the measured ones: until then caches fill, and memory grows in steps that do not come again.
WARM_UP_BURSTS = 40
# Full speed leaves the backend one call a burst. At this pace every key has one, and the next key must end it.
PACED_KEYS = 60
PACE_S = 0.01
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
                if head.startswith(b"HEAD "):  # a connection that is opened ahead
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    continue
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
            await asyncio.wait([gone])
            seen = max(map(int, re.findall(r"key_(\d+)_", prompt)), default=-1)
            event = {"choices": [{"index": 0, "text": f" = answer_{seen}", "finish_reason": "stop"}]}
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
    """20 bursts after warming up; what they leave behind is counted from the first of them."""
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
        for burst in range(WARM_UP_BURSTS):
            one_burst(wire, burst * 1000)
        before = backend.started
        for burst in range(WARM_UP_BURSTS, WARM_UP_BURSTS + N_BURSTS):
            if burst == WARM_UP_BURSTS:
                files, threads, memory = wire.n_files(), wire.n_threads(), wire.rss_mb()
            start = time.perf_counter()
            right += one_burst(wire, burst * 1000)
            elapsed.append((time.perf_counter() - start) * 1000)
            n_sent += N_KEYS
        left = wire.rss_mb() - memory, wire.n_files() - files, wire.n_threads() - threads
        full_speed, cut_off = backend.started, backend.cut_off
        paced_right = one_burst(wire, (WARM_UP_BURSTS + N_BURSTS) * 1000, PACED_KEYS, PACE_S)
    still_alive = backend.alive
    backend.close()
    unaccounted = backend.started - backend.cut_off - backend.answered
    return [
        Row("burst: backend calls alive at once, most", backend.most_alive, "", at_most=1),
        Row("burst: last answers wrong or missing", N_BURSTS - right, f"of {N_BURSTS}", at_most=0),
        Row("burst: superseded calls not closed at the socket", unaccounted + still_alive, f"of {backend.started}", at_most=0),
        Row("burst: calls that reached the backend at full speed", full_speed - before, f"of {n_sent}"),
        Row("burst: a key each 10 ms, calls cut off", backend.cut_off - cut_off, f"of {backend.started - full_speed}", note=f"{PACED_KEYS} keys"),
        Row("burst: a key each 10 ms, last answer wrong or missing", 1 - paced_right, "", at_most=0),
        Row("burst: 200 keys to the last answer", sorted(elapsed)[N_BURSTS // 2], "ms", note=f"backend takes {ANSWERS_AFTER_S * 1000:.0f} ms"),
        Row("burst: memory left by 20 bursts", max(left[0], 0), "MB", at_most=2),
        Row("burst: file descriptors left", left[1], "", at_most=0),
        Row("burst: threads left", left[2], "", at_most=0),
    ]  # fmt: skip


def one_burst(wire: Wire, first: int, n_keys: int = N_KEYS, pace_s: float = 0) -> bool:
    """Type and ask `n_keys` times without reading; whether the last answer is there, and made from the last version."""
    line, asked = 10, []
    wire.change(URI, ((line, 0), (line, 0), "\n"))
    text = ""
    for at in range(first, first + n_keys):
        new = f"key_{at}_"
        wire.change(URI, ((line, 0), (line, len(text)), new))
        text = new
        asked.append(wire.ask(INLINE_COMPLETION, wire.completion_params(URI, line, len(text))))
        time.sleep(pace_s)
    answers = [wire.answer(request) for request in asked]
    items = (answers[-1].get("result") or {}).get("items") or []
    last = first + n_keys - 1
    return bool(items) and f"answer_{last}" in items[0]["insertText"]
