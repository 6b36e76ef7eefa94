"""What transcripts of fixes teach: the answer that was verified, beside an earlier one that was not. Pure.

A transcript is the conversation with a model during one task, one message a line. The prompt is what was said before
the model's first answer; the answer that came last is the one that was proposed. Only fixes that were verified,
applied and not undone teach. Called by `data_set`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Message = dict[str, str]


class FixExample(NamedTuple):
    """One task: the conversation before the first answer, the answer that held, and the first one that did not."""

    fix: Mapping[str, Any]
    prompt: list[Message]
    chosen: str
    rejected: str | None


def fix_examples(folder: Path, fixes: Iterable[Mapping[str, Any]]) -> Iterator[FixExample]:
    """The examples of the fixes (rows of the view `fixes`) that have a transcript in `folder`."""
    for fix in fixes:
        if fix["verdict"] != "verified" or fix["applied_at"] is None or fix["undone"] or fix["resolved"] == 0:
            continue
        messages = _read(folder / f"{fix['fix_id']}.jsonl")
        first = next((at for at, each in enumerate(messages) if each["role"] == "assistant"), None)
        if not first:
            continue
        said = [each["content"] for each in messages[first:] if each["role"] == "assistant"]
        answers = [each for each in said if each.strip()]
        if answers:
            rejected = answers[0] if len(answers) > 1 and answers[0] != answers[-1] else None
            yield FixExample(fix, messages[:first], answers[-1], rejected)


def _read(file: Path) -> list[Message]:
    """The messages of a transcript; none where there is no such file, or it is no transcript."""
    # An id that names a path elsewhere is none of ours.
    if not file.stem.replace("-", "").isalnum() or not file.is_file():
        return []
    messages = []
    for line in file.read_text("utf-8", "replace").splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            break  # the file was cut off at its bound
        if not isinstance(message, dict) or not isinstance(message.get("content"), str):
            return []
        if message.get("role") in {"system", "user", "assistant"}:
            messages.append({"role": message["role"], "content": message["content"]})
    return messages
