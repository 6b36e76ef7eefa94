"""Finds the JSON objects in what a model says: alone, in a fence, behind a sentence or a thought.

Leaves what an object means to `structured`, which calls it.
"""

from __future__ import annotations

import json
import re

_THOUGHT = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)[^\n]*\n(.*?)^ {0,3}\1", re.DOTALL | re.MULTILINE)
_MAX_OBJECTS = 8
_DECODER = json.JSONDecoder()


def json_objects(text: str) -> list[str]:
    """Every object at the outermost level, as it is written, the likeliest answer first.

    The whole text, if it is one; then those in fences, the last first, because drafts come before; then those in prose.
    """
    text = _THOUGHT.sub("", text, count=1).strip()
    if _object_at(text, 0) == len(text):
        return [text]
    fenced = [found for fence in _FENCE.finditer(text) for found in _objects_in(fence[2])]
    found = dict.fromkeys([*reversed(fenced), *reversed(_objects_in(text))])
    return list(found)[:_MAX_OBJECTS]


def _objects_in(text: str) -> list[str]:
    found: list[str] = []
    at = text.find("{")
    while at >= 0 and len(found) < _MAX_OBJECTS:
        end = _object_at(text, at)
        if end is not None:
            found.append(text[at:end])
        at = text.find("{", at + 1 if end is None else end)
    return found


def _object_at(text: str, start: int) -> int | None:
    """Where the object that begins at `start` ends; None if none does."""
    if not text.startswith("{", start):
        return None
    try:
        return _DECODER.raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return None
