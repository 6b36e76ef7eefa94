"""What each family of models wants: its fill-in-the-middle tokens and their order, stop sequences, window, quirks.

A profile is chosen by a model's name, or named outright in the settings (`backend.<name>.profile`). Profiles are data:
laying text out by them is the work of `fim`, and whether a server takes a raw prompt at all is known to its backend.

Ratios of tokens were fitted to real vocabularies (`make bench-tokens` measures them on other files). Where no package
ships a family's own, that of a public one of the same kind and size stands in: GPT-2's with blanks for StarCoder's and
its heirs, Llama 2's for those of 32,000 pieces.

Sources are the families' own model cards, technical reports and tokenizer files: Qwen2.5-Coder technical report (2024),
StarCoder (2023), StarCoder 2 (2024) and SantaCoder (2023) papers, DeepSeek-Coder (2024), Code Llama (2023), CodeGemma
report (2024), Granite Code (2024) and Granite 3.3 (2025), Mistral's tokenizer v3 for Codestral, Mellum (2025).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Order = Literal["prefix_suffix_middle", "suffix_prefix_middle"]

# OpenAI, and the servers that follow it, refuse requests with more stop sequences than this.
MAX_STOP_SEQUENCES = 4


@dataclass(frozen=True, slots=True)
class FimTokens:
    """The special tokens around the three parts, written just as the tokenizer spells them, spaces included."""

    prefix: str
    suffix: str
    middle: str
    order: Order = "prefix_suffix_middle"


@dataclass(frozen=True, slots=True)
class RepositoryTokens:
    """How a family lays out several files in one prompt.

    `repository` opens the whole, before the repository's name, or is empty. `header` stands before a file's path, which
    a line end follows; `footer` behind its text. `within_prefix`: the files are part of the prefix, not before all.
    """

    header: str
    repository: str = ""
    footer: str = ""
    within_prefix: bool = False


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """One family of models.

    `names` are regular expressions, searched in the model's name in lower case. `fim` is None for a family whose tokens
    are not known. Without `files`, context snippets go into the prefix as comments. `stop` ends a generation (at most
    four). `special` are all further spellings that the tokenizer reads as more than text. `context_window` is in tokens
    of the family, of which its vocabulary makes `tokens_ratio` for each that `copilot_ls.prompt.tokens` counts.
    """

    name: str
    names: tuple[str, ...] = ()
    fim: FimTokens | None = None
    files: RepositoryTokens | None = None
    stop: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    context_window: int = 8192
    tokens_ratio: float = 1.0

    @property
    def markers(self) -> tuple[str, ...]:
        """Every string that the tokenizer reads as more than text, longest first: source text must not spell them."""
        fim = () if self.fim is None else (self.fim.prefix, self.fim.suffix, self.fim.middle)
        found = {marker.strip() for marker in (*fim, *self.stop, *self.special)}
        return tuple(sorted(found - {""}, key=lambda marker: (-len(marker), marker)))


_PIPED = FimTokens("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
_PLAIN = FimTokens("<fim_prefix>", "<fim_suffix>", "<fim_middle>")

PROFILES: tuple[ModelProfile, ...] = (
    ModelProfile(
        name="qwen-coder",
        names=(r"qwen.*coder",),
        fim=_PIPED,
        files=RepositoryTokens("<|file_sep|>", repository="<|repo_name|>"),
        stop=("<|endoftext|>", "<|file_sep|>", "<|fim_pad|>", "<|repo_name|>"),
        special=("<|im_start|>", "<|im_end|>"),
        context_window=32768,
        tokens_ratio=0.985,
    ),
    ModelProfile(
        name="starcoder2",
        names=(r"starcoder-?2", r"stable-?code", r"codeqwen"),
        fim=_PLAIN,
        files=RepositoryTokens("<file_sep>", repository="<repo_name>"),
        stop=("<|endoftext|>", "<file_sep>", "<fim_pad>", "<repo_name>"),
        special=("<issue_start>", "<jupyter_start>", "<empty_output>"),
        context_window=16384,
        tokens_ratio=1.16,
    ),
    ModelProfile(
        name="starcoder",
        names=(r"starcoder", r"refact"),
        fim=_PLAIN,
        files=RepositoryTokens("<filename>", repository="<reponame>"),
        stop=("<|endoftext|>", "<filename>", "<fim_pad>", "<reponame>"),
        special=("<gh_stars>", "<issue_start>", "<jupyter_start>", "<empty_output>"),
        tokens_ratio=1.16,
    ),
    ModelProfile(
        name="santacoder",
        names=(r"santa-?coder",),
        fim=FimTokens("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
        stop=("<|endoftext|>", "<fim-pad>"),
        context_window=2048,
        tokens_ratio=1.16,
    ),
    ModelProfile(
        name="mellum",
        names=(r"mellum",),
        fim=FimTokens("<fim_prefix>", "<fim_suffix>", "<fim_middle>", order="suffix_prefix_middle"),
        files=RepositoryTokens("<filename>", repository="<reponame>"),
        stop=("<|endoftext|>", "<filename>", "<fim_pad>", "<reponame>"),
        tokens_ratio=1.16,
    ),
    ModelProfile(
        name="deepseek-coder",
        names=(r"deepseek.?coder",),
        # The bars are full-width and the blocks are U+2581: not the ASCII that they resemble.
        fim=FimTokens("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),  # noqa: RUF001 - the tokenizer's spelling
        stop=("<｜end▁of▁sentence｜>", "<|EOT|>"),  # noqa: RUF001 - the tokenizer's spelling
        special=("<｜begin▁of▁sentence｜>",),  # noqa: RUF001 - the tokenizer's spelling
        context_window=16384,
        tokens_ratio=1.22,
    ),
    ModelProfile(
        name="codellama",
        names=(r"code-?llama",),
        # The tokenizer joins a space to the piece after it: these are the reference implementation's spellings.
        fim=FimTokens("<PRE> ", " <SUF>", " <MID>"),
        stop=("<EOT>", "</s>"),
        special=("<s>", "[INST]", "[/INST]"),
        context_window=16384,
        tokens_ratio=1.22,
    ),
    ModelProfile(
        name="codestral",
        names=(r"codestral",),
        fim=FimTokens("[PREFIX]", "[SUFFIX]", "", order="suffix_prefix_middle"),
        files=RepositoryTokens("+++++ ", within_prefix=True),
        stop=("</s>", "[PREFIX]", "[SUFFIX]", "+++++ "),
        special=("<s>", "[INST]", "[/INST]", "[MIDDLE]"),
        context_window=32768,
        tokens_ratio=1.22,
    ),
    ModelProfile(
        name="codegemma",
        names=(r"code-?gemma",),
        fim=_PIPED,
        files=RepositoryTokens("", footer="<|file_separator|>"),
        stop=("<|file_separator|>", "<eos>", "<end_of_turn>"),
        special=("<bos>", "<start_of_turn>"),
        tokens_ratio=1.13,
    ),
    ModelProfile(
        name="granite-code",
        names=(r"granite.*code",),
        fim=_PLAIN,
        stop=("<|endoftext|>", "<fim_pad>", "<filename>", "<reponame>"),
        tokens_ratio=1.16,
    ),
    ModelProfile(
        name="granite",
        names=(r"granite",),
        fim=_PIPED,
        stop=("<|end_of_text|>", "<|fim_pad|>", "<|filename|>", "<|reponame|>"),
        special=("<|start_of_role|>", "<|end_of_role|>"),
        tokens_ratio=1.16,
    ),
    ModelProfile(
        name="glm",
        names=(r"glm-?4", r"codegeex"),
        fim=FimTokens("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"),
        stop=("<|endoftext|>", "<|user|>", "<|observation|>"),
        special=("<|assistant|>", "<|system|>"),
        context_window=32768,
        tokens_ratio=0.95,
    ),
)

# Families whose models complete code in conversation, or whose servers lay out a prompt themselves.
CONVERSING: tuple[ModelProfile, ...] = (
    ModelProfile(name="claude", names=(r"claude",), context_window=200_000, tokens_ratio=1.015),
    ModelProfile(name="gpt", names=(r"\bgpt-[45o]", r"\bo[134]\b"), context_window=128_000, tokens_ratio=0.935),
    ModelProfile(name="gemini", names=(r"gemini", r"gemma"), context_window=128_000, tokens_ratio=1.13),
    ModelProfile(name="deepseek", names=(r"deepseek",), context_window=64_000, tokens_ratio=0.98),
    ModelProfile(name="qwen", names=(r"qwen",), context_window=32_768, tokens_ratio=0.985),
)

GENERIC = ModelProfile(name="generic", tokens_ratio=0.95)

BY_NAME: dict[str, ModelProfile] = {profile.name: profile for profile in (*PROFILES, *CONVERSING, GENERIC)}


def profile_for(model: str) -> ModelProfile:
    """The profile of a model by its name (`qwen2.5-coder:1.5b`, `bigcode/starcoder2-3b`); `GENERIC` if none matches."""
    name = model.lower()
    for profile in (*PROFILES, *CONVERSING):
        if any(re.search(pattern, name) for pattern in profile.names):
            return profile
    return GENERIC


def choose(model: str, profile_name: str | None) -> ModelProfile:
    """The profile that the settings name, or else that of the model's name.

    Raises `KeyError` for a name that is not in `BY_NAME`.
    """
    return BY_NAME[profile_name] if profile_name else profile_for(model)


def stop_sequences(profile: ModelProfile, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The caller's stop sequences, then the profile's, without doubles, at most `MAX_STOP_SEQUENCES`."""
    return tuple(dict.fromkeys((*wanted, *profile.stop)))[:MAX_STOP_SEQUENCES]
