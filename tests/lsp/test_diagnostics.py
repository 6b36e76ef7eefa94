"""Diagnostics as clients send them become ours; what makes no sense is left out, and costs nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from copilot_ls.lsp import _lazy_types

_lazy_types.install()

from copilot_ls.features.workbench import Workbench  # noqa: E402
from copilot_ls.lsp.server import Server  # noqa: E402
from copilot_ls.text import Point, Span  # noqa: E402

URI = "file:///a.py"


class Client:
    def __init__(self) -> None:
        self.server = Server(Workbench(record_telemetry=False))
        self.server.protocol._workspace = object()  # type: ignore[assignment]  # as after `initialize`
        self.server.workbench.documents.open(URI, "/a.py", "python", 1, "x = 'ä😀' + yes\nsecond\n")

    def publish(self, *diagnostics: Any, **rest: Any) -> None:
        params = {"uri": URI, "version": 1, "diagnostics": list(diagnostics)} | rest
        message = {"jsonrpc": "2.0", "method": "copilot-ls/didPublishDiagnostics", "params": params}
        self.server.protocol.feed(json.dumps(message).encode())

    @property
    def board(self) -> list[Any]:
        return list(self.server.workbench.diagnostics.of(URI))


def said(line: int, start: int, end: int, **rest: Any) -> dict[str, Any]:
    span = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
    return {"range": span, "message": "unknown name"} | rest


async def test_everything_that_a_diagnostic_says_is_taken_over() -> None:
    client = Client()
    place = {"uri": "file:///b.py", "range": {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 1}}}
    client.publish(
        said(0, 12, 15, severity=2, code=2304, source="ts", relatedInformation=[{"location": place, "message": "here"}])
    )
    (one,) = client.board
    assert (one.span, one.message, one.severity, one.code, one.source) == (
        Span(Point(0, 11), Point(0, 14)),
        "unknown name",
        "warning",
        "2304",
        "ts",
    )
    assert [(each.path, each.line, each.message) for each in one.related] == [("/b.py", 4, "here")]


async def test_columns_are_those_of_the_version_that_they_were_reported_for() -> None:
    client = Client()
    documents = client.server.workbench.documents
    documents.change(URI, 2, [((0, 0), (0, 8), "")])
    client.publish(said(0, 12, 15))
    (one,) = client.board
    assert documents.get(URI).buffer.snapshot().slice(one.span) == "yes"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"range": None, "message": "m"},
        {"message": "m"},
        7,
        said(0, 0, 1, relatedInformation=[7]),
        said(0, 0, 1) | {"message": None},
        {"range": {"start": {"line": "x", "character": 0}, "end": {"line": 0, "character": 0}}, "message": "m"},
    ],
)
async def test_what_makes_no_sense_is_left_out_alone(nonsense: Any) -> None:
    client = Client()
    client.publish(nonsense, said(1, 0, 6, message="good"))
    assert [each.message for each in client.board] == ["good"]


@pytest.mark.parametrize(
    "rest", [{"uri": 3}, {"uri": "file:///no.py"}, {"diagnostics": None}, {"diagnostics": {"a": 1}}]
)
async def test_notifications_that_make_no_sense_change_nothing(rest: dict[str, Any]) -> None:
    client = Client()
    client.publish(said(1, 0, 6))
    client.publish(**rest)
    assert len(client.board) == 1


async def test_places_beyond_the_text_are_clipped_and_long_messages_cut() -> None:
    client = Client()
    client.publish(said(77, 5, 9, message="m" * 100_000, version=True), version=None)
    (one,) = client.board
    assert one.span == Span(Point(2, 0), Point(2, 0))
    assert len(one.message) == 4_000
