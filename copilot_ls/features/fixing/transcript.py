"""What was said with models during one task, kept on this machine alone, and only where the user turned it on.

A file of JSON lines in the state folder, without secrets, readable by its owner. Written when the task is over, by
`fixer`, in a thread; nothing depends on it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from copilot_ls.backends.chat import Message

_MOST_FILES = 50
_MOST_CHARS = 2_000_000


class Transcript:
    """The transcript of one task. `redact` takes secrets out of texts."""

    def __init__(self, folder: Path, fix_id: str, redact: Callable[[Sequence[str]], Sequence[str]]) -> None:
        self._path = folder / f"{fix_id}.jsonl"
        self._redact = redact
        self._messages: list[Message] = []

    def note(self, conversation: Sequence[Message]) -> None:
        """Take over what is new in a conversation."""
        known = {id(each) for each in self._messages}
        self._messages += [each for each in conversation if id(each) not in known]

    def save(self) -> None:
        """Write what was said. Blocks; raises OSError. The oldest files beyond some are deleted."""
        from copilot_ls.config.paths import private_dir

        if not self._messages:
            return
        calls = [call for each in self._messages for call in each.tool_calls]
        texts = iter(self._redact([each.content for each in self._messages] + [call.arguments for call in calls]))
        contents = [next(texts) for _ in self._messages]
        lines = [
            {
                "role": each.role,
                "content": content,
                "tool_calls": [{"name": call.name, "arguments": next(texts)} for call in each.tool_calls],
            }
            for each, content in zip(self._messages, contents, strict=True)
        ]
        folder = private_dir(self._path.parent)
        written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)[:_MOST_CHARS]
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(written)
        files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        for path in files[:-_MOST_FILES]:
            path.unlink(missing_ok=True)
