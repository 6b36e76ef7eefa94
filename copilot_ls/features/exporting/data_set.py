"""Writes a folder that `datasets` and TRL load as it is: one configuration for completions, one for fixes, and a card.

    OUT/README.md                what it is (`card`)
    OUT/completions/train.jsonl  prompts and completions as text
    OUT/fixes/train.jsonl        prompts and completions as messages
    OUT/provenance.jsonl         what each line is made of

Rows have the columns that the trainer asks for and no other. Leaves judging to `examples` and `fix_examples`. Called by
`cli.export`.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from copilot_ls.errors import CopilotLsError
from copilot_ls.features.exporting.card import Facts, card
from copilot_ls.features.exporting.examples import Example, examples_of, pairs_of
from copilot_ls.features.exporting.fix_examples import FixExample, fix_examples
from copilot_ls.features.exporting.near_duplicates import without_near_duplicates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

TrlForm = Literal["trl-dpo", "trl-kto", "trl-sft"]
# So much of a prompt's end takes part when examples are compared with each other.
_COMPARED_CHARS = 200


class NothingToExportError(CopilotLsError):
    """There is no example in what was asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export: examples at or after `since` (unix seconds), of a language and a backend; None is any."""

    since: float | None = None
    language: str | None = None
    backend: str | None = None

    def holds(self, at: float, language: str | None, backend: str | None) -> bool:
        """Whether an example is wanted."""
        return (
            (self.since is None or at >= self.since)
            and self.language in (None, language)
            and self.backend in (None, backend)
        )


class _Row(NamedTuple):
    """A line of the data set, the text that it is compared by, and where it is from."""

    columns: dict[str, Any]
    compared: str
    origin: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: examples by configuration, and why others were left out."""

    n_by_config: dict[str, int]
    n_left_out: dict[str, int]


def write_data_set(
    out: Path,
    form: TrlForm,
    records: Iterable[dict[str, Any]],
    fixes: Iterable[Mapping[str, Any]],
    transcripts: Path,
    *,
    wanted: Wanted,
    prompt_of: Callable[[Example], str],
    prompt_is: str,
    redact: Callable[[Sequence[str]], Sequence[str]],
    now: datetime,
    version: str,
) -> Written:
    """Write the data set to the folder `out`. Raises `NothingToExportError`, and `OSError`.

    `records` are stored texts, `fixes` rows of the view of that name with transcripts in `transcripts`; `prompt_of`
    makes a prompt of an example, which `prompt_is` describes; `redact` takes secrets out of texts.
    """
    examples = [
        each
        for each in examples_of(records)
        if wanted.holds(each.record["at"], each.record["language"], each.record["backend"])
    ]
    tasks = [fix for fix in fixes if wanted.holds(fix["opened_at"], fix["language"], fix["backend"])]
    found = {
        "completions": _completion_rows(form, examples, prompt_of),
        "fixes": [row for each in fix_examples(transcripts, tasks) for row in _fix_rows(form, each)],
    }
    kept = {name: without_near_duplicates(rows, lambda row: row.compared) for name, rows in found.items()}
    kept = {name: [_redacted(row, redact) for row in rows] for name, rows in kept.items() if rows}
    if not kept:
        raise NothingToExportError(
            f"there is nothing to export as {form}: of {len(examples)} stored suggestions and {len(tasks)} fixes, none "
            "is an example of it"
        )
    n_left_out = {
        "nearly the same as another": sum(map(len, found.values())) - sum(map(len, kept.values())),
        "of which nothing is to be learnt": sum(each.is_right is None for each in examples),
    }
    n_by_config = {name: len(rows) for name, rows in kept.items()}
    origins = [row.origin for rows in kept.values() for row in rows]
    times = sorted(origin["at"] for origin in origins)
    for name, rows in kept.items():
        _write(out / name / "train.jsonl", (row.columns for row in rows))
    _write(out / "provenance.jsonl", origins)
    facts = Facts(
        form=form,
        version=version,
        made_at=now.date().isoformat(),
        first_at=_day(times[0]),
        last_at=_day(times[-1]),
        n_by_config=n_by_config,
        n_left_out=n_left_out,
        languages=Counter(origin["language"] or "unknown" for origin in origins),
        models=Counter(f"{origin['backend']} {origin['model'] or ''}".strip() for origin in origins),
        licences=Counter(origin["licence"] or "unknown" for origin in origins),
        prompt=prompt_is,
    )
    _write_text(out / "README.md", card(facts))
    return Written(n_by_config, n_left_out)


