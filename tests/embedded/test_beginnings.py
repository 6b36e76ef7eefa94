"""Which beginnings are weighed, and which of them may be shown."""

from __future__ import annotations

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.propose import choose, described, weighed_of
from copilot_ls.backends.embedded.workspace import PatientIndex
from tests.embedded.conftest import scene


def weighed(text: str):
    here = scene(text)
    return weighed_of(described(here.document, here.cursor, [], PatientIndex(None)))


def test_a_single_bracket_is_weighed_as_the_rest_of_the_line_and_not_shown():
    found = {one.text: one for one in weighed("first = read()\nsecond = read()\nthird = read(█")}
    assert found[")"].ends
    assert found[")"].unfit
    assert choose(list(found.values()), 3, 0.0) == []


def test_a_line_of_many_tokens_is_weighed_as_a_whole_beside_its_first_beginnings():
    numbers = ", ".join(str(number) for number in range(30))
    found = {one.text: one for one in weighed(f"first = total({numbers})\nfirst = total(█")}
    whole = f"{numbers})"
    assert len(lexing.cut_points(whole)) > 30
    assert found[whole].ends
    assert "0, 1" in found
    assert whole.removesuffix(")") not in found
