"""What becomes of a next edit is one event of each kind, in whatever order an editor tells of it."""

from __future__ import annotations

from typing import Any

import pytest

from copilot_ls.features.lifecycle import Lifecycle
from copilot_ls.features.next_edit.offers import NextEditOffers
from copilot_ls.features.next_edit.proposing import NextEdit, candidates_of, next_edit
from tests.lifecycle.conftest import Clock
from tests.next_edit.session import Session

BEFORE = "def f():\n    result = 0\n    use(result)\n    return result\n"
AFTER = BEFORE.replace("result", "amount", 1)


class Story:
    """A rename, of which the first other use is offered."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.events: list[Any] = []
        lifecycle = Lifecycle(
            self.events.append, now=self.clock.now, wall_clock=self.clock.now, call_later=self.clock.call_later,
            session_id="s",
        )  # fmt: skip
        self.offers = NextEditOffers(lifecycle, call_later=self.clock.call_later)
        self.session = Session({"a.py": BEFORE})
        self.session.documents.on_change.append(
            lambda document, edits: self.offers.document_changed(document.uri, edits, document.buffer.snapshot())
        )
        self.session.become("a.py", AFTER)

    def ask(self) -> NextEdit | None:
        return next_edit(self.session.scene(), turned_down=self.offers.is_turned_down)

    def offer(self, name: str) -> NextEdit:
        edit = self.ask()
        assert edit is not None
        self.offers.offered(edit, name)
        return edit

    def told(self) -> list[str]:
        self.clock.pass_time(5)
        return [type(event).__name__ for event in self.events]


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.mark.parametrize("command_first", [True, False])
def test_an_edit_that_is_made_is_accepted_once(story: Story, command_first: bool) -> None:
    edit = story.offer("one")
    if command_first:
        story.offers.accepted("one")
        story.session.make("a.py", [edit.replacement])
    else:
        story.session.make("a.py", [edit.replacement])
        story.offers.accepted("one")
    assert story.told() == ["Shown", "Accepted"]
    assert (story.events[-1].how, story.events[-1].accepted_length) == ("command", len("amount"))


def test_an_edit_that_is_made_without_a_word_is_accepted_by_its_change(story: Story) -> None:
    edit = story.offer("one")
    story.session.make("a.py", [edit.replacement])
    assert story.told() == ["Shown", "Accepted"]
    assert story.events[-1].how == "edit"


def test_what_is_left_standing_is_taken_as_shown_unless_the_client_says_so_itself(story: Story) -> None:
    story.offer("one")
    assert story.told() == ["Shown"]
    assert story.events[0].inferred
    silent = Story()
    silent.offers.shown("another")
    silent.offer("one")
    assert silent.told() == []
    silent.offers.shown("one")
    assert silent.told() == ["Shown"]
    assert not silent.events[0].inferred


def test_what_is_turned_down_does_not_come_again_and_twice_ends_the_pattern(story: Story) -> None:
    first = story.offer("one")
    story.offers.rejected("one")
    assert story.told() == ["Shown", "Rejected"]
    second = story.offer("two")
    assert second.replacement.span != first.replacement.span
    story.offers.rejected("two")
    assert story.ask() is None
    assert candidates_of(story.session.scene())


def test_the_same_edit_offered_anew_is_one_chain_and_another_takes_its_place(story: Story) -> None:
    edit = story.offer("one")
    assert story.offers.offered(edit, "two") == "one"
    story.offers.withdrawn()
    assert story.told() == ["Ignored"]
    assert (story.events[-1].suggestion_id, story.events[-1].chain_id) == ("two", "one")


def test_typing_elsewhere_moves_it_and_typing_into_it_ends_it(story: Story) -> None:
    edit = story.offer("one")
    text = story.session.text("a.py")
    story.session.become("a.py", "# a comment\n" + text)
    assert story.events == []
    story.session.become("a.py", "# a comment\n" + text.replace("use(result)", "use(results)"))
    assert story.told() == ["Ignored"]
    assert story.events[-1].reason == "typing_disagreed"
    assert edit.replacement.text == "amount"


def test_the_end_of_the_session_ends_it(story: Story) -> None:
    story.offer("one")
    story.offers.close()
    assert [type(event).__name__ for event in story.events] == ["Ignored"]
    assert story.clock.n_waiting == 0
