"""Make data sets of what this machine has recorded: preferences to train a model on, or tables to analyse.

trl-dpo, trl-kto, trl-sft   what you took, kept, dismissed and wrote instead, as Hugging Face TRL's trainers load it.
                            Needs texts, which are stored only once you set `telemetry.store_text = true`
jsonl, parquet              every event, ghost text and fix, without any text: for DuckDB, pandas and the like

Nothing is sent anywhere. Look through texts before you share them: they are your source code.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.cli.stats import since

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from copilot_ls.features.exporting.data_set import TrlForm, Wanted
    from copilot_ls.features.exporting.examples import Example

SUMMARY = "make data sets of what was recorded: for training with TRL, or for analysis"

_FORMATS = ("trl-dpo", "trl-kto", "trl-sft", "jsonl", "parquet")
_NO_TEXTS = (
    "no texts are stored, of which {form} is made; they are from now on, on this machine alone and without secrets, if "
    "you set `store_text = true` below [telemetry] in {config}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--format", choices=_FORMATS, required=True, help="what to make")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder to write to (default: copilot-ls-FORMAT, here)")
    parser.add_argument("--since", type=since, metavar="TIME", help="from then on: 12h, 7d, 4w, or a date (2026-01-31)")
    parser.add_argument("--language", metavar="ID", help="only of this language, as editors spell it: python")
    parser.add_argument("--backend", metavar="NAME", help="only what this backend wrote")
    parser.add_argument(
        "--profile",
        metavar="NAME",
        help="make prompts in the fill-in-the-middle format of a model family (qwen-coder, …), with the text behind "
        "the place; without it they are the text before it",
    )
    parser.add_argument("--json", action="store_true", help="print what was written as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Write the data set."""
    from copilot_ls_telemetry.store import StoreError

    from copilot_ls.errors import CopilotLsError
    from copilot_ls.features.exporting.data_set import Wanted

    out: Path = arguments.out or Path(f"copilot-ls-{arguments.format}")
    wanted = Wanted(arguments.since, arguments.language, arguments.backend)
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            print(f"copilot-ls export: {out} is there already and not empty; choose another --out", file=sys.stderr)
            return 2
        if arguments.format in ("jsonl", "parquet"):
            written = _tables(out, wanted, as_parquet=arguments.format == "parquet")
        else:
            written = _data_set(out, arguments.format, wanted, arguments.profile)
    except (StoreError, CopilotLsError) as error:
        print(f"copilot-ls export: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"copilot-ls export: {error.filename or out}: {error.strerror or error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"folder": str(out.absolute()), **written}, indent=2))
        return 0
    for name, n in written["rows"].items():
        print(f"{name:<12} {n}")
    for why, n in written.get("left_out", {}).items():
        if n:
            print(f"left out     {n} {why}")
    if arguments.format.startswith("trl"):
        print(f"Written to {out}. README.md says what is in it; read the part on licences before you share it.")
    else:
        print(f"Written to {out}.")
    return 0


def _tables(out: Path, wanted: Wanted, *, as_parquet: bool) -> dict[str, Any]:
    from copilot_ls.cli.telemetry import database_path
    from copilot_ls.features.exporting.tables import write_tables

    return {"rows": write_tables(database_path(), out, as_parquet=as_parquet, wanted=wanted)}


def _data_set(out: Path, form: TrlForm, wanted: Wanted, profile: str | None) -> dict[str, Any]:
    from copilot_ls import __version__
    from copilot_ls.cli.telemetry import text_folders
    from copilot_ls.config.paths import config_dir
    from copilot_ls.features.exporting.data_set import NothingToExportError, write_data_set
    from copilot_ls.features.text_files import read_records
    from copilot_ls.prompt.redaction import Redactor

    texts, transcripts = text_folders()
    if not any(file for folder in (texts, transcripts) for file in folder.glob("*.jsonl")):
        raise NothingToExportError(_NO_TEXTS.format(form=form, config=config_dir() / "config.toml"))
    redactor = Redactor()

    def redact(parts: Sequence[str]) -> Sequence[str]:
        return [text for (text,) in redactor.redact([[each] for each in parts]).texts]

    prompt_of, prompt_is = _prompts(profile)
    written = write_data_set(
        out,
        form,
        read_records(texts),
        _fixes(),
        transcripts,
        wanted=wanted,
        prompt_of=prompt_of,
        prompt_is=prompt_is,
        redact=redact,
        now=datetime.now(UTC),
        version=__version__,
    )
    return {"rows": written.n_by_config, "left_out": written.n_left_out}


def _fixes() -> list[dict[str, Any]]:
    """The fixes that were recorded; none where nothing is."""
    from copilot_ls_telemetry.store import NothingRecordedError, reading

    from copilot_ls.cli.telemetry import database_path

    try:
        with reading(database_path()) as connection:
            return [dict(row) for row in connection.execute("SELECT * FROM fixes ORDER BY opened_at")]
    except NothingRecordedError:
        return []


def _prompts(profile_name: str | None) -> tuple[Callable[[Example], str], str]:
    """What makes the prompt of an example, and what it is in words."""
    if profile_name is None:
        return lambda example: example.record["prefix"], "the text before the place, up to 8,000 characters"
    from copilot_ls.errors import SettingsError
    from copilot_ls.prompt.fim import render
    from copilot_ls.prompt.profiles import BY_NAME

    profile = BY_NAME.get(profile_name)
    if profile is None or profile.fim is None:
        known = ", ".join(name for name, each in BY_NAME.items() if each.fim is not None)
        raise SettingsError(f"--profile {profile_name}: there is no such fill-in-the-middle format; there are {known}")
    return (
        lambda example: render(profile, prefix=example.record["prefix"], suffix=example.record["suffix"]),
        f"fill-in-the-middle, as the family {profile.name} has it: the text before the place and behind it",
    )
