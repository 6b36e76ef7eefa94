"""How suggestions end, with the changes that real editors send."""

from __future__ import annotations

import pytest
from copilot_ls_telemetry import events

from copilot_ls.text import Point, Span

SEEN = 0.8


def test_an_accept_is_the_change_and_then_the_command_and_counts_once(make_editor):
    editor = make_editor("x = █\n")
    one = editor.offer("compute(1)")
    editor.wait(SEEN)
    editor.insert("compute(1)")
    editor.lifecycle.accepted(one)
    editor.lifecycle.accepted(one)
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "command", 10)]


def test_an_editor_that_runs_no_command_accepts_by_its_change(make_editor):
    editor = make_editor("x = █\n")
    one = editor.offer("compute(1)")
    editor.wait(SEEN)
    editor.insert("compute(1)")
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "edit", 10)]
    assert editor.accepted_spans == [Span(Point(0, 4), Point(0, 14))]


def test_the_command_may_lag_behind_its_change(make_editor):
    editor = make_editor("█")
    one = editor.offer("compute(1)")
    editor.insert("compute(1)")
    editor.wait(0.35)
    editor.lifecycle.accepted(one)
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "command", 10)]


def test_a_command_that_comes_far_too_late_changes_nothing(make_editor):
    editor = make_editor("█")
    one = editor.offer("compute(1)")
    editor.insert("compute(1)")
    editor.wait(2)
    editor.lifecycle.accepted(one)
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "edit", 10)]


def test_what_stands_behind_may_go_bit_by_bit_before_the_whole_comes(make_editor):
    editor = make_editor("f(█, b + c)\n")
    one = editor.offer("a, b * c)", n_replaced=8)
    editor.wait(SEEN)
    for n in (3, 4, 1):
        editor.change((editor.cursor, editor.at(n), ""))
    editor.insert("a, b * c)")
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "edit", 9)]


def test_the_same_text_at_another_place_is_another_suggestion(make_editor):
    editor = make_editor("█\n\n")
    one = editor.offer("return")
    editor.wait(SEEN)
    editor.cursor = Point(1, 0)
    two = editor.offer("return")
    editor.insert("return")
    assert editor.outcomes() == {one: "ignored", two: "accepted"}


def test_the_moment_of_acceptance_is_that_of_the_change(make_editor):
    editor = make_editor("█")
    editor.offer("compute(1)")
    editor.wait(5)
    editor.insert("compute(1)")
    at = editor.clock.time + 1e9
    editor.wait(5)
    (accepted,) = [event for event in editor.events if isinstance(event, events.Accepted)]
    assert accepted.at == at


def test_accepting_within_the_blink_of_an_eye_implies_that_it_was_shown(make_editor):
    editor = make_editor("█")
    one = editor.offer("compute(1)")
    editor.insert("compute(1)")
    editor.lifecycle.accepted(one)
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "command", 10)]


def test_emacs_deletes_first_and_inserts_after(make_editor):
    editor = make_editor("x = f(█)\n")
    one = editor.offer("a, b)", n_replaced=1)
    editor.wait(SEEN)
    editor.change((editor.cursor, editor.at(1), ""))
    editor.insert("a, b)")
    editor.lifecycle.accepted(one)
    assert editor.text == "x = f(a, b)\n"
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "command", 5)]


def test_emacs_deletes_the_whole_line_where_the_suggestion_rewrites_it(make_editor):
    editor = make_editor("    ret█\n")
    line = Span(Point(0, 0), Point(0, 7))
    one = editor.offer("    return x", replaced=line)
    editor.wait(SEEN)
    editor.change((*line, ""))
    editor.insert("    return x")
    editor.lifecycle.accepted(one)
    assert editor.text == "    return x\n"
    # Only what was not there yet has been accepted; the generation counts the same.
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "command", 5)]
    assert [event.n_chars for event in editor.events if isinstance(event, events.Generated)] == [5]


def test_the_editor_may_replace_from_the_start_of_the_word(make_editor):
    """A change that starts left of the suggestion and repeats what stood there is as good as an insertion."""
    editor = make_editor("    ret█\n")
    one = editor.offer("urn x")
    editor.wait(SEEN)
    editor.change((Point(0, 4), editor.cursor, "return x"))
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "edit", 5)]


