"""How an event becomes a row: the statement that inserts it, made once per kind, and its values. Opens no database."""

from __future__ import annotations

import json
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING

from copilot_ls_telemetry.events import EVENT_NAMES, Event

if TYPE_CHECKING:
    from collections.abc import Callable


def insertion(event: Event) -> tuple[str, list[object]]:
    """The SQL statement that inserts `event`, and its parameters."""
    statement, values_of = _INSERTIONS[type(event)]
    return statement, [_column(value) for value in values_of(event)]


def _column(value: object) -> object:
    # The tuples are lists of filter names; JSON arrays can be taken apart by SQL.
    if isinstance(value, tuple):
        return json.dumps(value) if value else None
    return int(value) if isinstance(value, bool) else value


def _insertion(kind: type[Event], name: str) -> tuple[str, Callable[[Event], tuple[object, ...]]]:
    names = [field.name for field in fields(kind)]
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO events (event, {', '.join(names)}) VALUES ('{name}', {marks})"  # noqa: S608  # own names
    return statement, attrgetter(*names)


_INSERTIONS = {kind: _insertion(kind, name) for kind, name in EVENT_NAMES.items()}
