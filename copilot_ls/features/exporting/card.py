"""The card of a data set: what is in it, where it is from, what it may be used for. Pure.

Markdown with a header of YAML, as Hugging Face's hub and `datasets` read it: it names the files of each
configuration. Called by `data_set`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping

_MEANS = {
    "trl-dpo": "pairs for preference optimisation (`prompt`, `chosen`, `rejected`)",
    "trl-kto": "completions with a judgement (`prompt`, `completion`, `label`)",
    "trl-sft": "completions that were kept (`prompt`, `completion`)",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the card says. Counts are of examples."""

    form: str
    version: str
    made_at: str
    first_at: str
    last_at: str
    n_by_config: Mapping[str, int]
    n_left_out: Mapping[str, int]
    languages: Counter[str]
    models: Counter[str]
    licences: Counter[str]
    prompt: str


def card(facts: Facts) -> str:
    """The text of README.md."""
    header = ["---", "pretty_name: Completions as one user judged them", "tags:", "- code", "- copilot-ls", "- trl"]
    header += ["task_categories:", "- text-generation", "configs:"]
    for name in facts.n_by_config:
        header += [f"- config_name: {name}", "  data_files:", "  - split: train", f"    path: {name}/train.jsonl"]
    header.append("---")
    n_all = sum(facts.n_by_config.values())
    counts = ", ".join(f"{n} in `{name}`" for name, n in facts.n_by_config.items())
    left_out = ", ".join(f"{n} {why}" for why, n in facts.n_left_out.items() if n) or "nothing"
    body = f"""
# Completions as one user judged them

{n_all} examples ({counts}) as {_MEANS[facts.form]}, made by
copilot-ls {facts.version} on {facts.made_at} of what one user was shown between {facts.first_at} and {facts.last_at}.
Load it with `datasets.load_dataset("<this folder>", "<config>")`; TRL's trainers take it as it is.

| | |
|---|---|
| Prompts | {facts.prompt} |
| Languages | {_counted(facts.languages)} |
| Written by | {_counted(facts.models)} |
| Licences of the workspaces | {_counted(facts.licences)} |
| Left out | {left_out} |

## How it was made

*Right* are completions that were taken and of which three quarters still stood there two minutes later; *wrong* those
that were dismissed, typed over after they were seen, or taken and rewritten. `chosen` is what was kept, or what the
user wrote instead. `fixes` are conversations about a problem in the code: the answer that was verified by checkers
and stayed, before one that was not. `provenance.jsonl` has, line by line for each configuration, the session and the
suggestion or fix that an example is made of, when it was, which model wrote it, and the licence of its workspace;
`copilot-ls telemetry export` has their events.

Secrets were replaced by placeholders when the texts were stored, and again when they were exported. Examples that
resemble an earlier one to nine tenths are left out.

## Before you use or share it

* **It is source code of the workspaces above.** A licence is what their licence file says, as far as it is known; what
  is marked `unknown` or `proprietary` may not be yours to share.
* **Models have terms.** Completions of a hosted model are an output of its vendor's service, whose terms may forbid
  training other models on them. Look them up for each model named above.
* **It is one person's judgement**, of what one client happened to show, and says nothing of correctness.
* Redaction finds known formats of secrets. Look through the data before it leaves your machine.
"""
    return "\n".join(header) + "\n" + body


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{_cell(name)} ({n})" for name, n in counts.most_common(20)) or "none"


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ") or "unknown"