def test_the_editor_may_send_the_whole_text(make_editor):
    editor = make_editor("a = 1\nx = █\nb = 2\n")
    one = editor.offer("compute(1)")
    editor.wait(SEEN)
    editor.change((Point(0, 0), Point(3, 0), "a = 1\nx = compute(1)\nb = 2\n"))
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "edit", 10)]


def test_a_whole_text_without_edits_is_judged_too(make_editor):
    editor = make_editor("a = 1\nx = █\nb = 2\n")
    one = editor.offer("compute(1)")
    editor.buffer.replace("a = 1\nx = compute(1)\nb = 2\n")
    editor.lifecycle.document_changed(editor.uri, [], editor.buffer.snapshot(), 2)
    assert ("accepted", one, "edit", 10) in editor.story()


def test_typing_it_out_key_by_key_is_typed(make_editor):
    editor = make_editor("█")
    one = editor.offer("value + 1")
    editor.type("value + 1")
    assert editor.story() == [("shown", one, "inferred"), ("typed", one)]


def test_what_is_typed_before_it_can_be_read_was_not_shown(make_editor):
    editor = make_editor("█")
    one = editor.offer("ok")
    editor.type("ok", 0.05)
    assert editor.story() == [("typed", one)]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("print(x)", [*"print", "(█)", "x"]),
        ('f("a")', ["f", "(█)", '"█"', "a"]),
        ("{\n    x\n}", ["{█}", "\n    █\n", "x"]),
        ("if x:\n    y", [*"if x:", "\n    █", "y"]),
        ('"""doc"""', ['""█', '"█"""', *"doc"]),
    ],
)
def test_auto_closed_brackets_and_indentation_ride_along(make_editor, text, changes):
    """Editors close brackets and indent new lines on their own; the cursor then stands within what one key brought."""
    editor = make_editor("█")
    one = editor.offer(text)
    editor.wait(SEEN)
    for change in changes:
        left, _, right = change.partition("█")
        editor.insert(left + right)
        place = editor.buffer.snapshot()
        editor.cursor = place.point_at(place.offset_at(editor.cursor) - len(right))
        editor.wait(0.1)
    assert editor.outcomes() == {one: "typed"}


def test_a_closing_bracket_that_nobody_opened_disagrees(make_editor):
    editor = make_editor("█")
    one = editor.offer("print(x)")
    editor.wait(SEEN)
    editor.type(")")
    assert editor.story() == [("shown", one, "inferred"), ("ignored", one, "typing_disagreed")]


def test_the_last_key_and_an_accept_look_alike_until_the_command_comes(make_editor):
    editor = make_editor("█")
    one = editor.offer("ab")
    editor.type("a")
    editor.wait(SEEN)
    editor.insert("b")
    editor.lifecycle.accepted(one)
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "command", 1)]


def test_the_command_outweighs_a_change_that_the_editor_reformatted(make_editor):
    editor = make_editor("█")
    one = editor.offer("if x:\n    y()")
    editor.wait(SEEN)
    editor.insert("if x:\n\ty()")
    editor.lifecycle.accepted(one)
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "command", 13)]


def test_a_document_with_crlf_accepts_what_was_offered_with_lf(make_editor):
    editor = make_editor("a\r\n█\r\n")
    one = editor.offer("if x:\n    y()")
    editor.insert("if x:\r\n    y()")
    assert ("accepted", one, "edit", 13) in editor.story()


def test_words_are_accepted_in_part_and_add_up(make_editor):
    editor = make_editor("█")
    one = editor.offer("return value + 1")
    editor.wait(SEEN)
    editor.insert("return")
    editor.insert(" value")
    editor.type("x")
    assert editor.story() == [
        ("shown", one, "inferred"),
        ("partially_accepted", one, "edit", 6),
        ("partially_accepted", one, "edit", 12),
    ]


def test_vs_code_accepts_a_word_without_a_command_and_the_rest_under_the_newest_id(make_editor):
    editor = make_editor("█")
    one = editor.offer("return value + 1")
    editor.wait(SEEN)
    editor.insert("return")
    two = editor.offer(" value + 1")
    editor.insert(" value + 1")
    editor.lifecycle.accepted(two)
    assert editor.story() == [
        ("shown", one, "inferred"),
        ("partially_accepted", one, "edit", 6),
        ("accepted", one, "command", 16),
    ]
    offers = [event for event in editor.events if isinstance(event, events.Generated)]
    assert [(event.suggestion_id, event.chain_id, event.chain_offset) for event in offers] == [
        (one, one, 0),
        (two, one, 6),
    ]


