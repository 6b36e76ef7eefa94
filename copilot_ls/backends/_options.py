"""What a backend reads of its settings, and the checks that no backend can do without.

Every mistake is a `SettingsError` that names the setting, when the backend is made; nothing is contacted then.
Called by every backend's `create`.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

from copilot_ls.errors import SettingsError
from copilot_ls.prompt import profiles

if TYPE_CHECKING:
    from copilot_ls.config.settings import BackendSettings
    from copilot_ls.prompt.profiles import ModelProfile


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked base URL. `host` is what messages name: never more of the URL, which may carry secrets."""

    url: str
    scheme: str
    host: str
    is_loopback: bool
    path: str = ""

    def with_path(self, path: str) -> Endpoint:
        """The same server with another path."""
        return replace(self, url=self.url[: len(self.url) - len(self.path)] + path, path=path)

    def without(self, *endings: str) -> Endpoint:
        """The same without the first of `endings` that its path ends in: users paste whole addresses."""
        for ending in endings:
            if self.path.endswith(ending):
                return self.with_path(self.path.removesuffix(ending))
        return self


def endpoint(name: str, settings: BackendSettings, *, default_url: str) -> Endpoint:
    """The backend's base URL, checked. Raises `SettingsError` for one that cannot or must not be used."""
    setting = f"backend.{name}.url"
    url = (settings.url or default_url).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SettingsError(f"{setting} is not a URL ({error}); expected one like {default_url}") from None
    if parts.scheme not in {"http", "https"} or not host:
        shown = f"{parts.scheme}://…" if parts.scheme else repr(url[:60])
        raise SettingsError(
            f"{setting} = {shown} is not an http or https URL with a host; expected one like {default_url}"
        )
    if parts.username or parts.password:
        raise SettingsError(
            f"{setting} holds a user name or password; put the key into an environment variable and name "
            f"it in backend.{name}.api_key_env"
        )
    if parts.query or parts.fragment:
        raise SettingsError(f"{setting} has a query or fragment; expected a base URL like {default_url}")
    is_loopback = _is_loopback(host)
    if (
        parts.scheme == "http"
        and not is_loopback
        and host not in {allowed.lower() for allowed in settings.allow_http_to}
    ):
        raise SettingsError(
            f"{setting} sends source text over plain http to {host}; use https, or set "
            f'backend.{name}.allow_http_to = ["{host}"] if the network between is your own'
        )
    shown_host = f"[{host}]" if ":" in host else host
    return Endpoint(url, parts.scheme, shown_host if port is None else f"{shown_host}:{port}", is_loopback, parts.path)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def option(name: str, settings: BackendSettings, key: str, kind: type[_T], *, default: _T) -> _T:
    """`options.<key>` of a backend, checked to be a `kind`. Raises `SettingsError`."""
    value = settings.options.get(key, default)
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return cast("_T", float(value))
    raise SettingsError(f"backend.{name}.options.{key} is a {type(value).__name__}; expected a {kind.__name__}")


def choice(name: str, settings: BackendSettings, key: str, allowed: tuple[str, ...]) -> str:
    """`options.<key>` of a backend, one of `allowed`; the first by default. Raises `SettingsError`."""
    value = option(name, settings, key, str, default=allowed[0])
    if value not in allowed:
        raise SettingsError(f"backend.{name}.options.{key} = {value!r}; expected one of {', '.join(allowed)}")
    return value


def model_profile(name: str, settings: BackendSettings) -> ModelProfile:
    """The model's profile. Raises `SettingsError` for an unknown name in the settings."""
    try:
        return profiles.choose(settings.model or "", settings.profile)
    except KeyError:
        known = ", ".join(profiles.BY_NAME)
        raise SettingsError(f"backend.{name}.profile = {settings.profile!r}; expected one of {known}") from None


def no_model(name: str, example: str) -> SettingsError:
    """The error for a backend that cannot do without a model's name."""
    return SettingsError(
        f"backend.{name}.model is not set; expected the name of a model that the server has, {example} say"
    )


def no_fim_tokens(name: str, model: str) -> SettingsError:
    """The error for a raw prompt that is wanted where the model's tokens are not known."""
    known = ", ".join(profile.name for profile in profiles.PROFILES)
    return SettingsError(
        f"backend.{name}.options.fim asks for a raw prompt, but the family of the model {model!r} is not known; set "
        f"backend.{name}.profile to one of {known}"
    )
