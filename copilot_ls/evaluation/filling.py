"""Writes a body with nothing but what is suggested: everything that is offered is taken, until nothing is.

As somebody would who only presses three keys: accept, enter where nothing follows on the line, and backspace where
nothing is offered at this depth; and who stops where the body ends: at a return on its own level, at what stands
further left, at silence on a new line. Called by `holes`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.features.inline_completion import Query
from copilot_ls.text import Point, PositionEncoding

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.evaluation.bodies import Hole
    from copilot_ls.evaluation.pipeline import EvaluatedPipeline

_MOST_ROUNDS = 60
_MOST_LINES = 60
_LEAVES = re.compile(r"(?:return|raise|throw|panic|todo!)\b")
_OPENS = re.compile(r"[:{(\[]\s*$")


async def write_body(
    pipeline: EvaluatedPipeline, text: str, hole: Hole, language_id: str, may_go_on: Callable[[], bool]
) -> list[str]:
    """The lines that were suggested for the hole; none when nothing was."""
    uri = f"file://{pipeline.folders[0]}/{hole.path}"
    pipeline.documents.encoding = PositionEncoding.UTF32
    lines = text.split("\n")
    opened = "\n".join([*lines[: hole.first], hole.indent, *lines[hole.end :]])
    document = pipeline.documents.open(uri, f"{pipeline.folders[0]}/{hole.path}", language_id, 1, opened)
    await pipeline.ignored.reason(document.snapshot())
    at = Point(hole.first, len(hole.indent))
    unit = _unit(lines, hole)
    fresh_line = True
    try:
        for _ in range(_MOST_ROUNDS):
            found = await pipeline.completion.suggest(Query(document, at, "invoked")) if may_go_on() else []
            if found and found[0].text.strip("\n"):
                start, end = at, found[0].replaced.end
                pipeline.documents.change(uri, document.version + 1, [(start, end, found[0].text)])
                n_more = found[0].text.count("\n")
                last = found[0].text.rpartition("\n")[2]
                at = Point(at.line + n_more, len(last) + (0 if n_more else at.column))
                fresh_line = not document.buffer.snapshot().line_text(at.line)[: at.column].strip()
            elif fresh_line and at.column <= len(hole.indent):
                break
            elif fresh_line:
                shallower = Point(at.line, max(len(hole.indent), at.column - len(unit)))
                pipeline.documents.change(uri, document.version + 1, [(shallower, at, "")])
                at = shallower
            else:
                line = document.buffer.snapshot().line_text(at.line)
                indent = line[: len(line) - len(line.lstrip())] + (unit if _OPENS.search(line) else "")
                pipeline.documents.change(uri, document.version + 1, [(at, at, "\n" + indent)])
                at, fresh_line = Point(at.line + 1, len(indent)), True
            so_far = _written(document.buffer.snapshot().text, hole, at)
            if is_complete(so_far, hole.indent) or len(so_far) >= _MOST_LINES:
                break
        return within(_written(document.buffer.snapshot().text, hole, at), hole.indent)
    finally:
        pipeline.documents.close(uri)


def _unit(lines: list[str], hole: Hole) -> str:
    """One step of indentation: what the body has more than the line that opens it."""
    for line in reversed(lines[: hole.first]):
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth < len(hole.indent):
            return hole.indent[depth:]
    return hole.indent


def _written(text: str, hole: Hole, at: Point) -> list[str]:
    return text.split("\n")[hole.first : at.line + 1]


def is_complete(lines: list[str], indent: str) -> bool:
    """Whether nobody writes on: the body leaves on its own level, or something stands further left."""
    if within(lines, indent) != [line.rstrip() for line in lines if line.strip()] and len(lines) > 1:
        told = [line for line in lines if line.strip()]
        if any(not line.startswith(indent) for line in told):
            return True
    last = lines[-1] if lines else ""
    whole = last.startswith(indent) and not last[len(indent) :].startswith((" ", "\t"))
    return whole and _LEAVES.match(last.strip()) is not None and _is_balanced("\n".join(lines))


def within(lines: list[str], indent: str) -> list[str]:
    """The lines up to the first that stands further left than the body, without blank ones at the end."""
    kept: list[str] = []
    for line in lines:
        if line.strip() and not line.startswith(indent):
            break
        kept.append(line.rstrip())
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _is_balanced(text: str) -> bool:
    return all(text.count(one) <= text.count(other) for one, other in ("()", "[]", "{}"))
