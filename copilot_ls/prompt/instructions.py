"""Conversations that ask a model about code: to explain it, or, with `instructions_fix`, to mend it.

What changes seldom comes first, so that a server's prefix cache holds from one question to the next: the instruction,
related code, the file around, the code in question, what is reported about it, the question. Within a budget: the code
in question is shown first, then what is reported, then what is around it, then related code, best first.

Pure. Leaves choosing the code and its context to callers, and sending to the backends. Called by features for the tasks
`explain` and `fix`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.prompt.chat import fenced
from copilot_ls.prompt.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls.context.snippet import ContextSnippet

_EXPLAIN = """\
You explain code to a programmer who reads it in an editor. Say what the code is for, then how it works, then what is \
surprising or wrong in it, if anything is. Be brief and exact: no narration line by line, no praise, nothing invented. \
Where you are not sure, say so. Answer in Markdown."""

_LEFT_OUT = "[... {} lines left out]"
# Room for the title and the fence of each part; paths are counted apart.
_FOR_FENCE = 16


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole lines of one file, the code before and after them, and what is reported about them.

    `reports` are messages of compilers and linters, one each, with their lines as they like to say them.
    """

    path: str
    language_id: str
    code: str
    before: str = ""
    after: str = ""
    reports: Sequence[str] = ()


def explain(
    passage: Passage, snippets: Sequence[ContextSnippet] = (), *, budget_tokens: int, question: str = ""
) -> list[dict[str, str]]:
    """The conversation that asks what the passage does, or what else `question` wants to know of it."""
    return conversation(_EXPLAIN, passage, snippets, budget_tokens, question or "Explain the passage.")


def conversation(
    instruction: str, passage: Passage, snippets: Sequence[ContextSnippet], budget_tokens: int, question: str
) -> list[dict[str, str]]:
    """The system's and the user's first message, as many tokens together as the budget allows."""
    left = budget_tokens - 3 * estimate(passage.path) - estimate(instruction) - estimate(question) - 4 * _FOR_FENCE
    code = _shortened(passage.code, left)
    left -= estimate(code)
    reports = list(_fitting(passage.reports, left))
    left -= sum(estimate(each) for each in reports)
    # The nearest lines say most; above the passage rather more than below it.
    before = "".join(reversed(list(_fitting(reversed(passage.before.splitlines(keepends=True)), left * 2 // 5))))
    after = "".join(_fitting(passage.after.splitlines(keepends=True), left // 5))
    left -= estimate(before) + estimate(after)
    related = []
    for snippet in snippets:
        cost = estimate(snippet.text) + estimate(snippet.label) + _FOR_FENCE
        if cost <= left:
            related.append(snippet)
            left -= cost
    path, language = passage.path or "untitled", passage.language_id
    parts = [fenced(f"Related code from {each.label}:", "", each.text) for each in related]
    if before:
        parts.append(fenced(f"{path}, before the passage:", language, before))
    if after:
        parts.append(fenced(f"{path}, after the passage:", language, after))
    parts.append(fenced(f"{path}, the passage:", language, code))
    if reports:
        parts.append(fenced("Reported about it:", "", "\n".join(reports)))
    return [
        {"role": "system", "content": instruction},
        {"role": "user", "content": "\n\n".join([*parts, question])},
    ]


def _fitting(texts: Iterable[str], room: int) -> Iterable[str]:
    for text in texts:
        room -= estimate(text) + 1
        if room < 0:
            break
        yield text


def _shortened(code: str, room: int) -> str:
    """The code; its beginning and its end, with a mark between, where it does not fit."""
    if estimate(code) <= room:
        return code
    lines = code.splitlines(keepends=True)
    half = (room - _FOR_FENCE) // 2
    head = list(_fitting(lines, half))
    tail = list(_fitting(reversed(lines[len(head) :]), half))[::-1]
    n_left_out = len(lines) - len(head) - len(tail)
    return "".join([*head, _LEFT_OUT.format(n_left_out) + "\n", *tail])
