"""Fill-in-the-middle by conversation, for models and servers that can do nothing else.

`messages` asks; `FillInAnswer` takes the bare code out of the answer while it streams: no reasoning, no fences, no
sentence of introduction. Leaves overlaps with the text around the cursor to `copilot_ls.postprocess`.
Called by the `openai` backend.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.context.snippet import ContextSnippet

HOLE = "<<<FILL_HERE>>>"
_BROKEN_HOLE = "<< <FILL_HERE>>>"

_SYSTEM = f"""\
You complete code at the cursor of an editor. You are shown a file in which {HOLE} stands at the cursor.
Answer with exactly the text that must replace {HOLE}, and nothing else: no explanation, no code fence, \
no repetition of the text before or after it.
- Your answer is inserted as it is: go on from the very character before the cursor, in the indentation of the file.
- Prefer the shortest text that completes the statement or the block at the cursor. Never finish what already follows.
- If nothing needs to be inserted, answer with nothing."""

# One example does more for the format than any instruction: the answer begins in the middle of a line.
_EXAMPLE_QUESTION = f"""\
File: shapes.py
```python
def area(width, height):
    return wid{HOLE}

print(area(2, 3))
```"""
_EXAMPLE_ANSWER = "th * height"

_INTRODUCTION = re.compile(
    r"\s*(?:here(?:'s| is| are)?|sure|certainly|of course|the|this|below|okay|ok)\b[^\n`]*", re.IGNORECASE
)
_FENCE = "```"
_THINK_START, _THINK_END = "<think>", "</think>"


def messages(
    *,
    prefix: str,
    suffix: str,
    snippets: Sequence[ContextSnippet] = (),
    path: str = "",
    language_id: str = "",
    multiline: bool = False,
) -> list[dict[str, str]]:
    """The conversation that asks for the middle: role and content of each message."""
    parts = [_file(snippet.label, language_id, _clean(snippet.text), title="Related code from") for snippet in snippets]
    parts.append(_file(path or "untitled", language_id, f"{_clean(prefix)}{HOLE}{_clean(suffix)}", title="File"))
    parts.append(
        "Complete the block at the cursor, some lines at most."
        if multiline
        else "Complete only the line at the cursor: your answer has no line end."
    )
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": _EXAMPLE_QUESTION},
        {"role": "assistant", "content": _EXAMPLE_ANSWER},
        {"role": "user", "content": "\n\n".join(parts)},
    ]


def _clean(text: str) -> str:
    return text.replace(HOLE, _BROKEN_HOLE)


def _file(path: str, language_id: str, text: str, *, title: str) -> str:
    return fenced(f"{title}: {path}", language_id, text)


def fenced(title: str, language_id: str, text: str) -> str:
    """A text in a fence that it cannot close, under a title of one line."""
    runs = re.findall(r"`{3,}", text)
    fence = "`" * max([3, *(len(run) + 1 for run in runs)])
    return f"{' '.join(title.split())}\n{fence}{language_id}\n{text.removesuffix(chr(10))}\n{fence}"


class FillInAnswer:
    """Takes the bare code out of a streamed answer; feed it every piece, then call `end`.

    What it returns, joined, does not depend on how the answer was cut into pieces.
    """

    def __init__(self) -> None:
        self._waiting = ""
        self._state = "start"
        self._has_thought = False

    def feed(self, piece: str) -> str:
        """The code that has become certain with this piece; may be empty."""
        return self._advance(self._waiting + piece, final=False)

    def end(self) -> str:
        """What was still held back when the answer ended."""
        return self._advance(self._waiting, final=True)

    def _advance(self, text: str, *, final: bool) -> str:
        self._waiting = ""
        if self._state == "start":
            text = self._begin(text, final=final)
        if self._state == "plain":
            return self._cut_at(text, (HOLE,), final=final)
        if self._state == "fenced":
            return self._cut_at(text, ("\n" + _FENCE, HOLE), final=final)
        return ""

    def _begin(self, text: str, *, final: bool) -> str:  # noqa: PLR0911 - one for each way to begin
        """Decide from the beginning of the answer how it is wrapped; returns what is past the wrapping."""
        if self._has_thought:
            text = text.lstrip("\r\n")
        bare = text.lstrip()
        if bare.startswith(_THINK_START):
            thought_end = bare.find(_THINK_END)
            if thought_end < 0:
                self._waiting = text
                return ""
            self._has_thought = True
            return self._begin(bare[thought_end + len(_THINK_END) :], final=final)
        if not final and (not bare or _is_beginning(bare, _THINK_START) or _is_beginning(bare, _FENCE)):
            self._waiting = text
            return ""
        if bare.startswith(_FENCE):
            return self._open_fence(text, bare, final=final)
        introduction = _INTRODUCTION.match(text)
        if introduction and introduction[0].strip():
            rest = text[introduction.end() :]
            after = rest.lstrip()
            if after.startswith(_FENCE):
                return self._open_fence(text, after, final=final)
            if not final and (not rest or _is_beginning(after, _FENCE)):
                self._waiting = text
                return ""
        elif not final and "\n" not in bare and _might_introduce(bare):
            self._waiting = text
            return ""
        self._state = "plain"
        return text

    def _open_fence(self, text: str, fenced: str, *, final: bool) -> str:
        info_end = fenced.find("\n")
        if info_end < 0:
            if not final:
                self._waiting = text
                return ""
            self._state = "done"
            return ""
        self._state = "fenced"
        # The closing fence may follow at once: its line end is that of the opening one.
        body = fenced[info_end + 1 :]
        if not final and _is_beginning(body, _FENCE):
            self._state = "start"
            self._waiting = text
            return ""
        if body.startswith(_FENCE):
            self._state = "done"
            return ""
        return body

    def _cut_at(self, text: str, ends: tuple[str, ...], *, final: bool) -> str:
        found = [at for at in (text.find(end) for end in ends) if at >= 0]
        if found:
            self._state = "done"
            return text[: min(found)]
        if final:
            return text
        held = max(_overlap(text, end) for end in ends)
        self._waiting = text[len(text) - held :]
        return text[: len(text) - held]


def _is_beginning(text: str, whole: str) -> bool:
    return len(text) < len(whole) and whole.startswith(text)


def _might_introduce(text: str) -> bool:
    """Whether the first word of `text` may still grow into that of an introduction."""
    words = ("here", "sure", "certainly", "of course", "the", "this", "below", "okay", "ok")
    return any(_is_beginning(text.lower(), word) or text.lower() == word for word in words)


def _overlap(text: str, end: str) -> int:
    """Characters at the end of `text` that may be the beginning of `end`."""
    for size in range(min(len(end) - 1, len(text)), 0, -1):
        if end.startswith(text[-size:]):
            return size
    return 0