def _completion_rows(form: TrlForm, examples: Sequence[Example], prompt_of: Callable[[Example], str]) -> list[_Row]:
    if form == "trl-dpo":
        return [
            _row(
                pair.example,
                {"prompt": prompt_of(pair.example), "chosen": pair.chosen, "rejected": pair.rejected},
                basis=pair.basis,
            )
            for pair in pairs_of(examples)
        ]
    if form == "trl-kto":
        return [
            _row(each, {"prompt": prompt_of(each), "completion": each.shown, "label": each.is_right})
            for each in examples
            if each.is_right is not None
        ]
    return [
        _row(each, {"prompt": prompt_of(each), "completion": each.kept or each.shown})
        for each in examples
        if each.is_right
    ]


def _row(example: Example, columns: dict[str, Any], **more: str) -> _Row:
    record = example.record
    names = ("session_id", "chain_id", "at", "language", "backend", "model", "workspace", "licence", "outcome")
    origin = {"config": "completions", **{name: record.get(name) for name in names}, **more}
    texts = [columns["prompt"][-_COMPARED_CHARS:], *(text for name, text in columns.items() if name != "prompt")]
    return _Row(columns, "\n".join(map(str, texts)), origin)


def _fix_rows(form: TrlForm, example: FixExample) -> list[_Row]:
    fix, prompt = example.fix, example.prompt
    chosen = [{"role": "assistant", "content": example.chosen}]
    rejected = None if example.rejected is None else [{"role": "assistant", "content": example.rejected}]
    rows: list[dict[str, Any]] = []
    if form == "trl-dpo" and rejected is not None:
        rows = [{"prompt": prompt, "chosen": chosen, "rejected": rejected}]
    elif form == "trl-kto":
        rows = [{"prompt": prompt, "completion": chosen, "label": True}]
        rows += [{"prompt": prompt, "completion": rejected, "label": False}] if rejected is not None else []
    elif form == "trl-sft":
        rows = [{"prompt": prompt, "completion": chosen}]
    names = ("session_id", "fix_id", "language", "backend", "model", "workspace", "rule", "kind", "verdict")
    origin = {"config": "fixes", **{name: fix[name] for name in names}, "at": fix["opened_at"], "licence": None}
    return [_Row(columns, json.dumps(columns, ensure_ascii=False), origin) for columns in rows]


def _redacted(row: _Row, redact: Callable[[Sequence[str]], Sequence[str]]) -> _Row:
    """The row without secrets: what was stored by an older version may know fewer of them."""
    texts: list[str] = []
    _texts_of(row.columns, texts)
    clean = iter(redact(texts))
    return row._replace(columns=_with_texts(row.columns, clean))


def _texts_of(value: object, into: list[str]) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            if name != "role":
                _texts_of(each, into)
    elif isinstance(value, list):
        for each in value:
            _texts_of(each, into)
    elif isinstance(value, str):
        into.append(value)


def _with_texts(value: Any, clean: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return {name: each if name == "role" else _with_texts(each, clean) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_texts(each, clean) for each in value]
    return next(clean) if isinstance(value, str) else value


def _write(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    _write_text(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _write_text(file: Path, text: str) -> None:
    """Write a file that its owner alone can read."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(text.encode("utf-8", "backslashreplace"))


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
