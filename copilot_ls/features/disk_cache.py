"""Suggestions kept between runs, for backends that cost time or money.

diskcache holds them. Its stock `Disk` unpickles what it finds in its file, which lets whoever can write that file run
code (CVE-2025-69872), its `JSONDisk` too; the one here knows text alone. Keys are hashes; values are text of
suggestions, in a folder that only the user can read. All work is done in one thread of its own, and a disk that is
slow, full, locked or broken is as good as an empty cache.

Called by `inline_completion`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

logger = logging.getLogger("copilot_ls.cache")


def key_of(*parts: str) -> str:
    """A name for a request that tells nothing about it: the BLAKE2b hash of its parts, each led by its length."""
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


class DiskCache:
    """Lists of texts by key, on disk."""

    def __init__(self, folder: Path, *, max_bytes: int, answer_within_s: float = 0.25) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._answer_within_s = answer_within_s
        self._thread: ThreadPoolExecutor | None = None
        self._cache: Any = None
        self._broken = False

    def open(self) -> None:
        """Open the file and wait for it; opening takes longer than `get` waits for an answer."""
        self._executor().submit(self._read, "").result()

    async def get(self, key: str) -> list[str]:
        """The texts of `key`; none when there are none, or when the disk is slower than asking again is worth."""
        if self._broken:
            return []
        work = asyncio.get_running_loop().run_in_executor(self._executor(), self._read, key)
        try:
            return await asyncio.wait_for(asyncio.shield(work), self._answer_within_s)
        except TimeoutError:
            return []

    def put(self, key: str, texts: Sequence[str]) -> None:
        """Keep the texts of `key`; returns at once."""
        if not self._broken:
            self._executor().submit(self._write, key, list(texts))

    def close(self) -> None:
        """Finish writing and close the file."""
        if self._thread is not None:
            self._thread.submit(self._shut)
            self._thread.shutdown(wait=True)
            self._thread = None

    def _executor(self) -> ThreadPoolExecutor:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "disk-cache")
        return self._thread

    def _read(self, key: str) -> list[str]:
        try:
            value = json.loads(self._open().get(key, "[]"))
        except Exception as error:  # noqa: BLE001 - a broken cache is an empty one
            self._give_up(error)
            return []
        return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []

    def _write(self, key: str, texts: list[str]) -> None:
        try:
            self._open().set(key, json.dumps(texts))
        except Exception as error:  # noqa: BLE001 - a broken cache is an empty one
            self._give_up(error)

    def _shut(self) -> None:
        if self._cache is not None:
            self._cache.close()
            self._cache = None

    def _open(self) -> Any:  # noqa: ANN401 - diskcache has no types
        if self._cache is None:
            import diskcache

            from copilot_ls.config.paths import private_dir

            private_dir(self._folder).chmod(0o700)
            self._cache = diskcache.Cache(
                str(self._folder), disk=_text_disk(), size_limit=self._max_bytes, eviction_policy="least-recently-used"
            )
        return self._cache

    def _give_up(self, error: Exception) -> None:
        self._broken = True
        logger.warning(
            "the suggestion cache %s cannot be used (%s) and stays off; deleting the folder mends it",
            self._folder,
            type(error).__name__,
        )


def _text_disk() -> type:
    """A diskcache `Disk` that stores and takes text, and refuses every other form, pickles above all."""
    import diskcache
    from diskcache import core

    class TextDisk(diskcache.Disk):  # type: ignore[misc]
        def put(self, key: Any) -> tuple[str, bool]:  # noqa: ANN401 - the overridden method's own types
            return str(key), True

        def get(self, key: Any, raw: bool) -> str:  # noqa: ANN401
            if not raw or not isinstance(key, str):
                raise ValueError("a key that is no text was refused")
            return key

        def store(self, value: str, read: bool, key: Any = core.UNKNOWN) -> tuple[int, int, None, bytes]:  # noqa: ANN401, ARG002
            data = value.encode("utf-8", "surrogatepass")
            return len(data), core.MODE_RAW, None, data

        def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> str:  # noqa: ANN401, ARG002
            if mode != core.MODE_RAW or filename is not None or not isinstance(value, bytes):
                raise ValueError("a value that is no text was refused")
            return value.decode("utf-8", "surrogatepass")

    return TextDisk
