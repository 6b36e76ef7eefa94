"""An editor and a clock made of paper, around a real `Lifecycle`."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field

import pytest
from copilot_ls_telemetry import events

from copilot_ls.features.lifecycle import Lifecycle
from copilot_ls.features.suggestion import Suggestion
from copilot_ls.text import Point, Span, TextBuffer

URI = "file:///project/main.py"


@dataclass(order=True)
class Timer:
    at: float
    number: int
    call: object = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self):
        self.cancelled = True


class Clock:
    def __init__(self):
        self.time = 1000.0
        self._timers = []
        self._numbers = itertools.count()

    def now(self):
        return self.time

    def call_later(self, delay_s, call):
        timer = Timer(self.time + delay_s, next(self._numbers), call)
        heapq.heappush(self._timers, timer)
        return timer

    def pass_time(self, seconds):
        end = self.time + seconds
        while self._timers and self._timers[0].at <= end:
            timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                self.time = timer.at
                timer.call()
        self.time = end

    @property
    def n_waiting(self):
        return sum(not timer.cancelled for timer in self._timers)


class Editor:
    """A document with a cursor, whose every change reaches the lifecycle as an editor would send it."""

    def __init__(self, text="", uri=URI, **options):
        self.clock = Clock()
        self.events = []
        self.uri = uri
        self.version = 1
        self._numbers = itertools.count(1)
        before, _, after = text.partition("█")
        self.buffer = TextBuffer(before + after)
        self.cursor = self.buffer.snapshot().point_at(len(before))
        self.accepted_spans = []
        self.lifecycle = Lifecycle(
            self.events.append,
            now=self.clock.now,
            wall_clock=lambda: self.clock.time + 1e9,
            call_later=self.clock.call_later,
            session_id="session",
            on_accepted=lambda _chain_id, _suggestion, span, _text: self.accepted_spans.append(span),
            **options,
        )

    @property
    def text(self):
        return self.buffer.snapshot().text

    def at(self, n_columns):
        """The place that many columns right of the cursor."""
        return Point(self.cursor.line, self.cursor.column + n_columns)

    def change(self, *edits):
        """Send one didChange of (start, end, text) edits; the cursor ends behind the last."""
        applied = [self.buffer.edit(start, end, text) for start, end, text in edits]
        self.version += 1
        self.cursor = applied[-1].new_end
        self.lifecycle.document_changed(self.uri, applied, self.buffer.snapshot(), self.version)

    def insert(self, text):
        self.change((self.cursor, self.cursor, text))

    def type(self, keys, seconds_each=0.1):
        for key in keys:
            self.insert(key)
            self.clock.pass_time(seconds_each)

    def backspace(self):
        self.change((self.at(-1), self.cursor, ""))

    def suggestion(self, text, *, replaced=None, n_replaced=0, request_id=None, version=None, **fields):
        number = next(self._numbers)
        return Suggestion(
            suggestion_id=f"s{number}",
            request_id=request_id or f"r{number}",
            uri=self.uri,
            version=self.version if version is None else version,
            language_id="python",
            text=text,
            replaced=replaced or Span(self.cursor, self.at(n_replaced)),
            source="backend",
            backend="embedded",
            model="",
            trigger_kind="automatic",
            multiline="\n" in text,
            latency_ms=5.0,
            **fields,
        )

    def offer(self, *texts, **fields):
        """Answer a request with `texts`; the first one's suggestion_id, or all of them."""
        suggestions = [self.suggestion(text, **fields) for text in texts]
        request_id = suggestions[0].request_id
        self.lifecycle.requested(request_id, uri=self.uri, language="python", trigger_kind="automatic")
        self.lifecycle.offered(suggestions, self.buffer.snapshot())
        ids = [suggestion.suggestion_id for suggestion in suggestions]
        return ids[0] if len(ids) == 1 else ids

    def wait(self, seconds=1.0):
        self.clock.pass_time(seconds)

    def story(self):
        """The events of suggestions' lives, in words; time passes until all is settled."""
        self.clock.pass_time(1.0)
        return [told(event) for event in self.events if not isinstance(event, (events.Requested, events.Generated))]

    def outcomes(self):
        """How each chain ended: the events but for `shown`, by chain."""
        ended = {}
        for words in self.story():
            if words[0] != "shown":
                ended[words[1]] = words[0]
        return ended


def told(event):
    match event:
        case events.Shown():
            return ("shown", event.chain_id, "inferred" if event.inferred else "said")
        case events.Accepted():
            return ("accepted", event.chain_id, event.how, event.accepted_length)
        case events.PartiallyAccepted():
            return ("partially_accepted", event.chain_id, event.how, event.accepted_length)
        case events.Ignored():
            return ("ignored", event.chain_id, event.reason)
        case events.Typed() | events.Rejected():
            return (events.EVENT_NAMES[type(event)], event.chain_id)
    return (events.EVENT_NAMES[type(event)],)


@pytest.fixture
def make_editor():
    return Editor
