"""Each preset speaks its protocol where its service is, and gives a key to nobody else."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel

from copilot_ls.backends import registry
from copilot_ls.backends.chat import ChatRequest, Message
from copilot_ls.backends.presets import PRESETS, effective, told
from copilot_ls.backends.structured import ask
from copilot_ls.cli.doctor import examine
from copilot_ls.config.settings import BackendSettings
from copilot_ls.errors import SettingsError
from tests.backends.model_server import gather, says, text_of
from tests.backends.protocols import PROTOCOLS

KEY = "key-of-a-test-0123456789"
CODER = "qwen2.5-coder:7b"

# What is asked of the test server: path behind the address, and what the body has for the middle.
ASKED = {
    "vllm": ("/v1/completions", "openai", "<|fim_prefix|>"),
    "sglang": ("/v1/completions", "openai", "<|fim_prefix|>"),
    "lm_studio": ("/v1/completions", "openai", "<|fim_prefix|>"),
    "localai": ("/v1/completions", "openai", "<|fim_prefix|>"),
    "llama_cpp_openai": ("/v1/completions", "openai", "<|fim_prefix|>"),
    "llama_cpp_python": ("/v1/completions", "openai", "suffix"),
    "deepseek": ("/beta/completions", "openai", "suffix"),
    "codestral": ("/v1/fim/completions", "mistral", "suffix"),
    "together": ("/v1/completions", "openai", "<|fim_prefix|>"),
    "fireworks": ("/inference/v1/completions", "openai", "<|fim_prefix|>"),
    "groq": ("/openai/v1/chat/completions", "openai_chat", "messages"),
    "openrouter": ("/api/v1/chat/completions", "openai_chat", "messages"),
}


def test_every_preset_is_tested():
    assert set(ASKED) == set(PRESETS)
    assert not set(PRESETS) & set(registry.BUILT_IN)


def settings_of(name: str, **more) -> BackendSettings:
    return BackendSettings(**({"kind": name, "model": CODER} | more))


@pytest.mark.parametrize("name", PRESETS)
async def test_it_speaks_its_protocol(name, server, opened):
    path, protocol, middle = ASKED[name]
    server.script = says(protocol, "a + b")
    url = server.url + urlsplit(PRESETS[name].url).path
    chunks = await gather(opened(registry.create("it", settings_of(name, url=url))))
    assert text_of(chunks) == "a + b"
    (asked,) = server.asked
    assert asked.path == path
    assert middle in asked.body or middle in asked.body["prompt"]


@pytest.mark.parametrize("name", PRESETS)
def test_its_address_is_its_services(name, monkeypatch):
    preset = PRESETS[name]
    for variable in {each.api_key_env for each in PRESETS.values()} - {None}:
        monkeypatch.setenv(variable, KEY if variable == preset.api_key_env else "another")
    settings = effective("it", settings_of(name))
    assert (settings.kind, settings.url, settings.api_key_env) == (preset.kind, preset.url, preset.api_key_env)
    assert urlsplit(settings.url).scheme == ("http" if preset.api_key_env is None else "https")
    registry.create("it", settings_of(name))  # contacts nothing: there is no network here


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.api_key_env])
async def test_its_key_goes_nowhere_else(name, server, opened, monkeypatch):
    preset = PRESETS[name]
    monkeypatch.setenv(preset.api_key_env, KEY)
    server.script = says(ASKED[name][1], "a + b")
    elsewhere = settings_of(name, url=server.url + urlsplit(preset.url).path)
    await gather(opened(registry.create("it", elsewhere)))
    (asked,) = server.asked
    assert KEY not in str(asked.headers)
    assert effective("it", settings_of(name, url=preset.url + "/")).api_key_env == preset.api_key_env


def test_what_the_user_sets_wins():
    given = settings_of("deepseek", api_key_env="MINE", options={"fim": "chat", "body": {"user": "me"}})
    settings = effective("it", given)
    assert settings.api_key_env == "MINE"
    assert settings.options == {"fim": "chat", "body": {"user": "me"}}
    assert effective("it", settings_of("deepseek", api_key_command=("pass", "show", "it"))).api_key_env is None


def test_a_service_wants_a_model():
    with pytest.raises(SettingsError, match=r"backend\.it\.model is not set; .* codestral-latest say"):
        registry.create("it", BackendSettings(kind="codestral"))
    registry.create("it", BackendSettings(kind="vllm"))


def test_other_kinds_are_as_they_are():
    settings = BackendSettings(kind="openai")
    assert effective("it", settings) is settings
    assert not told(settings)


def test_an_unknown_kind_is_told_of_presets():
    with pytest.raises(SettingsError, match="openrouter"):
        registry.create("it", BackendSettings(kind="openruter"))


class Edit(BaseModel):
    line: int


@pytest.mark.parametrize(
    "said",
    [
        "This response_format type is unavailable now",
        "This model does not support response format `json_schema`.",
        "json_schema is not supported",
    ],
)
async def test_a_service_without_schemas_is_asked_in_words(server, opened, said):
    """Services refuse it in words of their own; the schema stands in the conversation anyway."""
    refuse = b'{"error":{"message":"%s","type":"invalid_request_error"}}' % said.encode()
    answer = says("openai_chat", '```json\n{"line": 3}\n```')

    async def script(connection, asked):
        if "response_format" in asked.body:
            await connection.whole(400, refuse)
        else:
            await answer(connection, asked)

    server.script = script
    backend = opened(registry.create("it", settings_of("deepseek", url=server.url + "/beta")))
    found = await ask(backend, ChatRequest((Message("user", "Mend it."),)), Edit)
    assert found.value == Edit(line=3)
    assert [("response_format" in asked.body) for asked in server.asked] == [True, False]


async def test_doctor_shows_what_is_in_force(server, tmp_path, monkeypatch):
    monkeypatch.setenv("COPILOT_LS_CONFIG_DIR", str(tmp_path))
    server.script = says("openai", "a + b")
    config = f'[backend.mine]\nkind = "llama_cpp_python"\nurl = "{server.url}/v1"\nmodel = "{CODER}"\n'
    (tmp_path / "config.toml").write_text(config)
    async with asyncio.timeout(30):
        findings = await examine(tmp_path)
    (found,) = [finding for finding in findings if finding.section == "backends" and finding.name == "mine"]
    assert found.status == "ok", found.text
    assert found.details["preset"] == "llama-cpp-python's server: kind = openai, options.fim = suffix"
    assert found.details["asked_by"] == "suffix"


async def test_conversations_go_through_a_preset_too(server, opened):
    server.script = says("openai_chat", "Hello.")
    backend = opened(registry.create("it", settings_of("groq", url=server.url + "/openai/v1")))
    async with aclosing(backend.chat(ChatRequest((Message("user", "Hi."),)))) as chunks:
        assert "".join([chunk.text async for chunk in chunks]) == "Hello."


def test_the_protocols_of_presets_are_known():
    assert {preset.kind for preset in PRESETS.values()} <= {protocol.kind for protocol in PROTOCOLS.values()}
