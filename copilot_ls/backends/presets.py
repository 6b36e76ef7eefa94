"""Services and servers under names of their own: `kind = "deepseek"` is a protocol with the rest filled in.

A preset is data; it makes no difference to what the protocol can do, and every setting of the user's wins over it. The
variable that a preset names for the key counts for its own address alone, so that no key goes to another host. Nothing
is contacted for being known: a backend exists only where the settings have one. Leaves protocols to their modules.
Called by `registry`, `doctor` and `reference`.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - a field's type
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _options

if TYPE_CHECKING:
    from copilot_ls.config.settings import BackendSettings


@dataclass(frozen=True, slots=True)
class Preset:
    """One service or server.

    `kind` is the protocol that it speaks. `api_key_env` is None for servers of one's own. `options` are those that the
    settings do not have. `model` is an example for whoever forgets it; None where the server has one loaded. `source`
    says where all of this is written down.
    """

    name: str
    title: str
    kind: str
    url: str
    source: str
    api_key_env: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None


_ALL = (
    Preset("vllm", "vLLM", "openai", "http://127.0.0.1:8000/v1", "vLLM's documentation, OpenAI-compatible server"),
    Preset("sglang", "SGLang", "openai", "http://127.0.0.1:30000/v1", "SGLang's documentation, OpenAI APIs"),
    Preset(
        "lm_studio", "LM Studio", "openai", "http://127.0.0.1:1234/v1", "LM Studio's documentation, OpenAI endpoints"
    ),
    Preset("localai", "LocalAI", "openai", "http://127.0.0.1:8080/v1", "LocalAI's documentation"),
    Preset(
        "llama_cpp_openai",
        "llama.cpp by OpenAI's API",
        "openai",
        "http://127.0.0.1:8080/v1",
        "llama.cpp's tools/server/README.md",
    ),
    Preset(
        "llama_cpp_python",
        "llama-cpp-python's server",
        "openai",
        "http://127.0.0.1:8000/v1",
        "llama-cpp-python's documentation: it lays a suffix out by the model's own tokens",
        options={"fim": "suffix"},
    ),
    Preset(
        "deepseek",
        "DeepSeek",
        "openai",
        "https://api.deepseek.com/beta",
        "DeepSeek's API guides, FIM completion (beta)",
        api_key_env="DEEPSEEK_API_KEY",
        options={"fim": "suffix"},
        model="deepseek-chat",
    ),
    Preset(
        "codestral",
        "Codestral, at its own host",
        "mistral",
        "https://codestral.mistral.ai/v1",
        "Mistral's documentation, Codestral's endpoints: with a key of its own",
        api_key_env="CODESTRAL_API_KEY",
        model="codestral-latest",
    ),
    Preset(
        "together",
        "Together",
        "openai",
        "https://api.together.ai/v1",
        "Together's documentation, OpenAI compatibility",
        api_key_env="TOGETHER_API_KEY",
        model="Qwen/Qwen2.5-Coder-32B-Instruct",
    ),
    Preset(
        "fireworks",
        "Fireworks",
        "openai",
        "https://api.fireworks.ai/inference/v1",
        "Fireworks' documentation, OpenAI compatibility: completions take the prompt as it is",
        api_key_env="FIREWORKS_API_KEY",
        model="accounts/fireworks/models/qwen2p5-coder-32b",
    ),
    Preset(
        "groq",
        "Groq",
        "openai",
        "https://api.groq.com/openai/v1",
        "Groq's documentation, OpenAI compatibility: conversations alone",
        api_key_env="GROQ_API_KEY",
        options={"fim": "chat"},
        model="openai/gpt-oss-20b",
    ),
    Preset(
        "openrouter",
        "OpenRouter",
        "openai",
        "https://openrouter.ai/api/v1",
        "OpenRouter's API reference: what a raw prompt becomes depends on who serves the model",
        api_key_env="OPENROUTER_API_KEY",
        options={"fim": "chat"},
        model="mistralai/codestral-2508",
    ),
)

PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}


def effective(name: str, settings: BackendSettings) -> BackendSettings:
    """The settings of a backend with what its preset fills in; as they are for any other kind.

    Raises `SettingsError` where a model is needed that the settings do not name.
    """
    preset = PRESETS.get(settings.kind)
    if preset is None:
        return settings
    if preset.model is not None and not settings.model:
        raise _options.no_model(name, preset.model)
    elsewhere = settings.url is not None and settings.url.rstrip("/") != preset.url
    has_key = settings.api_key_env or settings.api_key_command or settings.api_key_keyring
    return replace(
        settings,
        kind=preset.kind,
        url=settings.url or preset.url,
        api_key_env=settings.api_key_env if has_key or elsewhere else preset.api_key_env,
        options={**preset.options, **settings.options},
    )


def told(settings: BackendSettings) -> str:
    """What a preset fills in, for `doctor`; empty for any other kind."""
    preset = PRESETS.get(settings.kind)
    if preset is None:
        return ""
    filled = [f"url = {preset.url}"] if settings.url is None else []
    filled += [f"options.{key} = {value}" for key, value in preset.options.items() if key not in settings.options]
    return f"{preset.title}: kind = {preset.kind}" + "".join(f", {entry}" for entry in filled)
