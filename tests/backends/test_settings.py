"""Settings that a backend cannot use are refused when it is made, by name; the ways to a server are the user's."""

from __future__ import annotations

import asyncio

import pytest

from copilot_ls.backends.registry import create
from copilot_ls.errors import BackendUnreachableError, SettingsError
from tests.backends.model_server import HTTP_KINDS, ModelServer, gather, says, settings_for, text_of
from tests.backends.tls import Certificate, certificate_in


@pytest.fixture(params=HTTP_KINDS)
def kind(request) -> str:
    return request.param


@pytest.mark.parametrize("host", ["models.example", "192.168.1.20", "10.0.0.1:8080", "[2001:db8::1]"])
def test_plain_http_to_another_machine_is_refused(kind, host):
    with pytest.raises(SettingsError, match=r"plain http .*backend\.it\.allow_http_to = \["):
        create("it", settings_for(kind, f"http://{host}"))


@pytest.mark.parametrize("host", ["models.example", "192.168.1.20", "[2001:db8::1]:80"])
def test_plain_http_to_another_machine_can_be_allowed(kind, host):
    create("it", settings_for(kind, f"http://{host}", allow_http_to=("models.example", "192.168.1.20", "2001:db8::1")))
    with pytest.raises(SettingsError, match="plain http"):
        create("it", settings_for(kind, f"http://{host}", allow_http_to=("other.example",)))
    create("it", settings_for(kind, f"https://{host}"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3:8080", "[::1]:8080", "models.localhost"])
def test_plain_http_within_this_machine_needs_no_leave(kind, host):
    create("it", settings_for(kind, f"http://{host}"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://models.example", "not an http or https URL"),
        ("models.example:8080", "not an http or https URL"),
        ("https://", "not an http or https URL"),
        ("https://models.example:99999", "not a URL"),
        ("https://user:hunter2@models.example", "user name or password"),
        ("https://models.example/v1?api_key=hunter2", "query"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_telling_secrets(kind, url, reason):
    with pytest.raises(SettingsError, match=r"^backend\.it\.url ") as caught:
        create("it", settings_for(kind, url))
    assert reason in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fim": "middle"}, r"backend\.it\.options\.fim = 'middle'; expected one of auto"),
        ({"fim": 3}, r"backend\.it\.options\.fim is a int; expected a str"),
    ],
)
def test_an_option_of_the_wrong_kind_is_told_with_what_was_expected(options, message):
    with pytest.raises(SettingsError, match=message):
        create(
            "it", settings_for("openai", "http://models.example", allow_http_to=("models.example",), options=options)
        )


async def test_a_local_server_is_not_looked_for_behind_the_environments_proxy(kind, server, opened, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    server.script = says(kind, "x")
    assert text_of(await gather(opened(create("it", settings_for(kind, server.url))))) == "x"


async def test_another_machine_is_reached_through_the_environments_proxy(kind, server, opened, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, server.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    server.script = says(kind, "x")
    backend = opened(create("it", settings_for(kind, "http://models.example", allow_http_to=("models.example",))))
    assert text_of(await gather(backend)) == "x"
    assert server.asked[0].path.startswith("http://models.example/")


async def test_the_settings_proxy_is_used(kind, server, opened):
    server.script = says(kind, "x")
    settings = settings_for(kind, "http://models.example", proxy=server.url, allow_http_to=("models.example",))
    assert text_of(await gather(opened(create("it", settings)))) == "x"
    assert server.asked[0].path.startswith("http://models.example/")


@pytest.mark.parametrize("proxy", ["nonsense://user:hunter2@proxy", "socks5://user:hunter2@127.0.0.1:1", "::"])
async def test_a_proxy_that_cannot_be_used_is_named_without_its_password(kind, opened, proxy):
    backend = opened(create("it", settings_for(kind, "https://models.example", proxy=proxy)))
    with pytest.raises(BackendUnreachableError, match=r"backend\.it\.proxy") as caught:
        await gather(backend)
    assert caught.value.fault == "proxy"
    assert "hunter2" not in str(caught.value)


async def test_a_proxy_that_refuses_is_told_apart(kind, server, opened):
    async def script(connection, asked):
        await connection.whole(407, b"")

    server.script = script
    backend = opened(create("it", settings_for(kind, "https://models.example", proxy=server.url)))
    with pytest.raises(BackendUnreachableError) as caught:
        await gather(backend)
    assert caught.value.fault == "proxy"


async def test_an_authority_file_that_cannot_be_read_is_named(kind, opened, tmp_path):
    missing = tmp_path / "authority.pem"
    backend = opened(create("it", settings_for(kind, "https://models.example", ca_file=str(missing))))
    with pytest.raises(BackendUnreachableError, match=r"backend\.it\.ca_file .*authority\.pem: No such file") as caught:
        await gather(backend)
    assert caught.value.fault == "tls"
    missing.write_text("not a certificate")
    with pytest.raises(BackendUnreachableError, match=r"backend\.it\.ca_file"):
        await gather(backend)


class TlsServer(ModelServer):
    """The same over TLS, with a certificate of an authority that nobody knows."""

    async def start_tls(self, certificate: Certificate) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=certificate.context())
        self.url = f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def tls(tmp_path):
    """A server with a fresh certificate for 127.0.0.1, and the path of that certificate."""
    certificate = certificate_in(tmp_path)
    server = TlsServer()
    await server.start_tls(certificate)
    yield server, certificate.authority
    await server.stop()


async def test_a_certificate_is_trusted_by_setting_or_environment_and_not_otherwise(tls, opened, monkeypatch):
    server, certificate = tls
    server.script = says("openai", "x")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(
        BackendUnreachableError, match=r"is not trusted .*backend\.it\.ca_file or SSL_CERT_FILE"
    ) as caught:
        await gather(opened(create("it", settings_for("openai", server.url))))
    assert caught.value.fault == "tls"
    assert (
        text_of(await gather(opened(create("it", settings_for("openai", server.url, ca_file=str(certificate)))))) == "x"
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert text_of(await gather(opened(create("it", settings_for("openai", server.url))))) == "x"