def test_a_notification_of_partial_acceptance_and_its_change_count_once(make_editor):
    for order in ("change first", "notification first"):
        editor = make_editor("█")
        one = editor.offer("return value + 1")
        if order == "change first":
            editor.insert("return")
        editor.lifecycle.partially_accepted(one, 6)
        if order == "notification first":
            editor.insert("return")
        parts = [words for words in editor.story() if words[0] == "partially_accepted"]
        assert [words[3] for words in parts] == [6], order


def test_partial_acceptance_is_cumulative_in_each_offers_own_text(make_editor):
    editor = make_editor("█")
    one = editor.offer("abc def ghi")
    editor.type("a")
    two = editor.offer("bc def ghi")
    editor.insert("bc")
    editor.lifecycle.partially_accepted(two, 2)
    editor.insert(" def")
    editor.lifecycle.partially_accepted(two, 6)
    parts = [words for words in editor.story() if words[0] == "partially_accepted"]
    assert parts == [("partially_accepted", one, "command", 2), ("partially_accepted", one, "edit", 6)]


def test_what_was_taken_in_part_is_not_also_ignored_typed_or_rejected(make_editor):
    for finish in (
        lambda editor, one: editor.type("zzz"),
        lambda editor, one: editor.type(" value"),
        lambda editor, one: editor.lifecycle.rejected(one),
        lambda editor, one: editor.lifecycle.document_closed(editor.uri),
    ):
        editor = make_editor("█")
        one = editor.offer("return value")
        editor.insert("return")
        finish(editor, one)
        assert editor.outcomes() == {one: "partially_accepted"}


def test_an_insertion_that_ends_within_a_word_is_fast_typing(make_editor):
    """Neovim gathers what is typed within 150 ms into one change; no command accepts half a word."""
    editor = make_editor("█")
    one = editor.offer("return value")
    editor.wait(SEEN)
    for keys in ("re", "tur", "n ", "va", "lu", "e"):
        editor.insert(keys)
    assert editor.outcomes() == {one: "typed"}


def test_from_a_client_that_runs_commands_a_short_insertion_without_one_is_typing(make_editor):
    editor = make_editor("█")
    one = editor.offer("compute(1)")
    editor.insert("compute(1)")
    editor.lifecycle.accepted(one)
    editor.wait()
    two = editor.offer(" + xy")
    editor.type(" + ")
    editor.insert("xy")
    assert editor.outcomes() == {one: "accepted", two: "typed"}


def test_offered_anew_for_each_key_it_is_shown_once_and_counted_once(make_editor):
    editor = make_editor("█")
    text = "return value"
    ids = [editor.offer(text)]
    for typed in range(1, 5):
        editor.type(text[typed - 1], 0.3)
        ids.append(editor.offer(text[typed:]))
    editor.insert(text[4:])
    editor.lifecycle.accepted(ids[-1])
    assert editor.story() == [("shown", ids[0], "inferred"), ("accepted", ids[0], "command", 8)]


def test_an_offer_that_goes_on_longer_is_the_same_ghost_text(make_editor):
    editor = make_editor("█")
    one = editor.offer("foo(bar)")
    editor.type("f", 0.5)
    two = editor.offer("oo(bar) + 1")
    editor.insert("oo(bar) + 1")
    editor.lifecycle.accepted(two)
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "command", 11)]


def test_another_text_displaces_what_was_offered(make_editor):
    editor = make_editor("█")
    one = editor.offer("alpha")
    editor.wait(SEEN)
    two = editor.offer("beta")
    editor.wait(SEEN)
    editor.lifecycle.document_closed(editor.uri)
    assert editor.story() == [
        ("shown", one, "inferred"),
        ("ignored", one, "displaced"),
        ("shown", two, "inferred"),
        ("ignored", two, "document_closed"),
    ]


def test_displaced_before_it_could_be_read_it_was_not_shown(make_editor):
    editor = make_editor("█")
    one = editor.offer("alpha")
    editor.wait(0.3)
    editor.offer("beta")
    assert [words for words in editor.story() if words[1] == one] == [("ignored", one, "displaced")]


