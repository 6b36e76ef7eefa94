"""A keystroke: what one character costs in documents of any length, a rename of 500 places, and 100,000 edits in memory."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from lsprotocol import types
from pygls.workspace import PositionCodec, TextDocument

from copilot_ls.text import PositionEncoding, TextBuffer
from tests.bench.sources import python_source
from tests.bench.table import Row, median
from tests.bench.wire import MINIMAL, OURS, Wire, private_folders

SIZES = (1_000, 10_000, 100_000)
URI = "file:///bench/document.py"


def rows() -> list[Row]:
    """In the text buffer alone, then through a server."""
    return [*buffer_rows(), *rename_rows(), *protocol_rows(), memory_row()]


def buffer_rows() -> list[Row]:
    """One character typed in the middle of a document; the sizes take turns."""
    buffers = {size: TextBuffer(python_source(size)) for size in SIZES}
    pygls = {size: pygls_document(python_source(size)) for size in SIZES}
    ours: dict[int, list[float]] = {size: [] for size in SIZES}
    theirs: dict[int, list[float]] = {size: [] for size in SIZES}
    for turn in range(400):
        for size in SIZES:
            place = (size // 2 + turn % 7, turn // 7)
            start = time.perf_counter()
            buffers[size].edit_units(place, place, "x", PositionEncoding.UTF16)
            ours[size].append((time.perf_counter() - start) * 1e6)
            if turn % (10 * size // 1000) == 0:  # a slow one needs fewer
                start = time.perf_counter()
                pygls[size].apply_change(pygls_change(place, place, "x"))
                theirs[size].append((time.perf_counter() - start) * 1e6)
    result = [
        Row(f"keystroke: edit, {size:,} lines", median(ours[size]), "us", median(theirs[size]), at_most=50)
        for size in SIZES
    ]
    smallest = median(ours[SIZES[0]])
    result += [
        Row(f"keystroke: edit, {size:,} lines beside 1,000", median(ours[size]), "us", smallest, ratio_at_most=1.5)
        for size in SIZES[1:]
    ]
    return result


def rename_rows() -> list[Row]:
    """500 edits in one change of a 10,000-line document, in the buffer and through the protocol."""
    source = python_source(10_000)
    places = [((at * 19, 4), (at * 19, 4)) for at in range(500)]
    ours, theirs = [], []
    for _ in range(7):
        buffer = TextBuffer(source)
        start = time.perf_counter()
        for a, b in places:
            buffer.edit_units(a, b, "renamed", PositionEncoding.UTF16)
        buffer.snapshot()
        ours.append((time.perf_counter() - start) * 1000)
    document = pygls_document(source)
    start = time.perf_counter()
    for a, b in places:
        document.apply_change(pygls_change(a, b, "renamed"))
    theirs.append((time.perf_counter() - start) * 1000)
    served = dict.fromkeys(("ours", "minimal"), 0.0)
    for name, command in (("ours", OURS), ("minimal", MINIMAL)):
        with tempfile.TemporaryDirectory() as folder, Wire(command, private_folders(Path(folder))) as wire:
            settle(wire, source)
            figures = []
            for _ in range(5 if name == "ours" else 1):
                change = wire.change_frame(URI, *[(a, b, "renamed") for a, b in places])
                before = wire.cpu_ms()
                wire.write(change)
                wire.round_trip()
                figures.append(wire.cpu_ms() - before)
            served[name] = median(figures)
    return [
        Row("keystroke: 500-edit rename, 10,000 lines", median(ours), baseline=median(theirs), at_most=15),
        Row("keystroke: the same through the protocol, CPU", served["ours"], baseline=served["minimal"], at_most=15),
    ]


def protocol_rows() -> list[Row]:
    """Processor time of the server per one-character `didChange`: message, edit, and what the server does then."""
    result, smallest = [], 0.0
    for size in SIZES:
        source = python_source(size)
        per_edit = {}
        for name, command, n_edits in (("ours", OURS, 2000), ("minimal", MINIMAL, max(20, 400_000 // size))):
            with tempfile.TemporaryDirectory() as folder, Wire(command, private_folders(Path(folder))) as wire:
                settle(wire, source)
                type_characters(wire, size // 2, 50)
                wire.round_trip()
                before = wire.cpu_ms()
                type_characters(wire, size // 2, n_edits)
                wire.round_trip()
                per_edit[name] = (wire.cpu_ms() - before) * 1000 / n_edits
        result.append(
            Row(
                f"keystroke: didChange through the protocol, {size:,} lines, CPU",
                per_edit["ours"],
                "us",
                per_edit["minimal"],
            )
        )
        smallest = smallest or per_edit["ours"]
    result.append(
        Row("keystroke: the same, 100,000 lines beside 1,000", result[-1].ours, "us", smallest, ratio_at_most=1.5)
    )
    return result


def memory_row() -> Row:
    """What 100,000 edits leave behind."""
    grown = {}
    for name, command, n_edits in (("ours", OURS, 100_000), ("minimal", MINIMAL, 20_000)):
        with tempfile.TemporaryDirectory() as folder, Wire(command, private_folders(Path(folder))) as wire:
            settle(wire, python_source(300))
            type_characters(wire, 150, 3000)
            wire.round_trip()
            before = wire.rss_mb()
            type_characters(wire, 150, n_edits)
            wire.round_trip()
            grown[name] = (wire.rss_mb() - before) * 100_000 / n_edits
    return Row(
        "keystroke: memory that 100,000 edits leave behind", max(grown["ours"], 0), "MB", grown["minimal"], at_most=2
    )


def settle(wire: Wire, source: str) -> None:
    """Open a document and let the server finish what it does once."""
    wire.initialize()
    wire.open(URI, source)
    wire.complete(URI, 0, 0, trigger_kind=1)
    still = time.perf_counter() + 10
    while time.perf_counter() < still:  # until it idles
        before = wire.cpu_ms()
        time.sleep(0.2)
        if wire.cpu_ms() - before < 5:
            break


def type_characters(wire: Wire, line: int, n_edits: int) -> None:
    """Type and delete one character by turns, 100 messages a write, never more than the pipe holds ahead of the server."""
    for first in range(0, n_edits, 100):
        frames = []
        for at in range(first, min(first + 100, n_edits)):
            typed = at % 2 == 0
            frames.append(wire.change_frame(URI, ((line, 0), (line, 0 if typed else 1), "x" if typed else "")))
        wire.write(b"".join(frames))
        if first % 1000 == 0:
            wire.round_trip()


def pygls_document(source: str) -> TextDocument:
    return TextDocument(URI, source, version=1, position_codec=PositionCodec(types.PositionEncodingKind.Utf16))


def pygls_change(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(
        range=types.Range(types.Position(*start), types.Position(*end)), text=text
    )
