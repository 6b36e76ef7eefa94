"""What the user turned off, and what says so: settings, a pause, a language, a path."""

from __future__ import annotations

import pytest

from copilot_ls.config.settings import CompletionSettings
from copilot_ls.features.documents import OpenDocument
from copilot_ls.features.switches import LONGEST_SNOOZE_MINUTES, Switches


class Timer:
    def __init__(self, delay_s, call) -> None:
        self.delay_s, self.call, self.cancelled = delay_s, call, False

    def cancel(self) -> None:
        self.cancelled = True


class Desk:
    """Switches with a clock of a test's own; `n_changes` counts what the status would hear."""

    def __init__(self, **settings) -> None:
        self.settings, self.at, self.n_changes = CompletionSettings(**settings), 1000.0, 0
        self.timers: list[Timer] = []
        self.switches = Switches(
            lambda: self.settings,
            lambda document: document.path.removeprefix("/w/"),
            wall_clock=lambda: self.at,
            call_later=self._later,
            on_change=self._changed,
        )

    def _changed(self) -> None:
        self.n_changes += 1

    def _later(self, delay_s, call) -> Timer:
        self.timers.append(Timer(delay_s, call))
        return self.timers[-1]

    def why_off(self, path="/w/a.py", trigger_kind="automatic"):
        return self.switches.why_off(OpenDocument(f"file://{path}", path, "python", 1, ""), trigger_kind)


def test_nothing_is_off_by_default() -> None:
    assert Desk().why_off() is None


@pytest.mark.parametrize(
    ("settings", "automatic", "invoked"),
    [
        ({"enable": False}, "disabled", "disabled"),
        ({"automatic": False}, "disabled", None),
        ({"languages_disable": ("python",)}, "language_disabled", "language_disabled"),
        ({"languages_disable": ("go",)}, None, None),
        ({"paths_disable": ("*.py",)}, "path_disabled", "path_disabled"),
        ({"paths_disable": ("/b/",)}, None, None),
    ],
)
def test_settings_say_what_is_off(settings, automatic, invoked) -> None:
    desk = Desk(**settings)
    assert (desk.why_off(), desk.why_off(trigger_kind="invoked")) == (automatic, invoked)


def test_a_pause_ends_by_itself_and_somebody_hears_of_it() -> None:
    desk = Desk()
    desk.switches.snooze(5)
    assert (desk.why_off(), desk.why_off(trigger_kind="invoked")) == ("snoozed", None)
    assert desk.switches.snoozed_until == 1300.0
    (timer,) = desk.timers
    assert (timer.delay_s, desk.n_changes) == (300.0, 1)
    desk.at += 300
    timer.call()
    assert (desk.why_off(), desk.switches.snoozed_until, desk.n_changes) == (None, None, 2)


def test_a_second_pause_takes_the_place_of_the_first_and_resuming_ends_it() -> None:
    desk = Desk()
    desk.switches.snooze(5)
    desk.switches.snooze(1)
    assert desk.switches.snoozed_until == 1060.0
    assert [timer.cancelled for timer in desk.timers] == [True, False]
    desk.switches.resume()
    assert desk.why_off() is None
    assert desk.timers[1].cancelled


def test_a_pause_is_no_longer_than_a_week() -> None:
    desk = Desk()
    desk.switches.snooze(1e300)
    assert desk.timers[0].delay_s == LONGEST_SNOOZE_MINUTES * 60


def test_the_users_word_stands_above_the_settings() -> None:
    desk = Desk(enable=False, languages_disable=("python",))
    desk.switches.toggle()
    assert desk.why_off() == "language_disabled"
    desk.switches.toggle("python")
    assert desk.why_off() is None
    desk.switches.toggle("python")
    desk.switches.toggle()
    assert desk.why_off() == "disabled"


def test_next_edits_have_a_setting_of_their_own_and_share_the_users_word() -> None:
    desk = Desk(enable=False, automatic=False, paths_disable=("*.md",))
    document = OpenDocument("file:///w/a.py", "/w/a.py", "python", 1, "")
    notes = OpenDocument("file:///w/a.md", "/w/a.md", "markdown", 1, "")
    assert desk.switches.why_no_edit(document, "automatic") is None
    assert desk.switches.why_no_edit(notes, "automatic") == "path_disabled"
    desk.switches.snooze(5)
    assert desk.switches.why_no_edit(document, "automatic") == "snoozed"
    assert desk.switches.why_no_edit(document, "invoked") is None
    desk.switches.toggle("python")
    assert desk.switches.why_no_edit(document, "invoked") == "language_disabled"
    desk.switches.toggle()
    desk.switches.toggle()
    assert desk.switches.why_no_edit(document, "invoked") == "disabled"


def test_a_file_of_keys_cannot_be_turned_on() -> None:
    desk = Desk()
    for trigger_kind in ("automatic", "invoked"):
        assert desk.why_off("/w/.env", trigger_kind) == "secret_file"


def test_paths_are_patterns_of_a_gitignore_file_and_follow_the_settings() -> None:
    desk = Desk(paths_disable=("notes/", "*.min.js", "!keep.min.js"))
    off = ["/w/notes/deep/a.py", "/w/x/a.min.js"]
    assert {desk.why_off(path) for path in off} == {"path_disabled"}
    assert {desk.why_off(path) for path in ("/w/keep.min.js", "/w/notes.py")} == {None}
    desk.settings = CompletionSettings(paths_disable=("*.py",))
    assert desk.why_off(off[1]) is None
    assert desk.why_off() == "path_disabled"
