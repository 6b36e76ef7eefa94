"""Azure's variant of OpenAI's API: deployments in the path, versions in the query, the key in a header of its own.

`model` is the name of the deployment. `url` is the resource's, `https://NAME.openai.azure.com`; one that ends in
`/openai/v1` speaks the newer form, which needs no version. `options.api_version` is the version else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from copilot_ls.backends import _options
from copilot_ls.backends.openai import Addresses, OpenAiBackend
from copilot_ls.errors import SettingsError

if TYPE_CHECKING:
    from copilot_ls.config.settings import BackendSettings

KEY_HEADER = "api-key"
# The latest that is not a preview.
DEFAULT_VERSION = "2024-10-21"

_EXAMPLE = "https://NAME.openai.azure.com"


def create(name: str, options: BackendSettings) -> OpenAiBackend:
    """Entry point of the kind `azure`. Raises `SettingsError`."""
    if not options.url:
        raise SettingsError(f"backend.{name}.url is not set; expected your resource's, {_EXAMPLE}")
    if not options.model:
        raise SettingsError(f"backend.{name}.model is not set; expected the name of your deployment")
    found = _options.endpoint(name, options, default_url=_EXAMPLE).without("/chat/completions", "/completions")
    version = _options.option(name, options, "api_version", str, default="")
    if found.path.endswith("/openai/v1") and not version:
        return OpenAiBackend(name, options, found, Addresses(key_header=KEY_HEADER))
    deployment = quote(options.model, safe="")
    found = found.without(f"/openai/deployments/{deployment}", "/openai/v1", "/openai")
    return OpenAiBackend(name, options, found, addresses(deployment, version or DEFAULT_VERSION))


def addresses(deployment: str, version: str) -> Addresses:
    """The paths of one deployment under one version."""
    query = f"api-version={quote(version, safe='')}"
    return Addresses(
        completions=f"openai/deployments/{deployment}/completions?{query}",
        chat=f"openai/deployments/{deployment}/chat/completions?{query}",
        models=f"openai/models?{query}",
        key_header=KEY_HEADER,
    )
