"""The families of models that people run, as data: see `model_profile` for what each field means.

Of several families whose names fit, the first is taken: the more special ones stand first. `source` names the model
card, report or tokenizer file that says so.

Ratios of tokens were fitted to real vocabularies (`make bench-tokens` measures them on other files). Where no package
ships a family's own, that of a public one of the same kind and size stands in: GPT-2's with blanks for StarCoder's and
its heirs, Llama 2's for those of 32,000 pieces.

Used by `profiles` alone.
"""

# ruff: noqa: RUF001 - DeepSeek's bars are full-width and its blocks are U+2581: the tokenizers' own spelling.

from __future__ import annotations

from copilot_ls.prompt.model_profile import FimTokens, ModelProfile, RepositoryTokens

_PIPED = FimTokens("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
_PLAIN = FimTokens("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
_SEED = FimTokens("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>", order="suffix_prefix_middle")
_DEEPSEEK = FimTokens("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>")
_GLM = FimTokens("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>")

_STARCODER_META = (
    "<gh_stars>",
    "<issue_start>",
    "<issue_comment>",
    "<issue_closed>",
    "<jupyter_start>",
    "<jupyter_text>",
    "<jupyter_code>",
    "<jupyter_output>",
    "<empty_output>",
    "<commit_before>",
    "<commit_msg>",
    "<commit_after>",
)
_STARCODER_STOP = ("<|endoftext|>", "<filename>", "<fim_pad>", "<reponame>")
_QWEN_CHAT = ("<|im_start|>", "<|im_end|>")
_ZETA1 = ("<|editable_region_start|>", "<|editable_region_end|>", "<|user_cursor_is_here|>", "<|start_of_file|>")
_SEED_SENTENCE = ("<[begin▁of▁sentence]>", "<[end▁of▁sentence]>")

CONVERSATION = (
    *("<|im_start|>", "<|im_end|>", "<|im_sep|>", "<|endoftext|>"),  # ChatML
    *("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>"),  # Llama 3
    *("<start_of_turn>", "<end_of_turn>"),  # Gemma
    *("[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[TOOL_CALLS]"),  # Mistral
    *("<|system|>", "<|user|>", "<|assistant|>", "<|observation|>", "<|end|>"),  # GLM, Phi
    *("<|start|>", "<|channel|>", "<|message|>", "<|call|>", "<|return|>"),  # gpt-oss
    *("<｜User｜>", "<｜Assistant｜>", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"),  # DeepSeek
)
"""What the templates of conversations are made of: servers read it as such in the text of a message, too."""

PROFILES: tuple[ModelProfile, ...] = (
    ModelProfile(
        name="qwen-coder",
        names=(r"qwen.*coder",),
        fim=_PIPED,
        files=RepositoryTokens("<|file_sep|>", repository="<|repo_name|>"),
        stop=("<|endoftext|>", "<|file_sep|>", "<|fim_pad|>", "<|repo_name|>"),
        special=_QWEN_CHAT,
        context_window=32768,
        tokens_ratio=0.985,
        source="Qwen2.5-Coder technical report (2024), section 3; Qwen3-Coder README, fill in the middle",
    ),
    ModelProfile(
        name="zeta2",
        names=(r"zeta-?2",),
        fim=_SEED,
        files=RepositoryTokens("<filename>", within_prefix=True),
        stop=("<[end▁of▁sentence]>", "<filename>", ">>>>>>> UPDATED", "<[PAD▁TOKEN]>"),
        special=("<|user_cursor|>", "<<<<<<< CURRENT", *_SEED_SENTENCE),
        source="Zed's zeta_prompt crate (2026): a Seed-Coder, with all files in the prefix",
    ),
    ModelProfile(
        name="zeta",
        names=(r"zeta",),
        fim=_PIPED,
        files=RepositoryTokens("<|file_sep|>", repository="<|repo_name|>"),
        stop=("<|endoftext|>", "<|file_sep|>", "<|fim_pad|>", "<|editable_region_end|>"),
        special=(*_QWEN_CHAT, *_ZETA1, "<|repo_name|>"),
        context_window=32768,
        tokens_ratio=0.985,
        source="Zeta's model card (2025): a Qwen2.5-Coder; Zed's zeta1 prompt for the marks of its region",
    ),
    ModelProfile(
        name="seed-coder",
        names=(r"seed-?coder",),
        fim=_SEED,
        stop=("<[end▁of▁sentence]>", "<[PAD▁TOKEN]>", "<[SEP▁TOKEN]>"),
        special=_SEED_SENTENCE,
        context_window=32768,
        source="Seed-Coder report (2025), section on fill-in-the-middle; its tokenizer_config.json",
    ),
    ModelProfile(
        name="starcoder2",
        names=(r"starcoder-?2",),
        fim=_PLAIN,
        files=RepositoryTokens("<file_sep>", repository="<repo_name>", path_within_prefix=True),
        stop=("<|endoftext|>", "<file_sep>", "<fim_pad>", "<repo_name>"),
        special=("<issue_start>", "<issue_comment>", "<issue_closed>", "<jupyter_start>", "<empty_output>"),
        context_window=16384,
        tokens_ratio=1.16,
        source="StarCoder 2 and The Stack v2 (2024), section 5.1: the path stands behind the prefix token",
    ),
    ModelProfile(
        name="stable-code",
        names=(r"stable-?code", r"codeqwen"),
        fim=_PLAIN,
        stop=("<|endoftext|>", "<file_sep>", "<fim_pad>", "<repo_name>"),
        special=("<filename>", "<reponame>"),
        context_window=16384,
        tokens_ratio=1.16,
        source="Stable Code 3B's model card (2024); CodeQwen1.5's model card (2024)",
    ),
    ModelProfile(
        name="starcoder",
        names=(r"star-?coder", r"refact"),
        fim=_PLAIN,
        files=RepositoryTokens("<filename>", repository="<reponame>"),
        stop=_STARCODER_STOP,
        special=_STARCODER_META,
        tokens_ratio=1.16,
        source="StarCoder (2023), section 5; its tokenizer.json; Refact-1.6B's model card",
    ),
    ModelProfile(
        name="santacoder",
        names=(r"santa-?coder",),
        fim=FimTokens("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
        stop=("<|endoftext|>", "<fim-pad>"),
        context_window=2048,
        tokens_ratio=1.16,
        source="SantaCoder's model card (2023) and special_tokens_map.json: hyphens, unlike StarCoder's",
    ),
    ModelProfile(
        name="mellum",
        names=(r"mellum",),
        fim=FimTokens("<fim_prefix>", "<fim_suffix>", "<fim_middle>", order="suffix_prefix_middle"),
        files=RepositoryTokens("<filename>"),
        stop=("<|endoftext|>", "<filename>", "<fim_pad>", "<reponame>"),
        special=(*_STARCODER_META, *_QWEN_CHAT),
        tokens_ratio=1.16,
        source="Mellum-4b-base's model card (2025): the suffix first, each file behind its name, no repository",
    ),
    ModelProfile(
        name="deepseek-coder-v2",
        names=(r"deepseek.?coder.?v?2",),
        fim=_DEEPSEEK,
        stop=("<｜end▁of▁sentence｜>", "<|EOT|>"),
        special=("<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"),
        context_window=131072,
        tokens_ratio=0.98,
        source="DeepSeek-Coder-V2's README (2024), code insertion; 128 K window",
    ),
    ModelProfile(
        name="deepseek-coder",
        names=(r"deepseek.?coder",),
        fim=_DEEPSEEK,
        stop=("<｜end▁of▁sentence｜>", "<|EOT|>"),
        special=("<｜begin▁of▁sentence｜>",),
        context_window=16384,
        tokens_ratio=1.22,
        source="DeepSeek-Coder (2024), section 3.1, and its README, code insertion",
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
        source="Code Llama (2023), section 2.3; codellama/llama/tokenizer.py",
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
        source="Mistral's tokenizer v3 (mistral-common) for Codestral; several files as Continue's template has them",
    ),
    ModelProfile(
        name="codegemma",
        names=(r"code-?gemma",),
        fim=_PIPED,
        files=RepositoryTokens("", footer="<|file_separator|>"),
        stop=("<|file_separator|>", "<eos>", "<end_of_turn>"),
        special=("<bos>", "<start_of_turn>"),
        tokens_ratio=1.13,
        source="CodeGemma report (2024) and formatting guide: path, text, separator",
    ),
    ModelProfile(
        name="granite-code",
        names=(r"granite.*code",),
        fim=_PLAIN,
        stop=_STARCODER_STOP,
        special=_STARCODER_META,
        tokens_ratio=1.16,
        source="Granite Code Models (2024): StarCoder's tokenizer",
    ),
    ModelProfile(
        name="granite-3",
        names=(r"granite-?3", r"granite.*3\.\d"),
        fim=_PLAIN,
        stop=("<|end_of_text|>", "<filename>", "<fim_pad>", "<reponame>"),
        special=(*_STARCODER_META, "<|start_of_role|>", "<|end_of_role|>", "<|tool_call|>", "<|start_of_cite|>"),
        context_window=131072,
        tokens_ratio=1.16,
        source="the special tokens of Granite 3.2 and 3.3 in IBM's granite-io; Granite 3.3's README",
    ),
    ModelProfile(
        name="granite",
        names=(r"granite",),
        fim=_PIPED,
        stop=("<|end_of_text|>", "<|fim_pad|>", "<|filename|>", "<|reponame|>"),
        special=("<|pad|>", "<|start_of_role|>", "<|end_of_role|>", "<|tool_call|>"),
        context_window=131072,
        tokens_ratio=0.95,
        source="Granite 4.0's tokenizer.json (2025) and prompt engineering guide",
    ),
    ModelProfile(
        name="codegeex",
        names=(r"codegeex",),
        fim=FimTokens(
            "<|code_prefix|>",
            "<|code_suffix|>",
            "<|code_middle|><|assistant|>\n",
            order="suffix_prefix_middle",
            opening="<|user|>\n",
            lead="###LANGUAGE:\n###MODE:BLOCK\n",
        ),
        files=RepositoryTokens("###REFERENCE:\n###PATH:", open_header="###PATH:"),
        stop=("<|endoftext|>", "<|user|>", "<|observation|>", "<|assistant|>"),
        special=("<|code_middle|>", "<|system|>", "###REFERENCE:", "###PATH:"),
        context_window=131072,
        tokens_ratio=0.95,
        source="CodeGeeX4's infilling guideline (2024): within a conversation, the suffix first",
    ),
    ModelProfile(
        name="glm",
        names=(r"glm-?4",),
        fim=_GLM,
        stop=("<|endoftext|>", "<|user|>", "<|observation|>"),
        special=("<|assistant|>", "<|system|>"),
        context_window=32768,
        tokens_ratio=0.95,
        source="GLM-4's tokenizer_config.json (2024); the order as Zed sends it",
    ),
)

CONVERSING: tuple[ModelProfile, ...] = (
    ModelProfile(name="claude", names=(r"claude",), special=CONVERSATION, context_window=200_000, tokens_ratio=1.015),
    ModelProfile(
        name="gpt",
        names=(r"\bgpt-[45o]", r"\bo[134]\b"),
        special=CONVERSATION,
        context_window=128_000,
        tokens_ratio=0.935,
    ),
    ModelProfile(
        name="gemini", names=(r"gemini", r"gemma"), special=CONVERSATION, context_window=128_000, tokens_ratio=1.13
    ),
    ModelProfile(name="deepseek", names=(r"deepseek",), special=CONVERSATION, context_window=64_000, tokens_ratio=0.98),
    ModelProfile(name="qwen", names=(r"qwen",), special=CONVERSATION, context_window=32_768, tokens_ratio=0.985),
)
"""Families whose models complete code in conversation, or whose servers lay out a prompt themselves."""
