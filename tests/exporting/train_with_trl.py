"""Takes a step of TRL's trainers on exported data sets, with a model of random weights: they load what we export.

    pip install --group trl        # torch, transformers, trl: in no lock
    python -m tests.exporting.train_with_trl [FOLDER…]

Without a folder, data sets are made of texts of its own. Each folder is one that `copilot-ls export --format trl-…` has made; the
trainer is told from its columns. Needs no network: model and tokenizer are made here. Prints the loss of each step, and ends
with status 1 where one is not a number.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
_TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}"


def main(folders: list[Path]) -> int:
    from datasets import get_dataset_config_names, load_dataset

    well = True
    with tempfile.TemporaryDirectory() as scratch:
        for folder in folders or made(Path(scratch)):
            for config in get_dataset_config_names(str(folder)):
                rows = load_dataset(str(folder), config, split="train", cache_dir=f"{scratch}/hf")
                name, loss = step(rows, Path(scratch))
                well = well and math.isfinite(loss)
                print(f"{folder.name:<10} {config:<12} {len(rows):>4} rows  {name:<11} loss {loss:.3f}", flush=True)
    return 0 if well else 1


def step(rows: Any, scratch: Path) -> tuple[str, float]:
    """One step of the trainer that the columns are for."""
    import trl

    kind = "DPO" if "rejected" in rows.column_names else "KTO" if "label" in rows.column_names else "SFT"
    model, tokenizer = tiny_model()
    options: dict[str, Any] = {
        "output_dir": str(scratch / "out"),
        "max_steps": 1,
        "per_device_train_batch_size": 2,
        "use_cpu": True,
        "bf16": False,
        "report_to": [],
        "save_strategy": "no",
        "logging_steps": 1,
        "disable_tqdm": True,
    }
    config = getattr(trl, f"{kind}Config")
    trainer = getattr(trl, f"{kind}Trainer")
    given = {"ref_model": tiny_model()[0]} if kind != "SFT" else {}
    done = trainer(model=model, args=config(**options), train_dataset=rows, processing_class=tokenizer, **given).train()
    return f"{kind}Trainer", float(done.training_loss)


def tiny_model() -> tuple[Any, Any]:
    """A Llama of 40 thousand weights, and a tokenizer of bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {each: number for number, each in enumerate(["<pad>", "<eos>", *alphabet])}
    plain = Tokenizer(models.BPE(words, []))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain, pad_token="<pad>", eos_token="<eos>")
    tokenizer.chat_template = _TEMPLATE
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=4096,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=1,
    )
    return LlamaForCausalLM(config), tokenizer


def made(scratch: Path) -> list[Path]:
    """A data set of each form, exported from texts that the tests have."""
    from contextlib import closing

    from copilot_ls_telemetry import events
    from copilot_ls_telemetry.store import Store

    from copilot_ls.cli import main as copilot_ls
    from tests.exporting.test_export import record
    from tests.telemetry.conftest import AT, common

    for kind in ("STATE", "CONFIG", "CACHE"):
        os.environ[f"COPILOT_LS_{kind}_DIR"] = str(scratch / kind.lower())
    texts, transcripts = scratch / "state" / "completion-texts", scratch / "state" / "fix-transcripts"
    for folder in (texts, transcripts):
        folder.mkdir(parents=True)
    told = [
        record(n, prefix=f"# {n * 7919 % 1000} of things {n}\ndef price_{n}(basket{n}, rate{n}):\n    ", **fate)
        for n in range(12)
        for fate in [[{}, {"outcome": "rejected", "written": f"return rate{n} * len(basket{n})"}][n % 2]]
    ]
    (texts / "2027-01-15.jsonl").write_text("".join(json.dumps(each) + "\n" for each in told))
    fixes: list[Any] = []
    for n in range(3):
        fix = {**common(), "fix_id": f"f{n}"}
        fixes += [
            events.FixOpened(**fix, language="python", rule="ruff:F821", kind="fix", n_diagnostics=1),
            events.FixProposed(**fix, verdict="verified", backend="cloud", model="m", n_tries=2, latency_ms=5.0),
            events.FixApplied(**fix),
        ]
        said = [
            ("user", f"Undefined name number {n} of {n * 7}."),
            ("assistant", f"import {n}"),
            ("user", "No."),
            ("assistant", f"x{n} = {n}"),
        ]
        lines = [json.dumps({"role": role, "content": content, "tool_calls": []}) for role, content in said]
        (transcripts / f"f{n}.jsonl").write_text("\n".join(lines) + "\n")
    with closing(
        Store(scratch / "state" / "telemetry.db", max_bytes=10**7, retention_days=10**4, wall_clock=lambda: AT)
    ) as store:
        store.write(fixes)
    folders = [scratch / form for form in ("trl-dpo", "trl-kto", "trl-sft")]
    for folder in folders:
        assert copilot_ls(["export", "--format", folder.name, "--out", str(folder)]) == 0
    return folders


if __name__ == "__main__":
    sys.exit(main([Path(word) for word in sys.argv[1:]]))