def test_a_request_elsewhere_says_that_the_cursor_has_left(make_editor):
    editor = make_editor("x = █\n\n\n")
    one = editor.offer("compute(1)")
    editor.wait(0.5)
    editor.lifecycle.cursor_at(editor.uri, Point(0, 4))
    editor.lifecycle.cursor_at(editor.uri, Point(2, 0))
    assert editor.story() == [("ignored", one, "cursor_left")]


def test_backspace_keeps_the_ghost_text_until_it_eats_into_what_was_there(make_editor):
    editor = make_editor("x = █")
    one = editor.offer("compute(1)")
    editor.type("co")
    editor.backspace()
    editor.backspace()
    editor.type("compu")
    assert [words for words in editor.story() if words[0] != "shown"] == []
    for _ in range(6):
        editor.backspace()
    assert editor.outcomes() == {one: "ignored"}


def test_edits_elsewhere_move_the_place_along(make_editor):
    editor = make_editor("import os\nx = █\nend\n")
    one = editor.offer("compute(1)\nmore")
    cursor = editor.cursor
    editor.change((Point(0, 0), Point(0, 0), "import re\nimport sys\n"))
    editor.change((Point(4, 0), Point(4, 3), "finish"))
    editor.change((Point(3, 0), Point(3, 1), "value"))
    editor.cursor = Point(cursor.line + 2, cursor.column + 4)
    editor.insert("compute(1)\nmore")
    assert editor.text == "import re\nimport sys\nimport os\nvalue = compute(1)\nmore\nfinish\n"
    assert ("accepted", one, "edit", 15) in editor.story()


def test_a_dismissed_suggestion_is_rejected_and_was_seen(make_editor):
    editor = make_editor("█")
    one = editor.offer("compute(1)")
    editor.lifecycle.rejected(one)
    editor.lifecycle.rejected(one)
    editor.type("zz")
    assert editor.story() == [("shown", one, "inferred"), ("rejected", one)]


def test_the_clients_own_word_about_showing_is_believed_from_then_on(make_editor):
    editor = make_editor("█")
    one = editor.offer("alpha")
    editor.lifecycle.shown(one)
    editor.lifecycle.shown(one)
    two = editor.offer("beta")
    editor.wait(5)
    editor.lifecycle.close()
    assert editor.story() == [
        ("shown", one, "said"),
        ("ignored", one, "displaced"),
        ("ignored", two, "session_ended"),
    ]


def test_of_alternatives_the_taken_one_is_accepted_and_the_others_are_passed_over(make_editor):
    editor = make_editor("█")
    one, two, three = editor.offer("alpha(1)", "alpha(2)", "alpha", request_id="r")
    editor.wait(SEEN)
    editor.insert("alpha(2)")
    editor.lifecycle.accepted(two)
    assert sorted(editor.story()) == sorted(
        [
            ("shown", one, "inferred"),
            ("shown", two, "inferred"),
            ("accepted", two, "command", 8),
            ("ignored", one, "alternative_taken"),
            ("ignored", three, "alternative_taken"),
        ]
    )


def test_an_alternative_that_begins_the_same_is_not_accepted_in_part_by_the_way(make_editor):
    editor = make_editor("█")
    one, two = editor.offer("alpha.beta()", "alpha", request_id="r")
    editor.insert("alpha")
    editor.lifecycle.accepted(two)
    assert editor.outcomes() == {one: "ignored", two: "accepted"}


def test_an_answer_to_an_older_version_is_placed_where_it_belongs_now(make_editor):
    editor = make_editor("x = █\n")
    late = editor.suggestion("compute(1)")
    before = editor.buffer.snapshot()
    editor.type("co")
    editor.lifecycle.offered([late], before)
    editor.wait(SEEN)
    editor.insert("mpute(1)")
    one = late.suggestion_id
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "edit", 8)]


def test_an_answer_that_typing_has_overtaken_was_never_shown(make_editor):
    editor = make_editor("x = █\n")
    late = editor.suggestion("compute(1)")
    before = editor.buffer.snapshot()
    editor.type("zz")
    editor.lifecycle.offered([late], before)
    assert editor.story() == [("ignored", late.suggestion_id, "typing_disagreed")]


