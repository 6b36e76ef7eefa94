"""What one line says: its identifiers, how they are used in it, and which one it declares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.line_words import chunk_words, line_declares, line_words, tokens_of
from copilot_ls.index.terms import IDENTIFIER


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("    def send(self, parcel):", "send"),
        ("async def send():", "send"),
        ("class Parcel(Base):", "Parcel"),
        ("    self.weight = 3", "weight"),
        ("    weight: int = 3", "weight"),
        ("    weight: int", "weight"),
        ("  readonly weight?: number;", "weight"),
        ("  async send(parcel: Parcel): Promise<void> {", "send"),
        ("func (parcel *Parcel) Send(to string) error {", "Send"),
        ("pub fn send(parcel: Parcel) -> bool {", "send"),
        ("    weigh(parcel)", ""),
        ("    if (parcel == none) {", ""),
        ("    weight == 3", ""),
        ("  weight: 3,", ""),
        ("else:", ""),
        ("for parcel in parcels:", ""),
        ("", ""),
    ],
)
def test_the_name_that_a_line_declares(line, name):
    assert line_declares(line) == name


def test_tokens_say_what_is_a_member_and_what_is_called():
    assert tokens_of("shelf.weigh(parcel) + parcel->size + Shelf::new()") == [
        "shelf", ".weigh(", "parcel", "parcel", ".size", "Shelf", ".new(",
    ]  # fmt: skip


@given(st.text(alphabet=st.sampled_from("ab_1é.(-> :,'\"\t"), max_size=60))
def test_the_words_of_a_line_are_its_identifiers(line):
    found = set(IDENTIFIER.findall(line.replace("1", " ")))
    assert set(line_words(line.replace("1", " "))) - {""} == found


@given(st.text(max_size=60))
def test_any_text_has_tokens(text):
    assert "(" not in "".join(line_words(text))
    assert isinstance(line_declares(text), str)


@given(st.lists(st.text(alphabet=st.sampled_from("ab_1é.(-> :,'\"\t\r\x0c"), max_size=30), min_size=1, max_size=6))
def test_a_chunk_says_what_its_lines_say(lines):
    said = chunk_words("\n".join(lines))
    assert list(said.lines) == [line_words(line) for line in lines]
    assert list(said.tokens) == [token for line in lines for token in tokens_of(line)]
    assert list(said.names) == list(dict.fromkeys(name for line in said.lines for name in line))
