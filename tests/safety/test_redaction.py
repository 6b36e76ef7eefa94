"""Secrets are found whatever surrounds them, ordinary code is left alone, and what is put in is put back exactly."""

from __future__ import annotations

import sysconfig
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot_ls.prompt.redaction import Redactor, SecretFinder
from copilot_ls.prompt.redaction.formats import FORMATS
from tests.safety.secret_corpus import IN_CONTEXT, TOKENS, Draw, Sample, corpus, is_left

STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FORMATS_WANTED = 60
RECALL = 0.98
FALSE_PER_10_000_LINES = 1.0


def redact(text: str) -> str:
    return Redactor().redact([[text]]).texts[0][0]


def test_secrets_of_all_formats_are_found_in_real_surroundings() -> None:
    """Of many formats drawn anew, hardly one is left in any place; of each format, most are found."""
    samples = list(corpus(seed=4, rounds=2))
    left = [sample for sample in samples if is_left(sample, redact(sample.text))]
    by_format: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_format[sample.format].append(sample)
    assert len(by_format) >= FORMATS_WANTED
    recall = 1 - len(left) / len(samples)
    report = "\n".join(f"{each.format} / {each.surroundings} / {each.language_id}: {each.text!r}" for each in left)
    assert recall >= RECALL, f"recall {recall:.4f} of {len(samples)}; left:\n{report}"
    for name, of_format in by_format.items():
        n_left = sum(sample in left for sample in of_format)
        assert n_left <= len(of_format) / 2, f"{name}: {n_left} of {len(of_format)} are left:\n{report}"


