"""What was recorded as tables for analysis, without any text: `events`, `chains` and `fixes`, as Parquet or JSON lines.

`chains` and `fixes` are the views that all metrics read (`schema.sql`), so that DuckDB or pandas come to the figures
of `copilot-ls stats`. Columns carry their description, which is the comment that `schema.sql` has on them. Read and
written in batches: the record may be larger than memory. Parquet needs pyarrow, which is an extra. Called by
`cli.export`.
"""

from __future__ import annotations

import json
import os
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from copilot_ls.errors import CopilotLsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from copilot_ls.features.exporting.data_set import Wanted

TABLES = {"events": "at", "chains": "offered_at", "fixes": "opened_at"}
_BATCH = 20_000
_COLUMN = re.compile(r"^    (\w+) (TEXT|INTEGER|REAL)[^,\n]*,?\s*(?:-- (.*))?$", re.MULTILINE)
_IN_CHAIN = (
    " OR (session_id, chain_id) IN (SELECT session_id, chain_id FROM events WHERE event = 'generated' AND {0} = :{0})"
)


class MissingPyarrowError(CopilotLsError):
    """Parquet was asked for, and pyarrow is not installed."""


def write_tables(database: Path, out: Path, *, as_parquet: bool, wanted: Wanted) -> dict[str, int]:
    """Write a file for each table to the folder `out`; the rows in each.

    Raises `copilot_ls_telemetry.store.StoreError`, `MissingPyarrowError` and `OSError`.
    """
    from copilot_ls_telemetry.store import reading

    write = _write_parquet if as_parquet else _write_lines
    if as_parquet:
        _pyarrow()
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = {"since": wanted.since, "language": wanted.language, "backend": wanted.backend}
    n_rows = {}
    with reading(database) as connection:
        for table, at in TABLES.items():
            conditions = [f"(:since IS NULL OR {at} >= :since)"]
            for name in ("language", "backend"):
                more = _IN_CHAIN.format(name) if table == "events" else ""
                conditions.append(f"(:{name} IS NULL OR {name} = :{name}{more})")
            where = " AND ".join(conditions)
            rows = connection.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY {at}", given)  # noqa: S608  # own names
            names = [column[0] for column in rows.description]
            file = out / f"{table}.{'parquet' if as_parquet else 'jsonl'}"
            n_rows[table] = write(file, names, _batches(rows))
    return n_rows


def _batches(rows: Any) -> Iterator[list[tuple[Any, ...]]]:  # noqa: ANN401 - a cursor
    while batch := rows.fetchmany(_BATCH):
        yield [tuple(row) for row in batch]


def described_columns() -> dict[str, tuple[str, str]]:
    """The declared type and the description of each column of the table of events."""
    script = files("copilot_ls_telemetry").joinpath("schema.sql").read_text("utf-8")
    events = script[script.index("CREATE TABLE events (") :]
    return {name: (kind, said or "") for name, kind, said in _COLUMN.findall(events[: events.index("\n);")])}


def _write_lines(file: Path, names: list[str], batches: Iterator[list[tuple[Any, ...]]]) -> int:
    n_rows = 0
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        for batch in batches:
            n_rows += len(batch)
            for row in batch:
                held = {name: value for name, value in zip(names, row, strict=True) if value is not None}
                stream.write(json.dumps(held, ensure_ascii=False) + "\n")
    return n_rows


def _write_parquet(file: Path, names: list[str], batches: Iterator[list[tuple[Any, ...]]]) -> int:
    pyarrow = _pyarrow()
    from pyarrow import parquet

    columns = described_columns()
    kinds = {"TEXT": pyarrow.string(), "INTEGER": pyarrow.int64(), "REAL": pyarrow.float64()}
    fields = []
    for name in names:
        kind, said = columns.get(name, (_kind_of(name), ""))
        fields.append(pyarrow.field(name, kinds[kind], metadata={"description": said} if said else None))
    schema = pyarrow.schema(fields)
    n_rows = 0
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            n_rows += len(batch)
            arrays = [
                pyarrow.array([_fitting(row[at], field.type) for row in batch], field.type)
                for at, field in enumerate(fields)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
    return n_rows


def _kind_of(name: str) -> str:
    """What a column that only a view has holds."""
    if name.endswith(("_at", "_ms", "_s")):
        return "REAL"
    whole = name.startswith("n_") or name.endswith(("_chars", "_id_number"))
    return "INTEGER" if whole or name in {"shown", "undone", "editor_said_shown", "gone"} else "TEXT"


def _fitting(value: object, kind: object) -> object:
    """A value as its column wants it: SQLite keeps whatever it was given."""
    if value is None or str(kind) in {"int64", "double"}:
        return value
    return value if isinstance(value, str) else str(value)


def _pyarrow() -> Any:  # noqa: ANN401 - a module that may not be there
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingPyarrowError(
            "Parquet needs pyarrow, which is not installed: pip install 'copilot-ls[parquet]', or use --format jsonl"
        ) from error
    return pa
