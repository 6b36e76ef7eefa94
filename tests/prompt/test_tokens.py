"""The estimate of tokens is near what real vocabularies make of code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.prompt.tokens import estimate

# Counted with a byte-pair vocabulary of 100,000 pieces trained on the web and code (`cl100k_base`).
PYTHON = '''\
class Cache:
    """Remembers what was asked before."""

    def __init__(self, max_entries: int = 128) -> None:
        self._entries: dict[str, bytes] = {}
        self._max_entries = max_entries

    def get(self, key: str) -> bytes | None:
        return self._entries.get(key)

    def put(self, key: str, value: bytes) -> None:
        if len(self._entries) >= self._max_entries:
            self._entries.pop(next(iter(self._entries)))
        self._entries[key] = value
'''
JAVASCRIPT = """\
export async function fetchAll(urls, { timeoutMs = 5000 } = {}) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    return await Promise.all(urls.map((url) => fetch(url, { signal: controller.signal })));
  } finally {
    clearTimeout(timer);
  }
}
"""
C = """\
static int read_header(struct reader *r, uint32_t *length)
{
    uint8_t buf[4];

    if (fread(buf, 1, sizeof(buf), r->file) != sizeof(buf))
        return -1;
    *length = (uint32_t)buf[0] << 24 | buf[1] << 16 | buf[2] << 8 | buf[3];
    return *length > MAX_LENGTH ? -1 : 0;
}
"""
COUNTED = {"python": (PYTHON, 122), "javascript": (JAVASCRIPT, 74), "c": (C, 102)}


@pytest.mark.parametrize(("text", "counted"), COUNTED.values(), ids=COUNTED)
def test_code_is_estimated_within_a_tenth(text, counted):
    assert abs(estimate(text) - counted) <= counted / 10


def test_nothing_is_no_token():
    assert estimate("") == 0


@given(st.text(min_size=1))
def test_a_text_is_at_least_one_token_and_at_most_its_characters(text):
    assert 1 <= estimate(text) <= len(text)


@given(st.lists(st.text("abc XY_0.(\n\té", max_size=20), max_size=8))
def test_the_parts_of_a_text_make_no_fewer_tokens_than_the_whole(parts):
    """So that a budget that holds line by line holds for all lines together."""
    assert sum(estimate(part + "\n") for part in parts) >= estimate("".join(part + "\n" for part in parts))
