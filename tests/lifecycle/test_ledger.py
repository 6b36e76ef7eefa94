"""Random sessions against a ledger that knows what the user meant and never looks at an edit.

The user sees at most one ghost text. The ledger writes down what they do with it; the lifecycle sees changes, commands and
notifications only, and must come to the same account, with `accepted => shown => generated => requested`, each once per chain.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from copilot_ls_telemetry import events
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from copilot_ls.text import Point

WORDS = st.lists(st.sampled_from(["alpha", "bravo", "delta", "gamma", "漢字漢字", "kilo😀"]), min_size=1, max_size=4)
TEXTS = st.builds(
    lambda words, line: (" " if line is None else "\n    ").join(words), WORDS, st.sampled_from([None, "line"])
)
ENDINGS = {
    events.Accepted: "accepted",
    events.PartiallyAccepted: "partially_accepted",
    events.Typed: "typed",
    events.Rejected: "rejected",
    events.Ignored: "ignored",
}


@dataclass
class Entry:
    """What the ledger knows of one ghost text."""

    text: str
    visible_since: float
    n_done: int = 0
    n_accepted: int = 0
    shown: bool = False
    ending: str | None = None

    @property
    def left(self):
        return self.text[self.n_done :]


class Session(RuleBasedStateMachine):
    make_editor = None  # set by the test

    def __init__(self):
        super().__init__()
        self.ledger = {}
        self.current = None
        self.client_says_shown = False

    @initialize(
        around=st.sampled_from(["█", "a = 1\nx = █\nend\n", "call(█)\n", "é = [\r\n    █\r\n]\r\n"]),
    )
    def open_document(self, around):
        self.editor = type(self).make_editor(around)

    @property
    def entry(self):
        return self.ledger[self.current]

    def is_offered(self):
        return self.current is not None

    def look(self):
        """Three quarters of a second before the eyes is shown."""
        if not self.current or self.client_says_shown:
            return
        if self.editor.clock.time - self.entry.visible_since >= 0.75 - 1e-9:
            self.entry.shown = True

    def end(self, ending, *, shown=False):
        self.look()
        entry = self.entry
        entry.shown = entry.shown or shown
        entry.ending = "partially_accepted" if entry.n_accepted and ending != "accepted" else ending
        self.current = None

    def advance(self, n):
        self.entry.n_done += n

    @rule(text=TEXTS)
    def offer_something_else(self, text):
        if self.current:
            if self.entry.left.startswith(text) or text.startswith(self.entry.left):
                return
            self.end("ignored")
        one = self.editor.offer(text)
        self.newest = one
        self.current = one
        self.ledger[one] = Entry(text, self.editor.clock.time)

    @precondition(is_offered)
    @rule()
    def offer_what_is_left_again(self):
        self.newest = self.editor.offer(self.entry.left)

    @precondition(is_offered)
    @rule(n=st.integers(1, 6))
    def type_along(self, n):
        for _ in range(n):
            key = self.entry.left[:1]
            if key == "\n":
                key = self.entry.left[:5]  # Enter indents the new line
            self.editor.insert(key)
            self.advance(len(key))
            if not self.entry.left:
                self.end("typed")
                return

    @precondition(is_offered)
    @rule()
    def take_back_a_key(self):
        typed = self.entry.text[: self.entry.n_done]
        if typed and typed[-1] not in "\n " and self.entry.n_accepted == 0:
            self.editor.backspace()
            self.advance(-1)

    @precondition(is_offered)
    @rule()
    def type_something_else(self):
        self.editor.insert("!")
        self.end("ignored")

    @precondition(is_offered)
    @rule(style=st.sampled_from(["insert", "delete first", "whole line"]), lag=st.sampled_from([0.0, 0.3]))
    def accept_by_command(self, style, lag):
        left = self.entry.left
        self.insert_whole(style)
        self.look()
        self.editor.wait(lag)
        self.editor.lifecycle.accepted(self.newest)
        self.entry.n_accepted += len(left)
        self.end("accepted", shown=True)

    @precondition(is_offered)
    @rule(style=st.sampled_from(["insert", "delete first", "whole line"]))
    def accept_without_a_command(self, style):
        left = self.entry.left
        if len(left) > 3 and not left.isspace():
            self.insert_whole(style)
            self.entry.n_accepted += len(left)
            self.end("accepted", shown=True)

    def insert_whole(self, style):
        editor, left = self.editor, self.entry.left
        if style == "delete first" and left[0] != "\n":
            editor.change((editor.cursor, editor.cursor, ""))
        if style == "whole line":
            start = Point(editor.cursor.line, 0)
            before = editor.buffer.snapshot().line(start.line)[: editor.cursor.column]
            editor.change((start, editor.cursor, before + left))
        else:
            editor.insert(left)

    @precondition(is_offered)
    @rule(tell=st.sampled_from(["change", "change, then notification", "notification, then change"]))
    def accept_a_word(self, tell):
        left = self.entry.left
        lead = len(left) - len(left.lstrip())
        rest = left[lead:]
        n = lead + min((at for at, character in enumerate(rest) if character.isspace()), default=len(rest))
        if n < 4 + lead or n == len(left):
            return
        newest = [event for event in self.editor.events if isinstance(event, events.Generated)][-1]
        cumulative = self.entry.n_done + n - newest.chain_offset
        self.entry.n_accepted += n
        self.entry.shown = True
        if tell == "notification, then change":
            self.editor.lifecycle.partially_accepted(self.newest, cumulative)
        self.editor.insert(left[:n])
        if tell == "change, then notification":
            self.editor.lifecycle.partially_accepted(self.newest, cumulative)
        self.advance(n)

    @precondition(is_offered)
    @rule()
    def dismiss(self):
        self.editor.lifecycle.rejected(self.newest)
        self.end("rejected", shown=not self.entry.n_accepted)

    @precondition(is_offered)
    @rule()
    def client_says_it_is_shown(self):
        self.look()
        self.editor.lifecycle.shown(self.newest)
        self.client_says_shown = True
        self.entry.shown = True

    @rule(seconds=st.sampled_from([0.1, 0.3, 0.5, 1.0]))
    def time_passes(self, seconds):
        self.editor.wait(seconds)
        self.look()

    @rule()
    def edit_above(self):
        line, column = self.editor.cursor
        if self.current and line > 0 and self.entry.n_done == 0:
            self.editor.change((Point(0, 0), Point(0, 0), "# note\n"))
            self.editor.cursor = Point(line + 1, column)

    @precondition(is_offered)
    @rule()
    def the_cursor_leaves(self):
        self.editor.lifecycle.cursor_at(self.editor.uri, Point(10_000, 0))
        self.end("ignored")

    @rule(how=st.sampled_from(["accepted", "rejected", "shown"]))
    def a_client_repeats_itself(self, how):
        """What is over is over: word of a suggestion that has ended long ago changes nothing."""
        ended = [one for one, entry in self.ledger.items() if entry.ending]
        if ended and how != "shown":
            self.editor.wait(0.5)
            self.look()
            getattr(self.editor.lifecycle, how)(ended[0])

    def teardown(self):
        if not hasattr(self, "editor"):
            return
        if self.current:
            self.look()
            self.editor.lifecycle.close()
            self.end("ignored")
        else:
            self.editor.lifecycle.close()
        account(self.editor.events, self.ledger)


def account(recorded, ledger):
    """The recorded events tell of each chain what the ledger does, and in the right order."""
    seen = {}
    for event in recorded:
        chain = getattr(event, "chain_id", None)
        if isinstance(event, events.Requested):
            seen[event.request_id] = "requested"
        elif isinstance(event, events.Generated):
            assert seen[event.request_id] == "requested"
            seen.setdefault(chain, Counter())["generated"] += 1
        else:
            assert seen[chain]["generated"], "generated comes before anything else"
            if isinstance(event, events.Accepted | events.PartiallyAccepted | events.Rejected):
                assert seen[chain]["shown"], "what was taken or dismissed was shown before"
            seen[chain][events.EVENT_NAMES[type(event)]] += 1
    told = {chain: counts for chain, counts in seen.items() if isinstance(counts, Counter)}
    assert told.keys() == ledger.keys()
    for chain, counts in told.items():
        entry = ledger[chain]
        assert counts["shown"] == entry.shown, (chain, entry)
        endings = [name for name in ENDINGS.values() if counts[name]]
        if endings == ["accepted", "partially_accepted"]:
            endings = ["accepted"]
        assert endings == [entry.ending], (chain, entry, counts)
        assert entry.ending == "partially_accepted" or counts[entry.ending] == 1
        lengths = [
            event.accepted_length
            for event in recorded
            if isinstance(event, events.Accepted | events.PartiallyAccepted) and event.chain_id == chain
        ]
        assert lengths == sorted(lengths)
        assert (lengths or [0])[-1] == entry.n_accepted, (chain, entry, lengths)


def test_any_session_is_accounted_for(make_editor):
    Session.make_editor = staticmethod(make_editor)
    Session.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
    outcome = Session.TestCase("runTest")
    outcome.runTest()
