"""Each family gets the prompt it was trained on, and no text of the user's can pass for a special token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.prompt import profiles
from copilot_ls.prompt.comments import comment_for, comment_line, commented
from copilot_ls.prompt.fim import neutralise, render

SNIPPET = ContextSnippet("lib/math.py", 0, 2, "def sub(a, b):\n    return a - b", "similar_code", 1.0, 12)
COMMENTED = "# From lib/math.py:\n# def sub(a, b):\n#     return a - b\n# Path: add.py\n"
BARE = "def sub(a, b):\n    return a - b\n"

# Prefix "P", suffix "S"; alone, and with one snippet.
GOLDENS = {
    "qwen-coder": (
        "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        f"<|repo_name|>workspace\n<|file_sep|>lib/math.py\n{BARE}<|file_sep|>add.py\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    ),
    "starcoder2": (
        "<fim_prefix>P<fim_suffix>S<fim_middle>",
        f"<repo_name>workspace\n<file_sep>lib/math.py\n{BARE}<file_sep><fim_prefix>add.py\nP<fim_suffix>S<fim_middle>",
    ),
    "starcoder": (
        "<fim_prefix>P<fim_suffix>S<fim_middle>",
        f"<reponame>workspace\n<filename>lib/math.py\n{BARE}<filename>add.py\n<fim_prefix>P<fim_suffix>S<fim_middle>",
    ),
    "stable-code": ("<fim_prefix>P<fim_suffix>S<fim_middle>", f"<fim_prefix>{COMMENTED}P<fim_suffix>S<fim_middle>"),
    "zeta": (
        "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        f"<|repo_name|>workspace\n<|file_sep|>lib/math.py\n{BARE}<|file_sep|>add.py\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    ),
    "zeta2": (
        "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>",
        f"<[fim-suffix]>S<[fim-prefix]><filename>lib/math.py\n{BARE}<filename>add.py\nP<[fim-middle]>",
    ),
    "seed-coder": (
        "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>",
        f"<[fim-suffix]>S<[fim-prefix]>{COMMENTED}P<[fim-middle]>",
    ),
    "santacoder": (
        "<fim-prefix>P<fim-suffix>S<fim-middle>",
        f"<fim-prefix>{COMMENTED}P<fim-suffix>S<fim-middle>",
    ),
    "mellum": (
        "<fim_suffix>S<fim_prefix>P<fim_middle>",
        f"<filename>lib/math.py\n{BARE}<filename>add.py\n<fim_suffix>S<fim_prefix>P<fim_middle>",
    ),
    "deepseek-coder-v2": (
        "<｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>",
        f"<｜fim▁begin｜>{COMMENTED}P<｜fim▁hole｜>S<｜fim▁end｜>",
    ),
    "deepseek-coder": (
        "<｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>",
        f"<｜fim▁begin｜>{COMMENTED}P<｜fim▁hole｜>S<｜fim▁end｜>",
    ),
    "codellama": ("<PRE> P <SUF>S <MID>", f"<PRE> {COMMENTED}P <SUF>S <MID>"),
    "codestral": ("[SUFFIX]S[PREFIX]P", f"[SUFFIX]S[PREFIX]+++++ lib/math.py\n{BARE}+++++ add.py\nP"),
    "codegemma": (
        "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        f"lib/math.py\n{BARE}<|file_separator|>add.py\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    ),
    "granite-code": (
        "<fim_prefix>P<fim_suffix>S<fim_middle>",
        f"<fim_prefix>{COMMENTED}P<fim_suffix>S<fim_middle>",
    ),
    "granite-3": ("<fim_prefix>P<fim_suffix>S<fim_middle>", f"<fim_prefix>{COMMENTED}P<fim_suffix>S<fim_middle>"),
    "granite": (
        "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        f"<|fim_prefix|>{COMMENTED}P<|fim_suffix|>S<|fim_middle|>",
    ),
    "codegeex": (
        "<|user|>\n###PATH:add.py\n###LANGUAGE:\n###MODE:BLOCK\n<|code_suffix|>S<|code_prefix|>P<|code_middle|><|assistant|>\n",
        f"<|user|>\n###REFERENCE:\n###PATH:lib/math.py\n{BARE}###PATH:add.py\n###LANGUAGE:\n###MODE:BLOCK\n<|code_suffix|>S<|code_prefix|>P<|code_middle|><|assistant|>\n",
    ),
    "glm": (
        "<|code_prefix|>P<|code_suffix|>S<|code_middle|>",
        f"<|code_prefix|>{COMMENTED}P<|code_suffix|>S<|code_middle|>",
    ),
}


def test_every_profile_has_its_golden_prompt():
    assert set(GOLDENS) == {profile.name for profile in profiles.PROFILES}


@pytest.mark.parametrize("name", GOLDENS)
def test_the_prompt_is_the_familys_own(name):
    profile = profiles.BY_NAME[name]
    alone, with_snippet = GOLDENS[name]
    assert render(profile, prefix="P", suffix="S", path="add.py", comment="#") == alone
    assert render(profile, prefix="P", suffix="S", snippets=[SNIPPET], path="add.py", comment="#") == with_snippet


@pytest.mark.parametrize("profile", profiles.PROFILES, ids=lambda profile: profile.name)
def test_every_profile_says_where_it_is_written_down(profile):
    assert len(profile.source) > 10


def test_a_profile_without_tokens_renders_nothing():
    with pytest.raises(ValueError, match="generic"):
        render(profiles.GENERIC, prefix="P", suffix="S")


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("qwen2.5-coder:1.5b", "qwen-coder"),
        ("Qwen/Qwen2.5-Coder-7B-Instruct", "qwen-coder"),
        ("qwen3-coder-30b-a3b", "qwen-coder"),
        ("hf.co/unsloth/Qwen3-Coder-Next-GGUF:Q4_K_M", "qwen-coder"),
        ("bigcode/starcoder2-3b", "starcoder2"),
        ("starcoder:7b", "starcoder"),
        ("smallcloudai/Refact-1_6B-fim", "starcoder"),
        ("stable-code-3b", "stable-code"),
        ("bigcode/santacoder", "santacoder"),
        ("JetBrains/Mellum-4b-base", "mellum"),
        ("deepseek-coder:1.3b-base", "deepseek-coder"),
        ("DeepSeek-Coder-V2-Lite-Base", "deepseek-coder-v2"),
        ("deepseek-coder-v2:16b", "deepseek-coder-v2"),
        ("deepseek-coder:6.7b-instruct", "deepseek-coder"),
        ("codellama:7b-code", "codellama"),
        ("meta-llama/CodeLlama-13b-hf", "codellama"),
        ("codestral-latest", "codestral"),
        ("google/codegemma-2b", "codegemma"),
        ("ibm-granite/granite-3b-code-base", "granite-code"),
        ("granite3.3:2b", "granite-3"),
        ("ibm-granite/granite-3.3-8b-base", "granite-3"),
        ("granite4:3b", "granite"),
        ("ibm-granite/granite-4.0-h-tiny", "granite"),
        ("granite-code:8b", "granite-code"),
        ("zed-industries/zeta", "zeta"),
        ("zeta2:latest", "zeta2"),
        ("zed-industries/zeta-2.1", "zeta2"),
        ("ByteDance-Seed/Seed-Coder-8B-Base", "seed-coder"),
        ("JetBrains/Mellum2-12B-A2.5B-Base", "mellum"),
        ("codegeex4:9b", "codegeex"),
        ("glm-4.5-air", "glm"),
        ("llama3.1:8b", "generic"),
        ("qwen3:8b", "qwen"),
        ("deepseek-chat", "deepseek"),
        ("gpt-4.1-mini", "gpt"),
        ("openai/gpt-oss-20b", "gpt"),
        ("claude-sonnet-4-5", "claude"),
        ("gemini-2.5-flash", "gemini"),
        ("", "generic"),
    ],
)
def test_the_profile_is_told_from_the_models_name(model, name):
    assert profiles.profile_for(model).name == name
    assert profiles.choose(model, None).name == name


def test_the_settings_can_name_another():
    assert profiles.choose("house-model", "qwen-coder").name == "qwen-coder"
    with pytest.raises(KeyError):
        profiles.choose("house-model", "quen")


@pytest.mark.parametrize("profile", profiles.PROFILES, ids=lambda profile: profile.name)
def test_stop_sequences_are_few_enough_for_any_server(profile):
    assert 1 <= len(profile.stop) <= profiles.MAX_STOP_SEQUENCES
    assert len(set(profile.stop)) == len(profile.stop)
    assert profiles.stop_sequences(profile, ("\n", "\n\n"))[:2] == ("\n", "\n\n")
    assert len(profiles.stop_sequences(profile, ("\n", "\n\n"))) <= profiles.MAX_STOP_SEQUENCES


@pytest.mark.parametrize("profile", profiles.PROFILES, ids=lambda profile: profile.name)
@given(data=st.data())
def test_text_cannot_spell_a_special_token(profile, data):
    pieces = st.sampled_from([*profile.markers, *(marker[:3] for marker in profile.markers), "a", " ", "\n", "<", "|"])
    text = st.lists(pieces, max_size=8).map("".join)
    prefix, suffix, inner, path = (data.draw(text) for _ in range(4))
    for marker in profile.markers:
        assert marker not in neutralise(prefix, profile)
    hostile = ContextSnippet(path, 0, 1, inner, "similar_code", 1.0, 5)
    prompt = render(profile, prefix=prefix, suffix=suffix, snippets=[hostile], path=path, comment="#")
    harmless = ContextSnippet("x", 0, 1, "x", "similar_code", 1.0, 5)
    expected = render(profile, prefix="x", suffix="x", snippets=[harmless], path="x", comment="#")
    for marker in (profile.fim.prefix, profile.fim.suffix, profile.fim.middle):
        if marker.strip():
            assert prompt.count(marker.strip()) == expected.count(marker.strip())


@given(st.text(), st.sampled_from([*profiles.PROFILES, profiles.GENERIC]))
def test_neutralising_adds_only_spaces_and_does_so_once(text, profile):
    clean = neutralise(text, profile)
    assert clean.replace(" ", "") == text.replace(" ", "")
    assert neutralise(clean, profile) == clean


def test_text_without_special_tokens_is_left_as_it_is():
    for profile in profiles.PROFILES:
        assert neutralise("if a < b | c > d:\n    x = [1]\n", profile) == "if a < b | c > d:\n    x = [1]\n"


@pytest.mark.parametrize(
    ("language_id", "line"),
    [
        ("python", "# a\n"),
        ("go", "// a\n"),
        ("lua", "-- a\n"),
        ("html", "<!-- a -->\n"),
        ("css", "/* a */\n"),
        ("", "// a\n"),
    ],
)
def test_a_comment_is_written_as_the_language_does(language_id, line):
    assert comment_line(comment_for(language_id), "a") == line


def test_a_comment_that_needs_a_closer_cannot_be_ended_by_its_text():
    assert commented("/*", "a */ b\n") == "/* a * / b */\n"
    assert commented("#", "a\n\nb") == "# a\n#\n# b\n"