def test_the_corpus_notices_what_is_left() -> None:
    """A redactor that does nothing fails on every sample, one that takes half of a secret too."""
    for sample in corpus(seed=5):
        assert is_left(sample, sample.text)
        assert len(sample.secret) < 24 or is_left(
            sample, sample.text.replace(sample.secret, sample.secret[: len(sample.secret) // 2 + 1])
        )


def test_the_standard_library_holds_hardly_anything_that_looks_like_a_secret() -> None:
    """Every finding there counts as false, those in its tests, where some are real keys of examples, as well."""
    finder = SecretFinder()
    n_lines, found = 0, []
    for file in sorted(STANDARD_LIBRARY.rglob("*.py")):
        if "site-packages" in file.parts or "dist-packages" in file.parts:
            continue
        text = file.read_text("utf-8", "replace")
        n_lines += text.count("\n")
        found += [f"{file.name}: {each.kind}: {text[each.start : each.end]}" for each in finder.find(text)]
    assert n_lines > 100_000
    per_10_000 = len(found) / n_lines * 10_000
    assert per_10_000 <= FALSE_PER_10_000_LINES, f"{per_10_000:.2f} in 10,000 lines:\n" + "\n".join(found[:100])


ORDINARY = """
password = getpass.getpass()
password = os.environ["DB_PASSWORD"]
password: str = Field(min_length=8)
password="your-password-here"
api_key = "YOUR_API_KEY"
api_key = settings.openai_api_key_v2
api_key="${API_KEY}"
token = tokenizer.next_token(offset=4096)
token_type = "access_token_v2"
"token": "{{ secrets.GITHUB_TOKEN }}"
postgres://user:password@localhost/db
postgresql://{user}:{password}@{host}:{port}/{name}
https://example.com:8080/path@2x.png
Authorization: Bearer <token>
headers = {"Authorization": f"Bearer {token}"}
Authorization: Basic authentication is used
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
commit 4f6cc2a0e1f0f3d3c1a2b3c4d5e6f708192a3b4c
integrity="sha512-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"
id = "123e4567-e89b-12d3-a456-426614174000"
key = "ctrl+shift+alt+f12"
sort_key = "created_at_desc_2"
cache_key = f"user:{user_id}:profile:v2"
PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----"
secret = secrets.token_hex(32)
skill-level-indicator-with-a-very-long-class-name-2
"task-scheduler-background-worker-process-17"
""".strip().split("\n")  # fmt: skip


@pytest.mark.parametrize("line", ORDINARY)
def test_left_alone(line: str) -> None:
    """What only speaks of secrets, or looks random and is none, stays as it is."""
    assert redact(line) == line
    assert redact(f"x = 1\n{line}\ny = 2\n") == f"x = 1\n{line}\ny = 2\n"


def test_what_stands_around_a_secret_stays() -> None:
    draw = Draw("around")
    token, password = TOKENS["GitHub personal token"](draw), draw.password()
    text = f'clone("https://bot:{token}@git.example.com/x.git")\nDB = "postgres://app:{password}@db:5432/app"\n'
    assert redact(text) == (
        'clone("https://bot:REDACTED_1_GITHUB_TOKEN@git.example.com/x.git")\n'
        'DB = "postgres://app:REDACTED_2_PASSWORD_IN_URL@db:5432/app"\n'
    )


def test_a_private_key_keeps_its_armour() -> None:
    lines = Draw("armour").pem()
    redacted = redact("\n".join([*lines, "x = 1"])).split("\n")
    assert redacted == [lines[0], "REDACTED_1_PRIVATE_KEY", lines[-1], "x = 1"]


def test_the_same_secret_has_the_same_placeholder_for_a_session() -> None:
    draw = Draw("same")
    one, other = TOKENS["npm token"](draw), TOKENS["npm token"](draw)
    redactor = Redactor()
    first = redactor.redact([[f"a = '{one}'"], [f"b = '{other}' + '{one}'"]])
    assert first.texts == (("a = 'REDACTED_1_NPM_TOKEN'",), ("b = 'REDACTED_2_NPM_TOKEN' + 'REDACTED_1_NPM_TOKEN'",))
    assert redactor.redact([[f"c = '{other}'"]]).texts == (("c = 'REDACTED_2_NPM_TOKEN'",),)
    assert first.kinds == {"npm_token": 2}


def test_only_what_the_prompt_held_is_put_back() -> None:
    """A model cannot fetch a secret of another prompt by guessing its placeholder."""
    draw = Draw("only")
    redactor = Redactor()
    redactor.redact([[TOKENS["npm token"](draw)]])
    second = redactor.redact([[TOKENS["npm token"](draw)]])
    assert second.restore("x = 'REDACTED_1_NPM_TOKEN'") == "x = 'REDACTED_1_NPM_TOKEN'"


def test_a_placeholder_of_the_users_own_text_is_never_taken_for_ours() -> None:
    token = TOKENS["npm token"](Draw("own"))
    redacted = Redactor().redact([["say('REDACTED_1_NPM_TOKEN')"], [f"a = '{token}'"]])
    assert redacted.texts[1] == ("a = 'REDACTED_2_NPM_TOKEN'",)
    assert redacted.restore("REDACTED_1_NPM_TOKEN REDACTED_2_NPM_TOKEN") == f"REDACTED_1_NPM_TOKEN {token}"


def test_a_secret_on_both_sides_of_the_cursor_is_hidden_on_both() -> None:
    token = TOKENS["npm token"](Draw("cursor"))
    redacted = Redactor().redact([[f"a = '{token[:20]}", f"{token[20:]}'\n"]])
    assert redacted.texts == (("a = 'REDACTED_1_NPM_TOKEN", "REDACTED_2_NPM_TOKEN'\n"),)


def test_a_placeholder_that_is_cut_off_is_dropped() -> None:
    token = TOKENS["npm token"](Draw("cut"))
    redacted = Redactor().redact([[f"a = '{token}'"]])
    assert redacted.restore("b = 'REDACTED_1_NPM_TOK") == "b = '"
    assert redacted.restore("b = RE") == "b = RE"


def test_every_format_has_a_name_of_its_own() -> None:
    names = [each.name for each in FORMATS]
    assert len(names) == len(set(names)) >= 120
    assert all(name.isidentifier() and name.islower() for name in names)


SAMPLES = (
    st.integers(0, 10_000).flatmap(lambda seed: st.sampled_from(list(corpus(seed)))).map(lambda sample: sample.text)
)
CODE = st.sampled_from(
    [
        "x = 1\n",
        "def f(a):\n",
        "    return a\n",
        "\r\n",
        "REDACTED_1_",
        "REDACTED_2_NPM_TOKEN ",
        "é𝄞\n",
        "\ud800",
        '"',
        "",
    ]
)
TEXTS = st.lists(st.one_of(CODE, st.text(max_size=30)), max_size=6).map("".join)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(before=TEXTS, sample=SAMPLES, after=TEXTS, cut=st.floats(0, 1))
def test_redacting_is_undone_by_restoring(before: str, sample: str, after: str, cut: float) -> None:
    text = before + sample + after
    at = int(len(text) * cut)
    redactor = Redactor()
    for parts in ([text], [text[:at], text[at:]]):
        redacted = redactor.redact([parts])
        assert [redacted.put_back(part) for part in redacted.texts[0]] == parts
        for secret in redacted.secrets.values():
            assert len(secret) < 6 or secret not in "".join(redacted.texts[0]) or secret in redacted.secrets


@quick
@given(sample=SAMPLES, cuts=st.lists(st.integers(0, 2_000), max_size=30))
def test_an_answer_in_pieces_is_restored_as_the_whole(sample: str, cuts: list[int]) -> None:
    redacted = Redactor().redact([[sample]])
    answer = redacted.texts[0][0] + "\n" + redacted.texts[0][0]
    places = sorted({0, len(answer), *(cut % (len(answer) + 1) for cut in cuts)})
    restoring = redacted.restoring()
    said = ""
    for start, end in pairwise(places):
        said += restoring.feed(answer[start:end])
        assert redacted.put_back(answer).startswith(said)
    assert len(redacted.put_back(answer)) - len(said) < 40


@quick
@given(texts=st.lists(st.one_of(TEXTS, SAMPLES), min_size=1, max_size=5))
def test_what_was_seen_before_changes_nothing(texts: list[str]) -> None:
    used = SecretFinder()
    for text in texts:
        assert used.find(text) == SecretFinder().find(text)


def test_many_lines_are_forgotten_and_still_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copilot_ls.prompt.redaction.finder._MOST_LINES", 50)
    finder, token = SecretFinder(), TOKENS["npm token"](Draw("many"))
    for number in range(40):
        text = "\n".join(f"line {number} {line}" for line in range(30)) + f"\na = '{token}'"
        assert [each.kind for each in finder.find(text)] == ["npm_token"]


@quick
@given(st.text(max_size=300))
def test_any_text_is_searched(text: str) -> None:
    redacted = Redactor().redact([[text]])
    assert redacted.put_back(redacted.texts[0][0]) == text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 50_000,
        "a1" * 25_000,
        '"' * 20_000,
        "password = " * 3_000,
        "key=" + "a." * 20_000,
        "://" * 15_000,
        "-----BEGIN PRIVATE KEY-----\n" * 1_000,
        ("A" * 64 + "\n") * 900,
        "eyJ" + "a" * 20_000 + "." * 20_000,
        "Ab" * 20_000 + "@",
        "secret: " + "x:" * 20_000,
        "x\n" * 30_000,
        "alue: " * 9_000,
        "\u0130password" * 3_000,
    ],
)
def test_no_text_makes_it_slow(text: str) -> None:
    """Patterns are bounded: the time limit of the tests would notice one that is not."""
    Redactor().redact([[text]])


def test_the_corpus_is_large_enough() -> None:
    assert len(TOKENS) + len(IN_CONTEXT) + 1 >= 110
