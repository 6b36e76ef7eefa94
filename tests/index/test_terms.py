"""Words of source code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.index.terms import chunk_terms, split_identifier, terms_of


@pytest.mark.parametrize(
    ("identifier", "terms"),
    [
        ("parseHTMLBody", ["parsehtmlbody", "parse", "html", "body"]),
        ("load_user_by_id", ["load_user_by_id", "load", "user", "by", "id"]),
        ("HTTP2Server", ["http2server", "http", "server"]),
        ("plain", ["plain"]),
        ("CONST_NAME", ["const_name", "const", "name"]),
        ("_private", ["_private", "private"]),
        ("x", []),
        ("größeMax", ["größemax", "größe", "max"]),
    ],
)
def test_compound_identifiers_count_whole_and_in_parts(identifier, terms):
    assert split_identifier(identifier) == terms


@given(st.text())
def test_terms_hold_no_blanks_and_no_quotes_whatever_the_text(text):
    assert all(term and '"' not in term and not term.isspace() for term in terms_of(text))


@given(st.lists(st.text("aB1_ .é-\t", max_size=12), max_size=12))
def test_chunks_have_the_words_of_their_lines_each_once(lines):
    text = "\n".join(lines)
    starts = [len("\n".join([*lines[:at], ""])) for at in range(0, len(lines), 5)]
    chunks = chunk_terms(text, starts)
    assert [set(each.split()) for each in chunks] == [
        set(terms_of("\n".join(lines[at : at + 5]))) for at in range(0, len(lines), 5)
    ]
