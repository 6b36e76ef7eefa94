"""From what a backend streams to suggestions: the alternatives, told apart, closed early, and post-processed.

Leaves which backend to ask, and what to do when it fails, to `ask`, which calls this.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.errors import BackendError
from copilot_ls.features.memory_cache import CachedSuggestion
from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from copilot_ls.backends.base import Backend, Chunk
    from copilot_ls.features.question import Question
    from copilot_ls.postprocess import Situation
    from copilot_ls.prompt.redaction import Redacted

# Lines around the cursor that post-processing looks at.
_AROUND_LINES = 60


@dataclass(slots=True)
class Alternative:
    """One text that a backend generated, as it came."""

    parts: list[str] = field(default_factory=list)
    confidence: float | None = None
    origin: str | None = None

    @property
    def text(self) -> str:
        """All of it so far."""
        return "".join(self.parts)


def situation_of(
    question: Question, max_lines: int, own_secrets: tuple[str, ...] = (), *, multiline: bool
) -> Situation:
    """What post-processing has to know of the place; `own_secrets` are those that the prompt had placeholders for.

    `multiline` is what the backend was asked for.
    """
    from copilot_ls.postprocess import Situation

    text, cursor = question.document.text, question.cursor
    return Situation(
        prefix=text.prefix(cursor, _AROUND_LINES),
        suffix=text.suffix(cursor, _AROUND_LINES),
        language_id=question.document.language_id,
        indent_unit=question.indent_unit,
        multiline=multiline,
        max_lines=max_lines,
        in_comment=question.in_comment,
        own_secrets=own_secrets,
    )


async def generate(
    stream: AsyncGenerator[Chunk, None],
    question: Question,
    situation: Situation,
    redacted: Redacted | None,
    *,
    n: int,
    speaks: bool,
) -> list[Alternative]:
    """The alternatives that a backend streams, up to where more of the only one cannot matter.

    `n` is how many were asked for. With `speaks`, the first one, with the secrets that were `redacted`, is the
    generation's text so far, unless another backend's is already; the alternatives are as they came. Raises
    `BackendError`, and closes the stream.
    """
    from copilot_ls.postprocess import stop_early

    generation = question.generation
    alternatives: dict[int, Alternative] = {}
    text = ""
    restoring = redacted.restoring() if redacted is not None else None
    try:
        async with aclosing(stream):
            async for chunk in stream:
                alternative = alternatives.setdefault(chunk.choice, Alternative())
                alternative.parts.append(chunk.text)
                alternative.confidence = chunk.confidence if chunk.confidence is not None else alternative.confidence
                alternative.origin = chunk.origin or alternative.origin
                if chunk.choice == 0:
                    text += chunk.text if restoring is None else restoring.feed(chunk.text)
                    if speaks and generation.speaker in (None, stream):
                        generation.speaker, generation.text = stream, text
                    if n == 1 and stop_early(text, situation) is not None:
                        break
    except BackendError:
        if generation.speaker is stream:
            generation.fall_silent()
        raise
    return [alternatives[choice] for choice in sorted(alternatives)]


def finish(
    backend: Backend,
    question: Question,
    situation: Situation,
    raw: Sequence[Alternative],
    *,
    min_confidence: float,
    came_to_nothing: Callable[[Sequence[str]], None],
) -> list[CachedSuggestion]:
    """The suggestions that post-processing leaves of `raw`; `came_to_nothing` hears who cut one that it does not."""
    from copilot_ls.postprocess import replaced_suffix, run
    from copilot_ls.syntax import parses_no_worse

    cursor = question.cursor

    def judge(text: str) -> bool:
        end = Point(cursor.line, cursor.column + replaced_suffix(text, situation))
        return parses_no_worse(question.tree, cursor, text, end)

    generation = question.generation
    lowest = min_confidence if generation.trigger_kind == "automatic" and generation.n == 1 else 0.0
    suggestions: list[CachedSuggestion] = []
    for alternative in raw:
        outcome = run(alternative.text, situation, parses_no_worse=judge)
        cut_by = outcome.cut_by
        text = outcome.text
        if text is not None and alternative.confidence is not None and alternative.confidence < lowest:
            text, cut_by = None, (*cut_by, "min_confidence")
        if text is None:
            came_to_nothing(cut_by)
        elif all(text != other.text for other in suggestions):
            suggestions.append(
                CachedSuggestion(
                    text=text,
                    backend=backend.name,
                    model=backend.model,
                    multiline="\n" in text,
                    confidence=alternative.confidence,
                    cut_by=cut_by,
                    origin=alternative.origin,
                    n_replaced=outcome.replaced_suffix,
                )
            )
    if not raw:
        came_to_nothing(())
    return suggestions