def test_without_a_snapshot_the_suggestion_is_followed_all_the_same(make_editor):
    editor = make_editor("f(█)\n")
    one = editor.suggestion("a, b)", n_replaced=1)
    editor.lifecycle.offered([one])
    editor.wait(SEEN)
    editor.type("a")
    editor.change((editor.cursor, editor.at(1), ", b)"))
    assert editor.outcomes() == {one.suggestion_id: "accepted"}


def test_a_busy_loop_that_owes_the_timer_does_not_hide_what_was_shown(make_editor):
    editor = make_editor("█")
    one = editor.offer("compute(1)")
    editor.clock.time += 3  # no timer has had its turn
    editor.type("z")
    assert editor.story() == [("shown", one, "inferred"), ("ignored", one, "typing_disagreed")]


def test_nothing_is_kept_once_all_has_ended(make_editor):
    editor = make_editor("█")
    for number in range(50):
        one = editor.offer(f"text{number}")
        editor.insert("x")
        editor.lifecycle.accepted(one if number % 3 else "unknown")
    assert len(editor.lifecycle._documents[editor.uri].live) <= 1
    editor.lifecycle.close()
    assert not editor.lifecycle._chains
    assert not editor.lifecycle._documents
    assert editor.clock.n_waiting == 0


def test_ids_that_nobody_knows_are_no_matter(make_editor):
    editor = make_editor("█")
    editor.lifecycle.accepted("nobody")
    editor.lifecycle.shown("nobody")
    editor.lifecycle.rejected("nobody")
    editor.lifecycle.partially_accepted("nobody", 3)
    editor.lifecycle.document_closed("file:///nowhere")
    assert editor.story() == []


def test_events_carry_the_workspace_as_a_hash(make_editor):
    editor = make_editor("█", workspace_of=lambda uri: "/home/ada/secret-project")
    editor.offer("compute(1)")
    editor.lifecycle.skipped("r", "mid_word", uri=editor.uri, language="python")
    editor.lifecycle.superseded("r", uri=editor.uri, language="python")
    editor.lifecycle.discarded("r", "empty", uri=editor.uri, language="python", cut_by=["drop_blank"])
    editor.lifecycle.fault("http_401", backend="remote", model="m", uri=editor.uri)
    keys = {event.workspace for event in editor.events}
    assert keys == {events.workspace_key("/home/ada/secret-project")}
    assert not any("secret" in repr(event) or "compute" in repr(event) for event in editor.events)


def test_a_request_in_another_document_says_that_the_cursor_has_left(make_editor):
    editor = make_editor("█")
    one = editor.offer("compute(1)")
    editor.wait(0.2)
    editor.lifecycle.cursor_at("file:///project/other.py", Point(0, 0))
    editor.wait(SEEN)
    assert editor.story() == [("ignored", one, "cursor_left")]


def test_more_keys_than_are_remembered_lose_no_answer(make_editor):
    editor = make_editor("x = █\n")
    text = "compute_the_sum_of_all_the_numbers_that_are_there(1)"
    late = editor.suggestion(text)
    before = editor.buffer.snapshot()
    editor.type(text[:45])
    editor.lifecycle.offered([late], before)
    editor.wait(SEEN)
    editor.insert(text[45:])
    one = late.suggestion_id
    assert editor.story() == [("shown", one, "inferred"), ("accepted", one, "edit", len(text) - 45)]


def test_what_is_said_to_be_shown_after_its_end_was_shown_before(make_editor):
    editor = make_editor("█")
    one = editor.offer("compute(1)")
    editor.wait(0.2)
    editor.type("z")
    editor.wait(0.1)
    editor.lifecycle.shown(one)
    assert editor.story() == [("shown", one, "said"), ("ignored", one, "typing_disagreed")]
    shown, ended = editor.events[-2:]
    assert shown.at <= ended.at


def test_an_alternative_with_the_same_text_is_accepted_in_the_place_of_the_first(make_editor):
    withdrawn = []
    editor = make_editor("█", on_withdrawn=withdrawn.append)
    one, two = editor.offer("alpha(1)", "alpha(1)", request_id="r")
    editor.insert("alpha(1)")
    editor.lifecycle.accepted(two)
    assert ("accepted", two, "command", 8) in editor.story()
    assert editor.outcomes() == {one: "ignored", two: "accepted"}
    assert withdrawn == [one]
    assert len(editor.accepted_spans) == 2, "retention follows the one that counts"
