"""Parts of names: what changed between two is done to a third, in the third's own style."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.backends.embedded.name_parts import part_change, with_changes

PARTS = st.lists(st.text("abcdefgh", min_size=2, max_size=5), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("old", "new", "name", "expected"),
    [
        ("read_timeout", "write_timeout", "ReadTimeout", "WriteTimeout"),
        ("read_timeout", "write_timeout", "on_read", "on_write"),
        ("width", "height", "MAX_WIDTH", "MAX_HEIGHT"),
        ("width", "height", "maxWidth", "maxHeight"),
        ("Cat", "SmallDog", "cat_list", "small_dog_list"),
        ("cat", "small_dog", "CatView", "SmallDogView"),
        ("first_item", "last_item", "firstItem", "lastItem"),
        ("width", "height", "bandwidth", "bandwidth"),
        ("item", "item_id", "items", "items"),
    ],
)
def test_a_change_of_parts_is_done_to_another_name(old, new, name, expected):
    change = part_change(old, new)
    assert with_changes(name, [change] if change else []) == expected


def test_names_that_share_nothing_and_are_long_are_no_change():
    assert part_change("read_the_whole_file", "send_no_more_mail") is None


@given(before=PARTS, after=PARTS, style=st.sampled_from(["_".join, lambda parts: "".join(map(str.capitalize, parts))]))
def test_a_change_leads_from_the_one_name_to_the_other(before, after, style):
    old, new = style(before), style(after)
    change = part_change(old, new)
    if change is not None and len(change.old) == len(before):
        assert with_changes(old, [change]) == new
