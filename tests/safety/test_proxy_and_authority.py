"""A company's network: an authority of its own, and a proxy that every connection has to go through."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from copilot_ls.backends.registry import create
from copilot_ls.errors import BackendUnreachableError
from tests.backends.conftest import opened
from tests.backends.model_server import ModelServer, gather, request, says, settings_for, text_of

__all__ = ["opened"]

HOST = "models.example"
SOURCE = "def salary_of(person):\n    return "


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority's certificate, and one that it has given to the host."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, and nothing else makes a certificate")
    folder = tmp_path_factory.mktemp("authority")
    (folder / "names").write_text(f"subjectAltName=DNS:{HOST}\nbasicConstraints=CA:FALSE\n")

    def openssl(command: str) -> None:
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)

    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=Company -keyout ca.key -out ca.pem"
    )
    openssl(f"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={HOST} -keyout host.key -out host.csr")
    openssl("x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out host.pem")
    return folder


class TlsServer(ModelServer):
    """A model server with the host's certificate."""

    async def start_tls(self, authority: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority / "host.pem", authority / "host.key")
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]


@dataclass
class Proxy:
    """Takes CONNECT, says what it was asked for, and passes bytes on to one server, whoever was named."""

    target: int
    port: int = 0
    asked: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    carried: bytes = b""
    refuses: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head.split("\r\n")[0])
            self.credentials += [line for line in head.split("\r\n") if line.lower().startswith("proxy-authorization")]
            if self.refuses:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                writer.close()
                return
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.target)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(self.carry(reader, inner_writer), self.carry(inner_reader, writer))

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                self.carried += piece
                writer.write(piece)
                await writer.drain()
        writer.close()


@pytest.fixture
async def network(authority: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    """The host behind the proxy, which nothing else leads to; no variable says anything of either."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    server = TlsServer()
    await server.start_tls(authority)
    server.script = says("openai", "salaries[person]")
    proxy = Proxy(server.port)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = listening.sockets[0].getsockname()[1]
    yield proxy
    listening.close()
    await server.stop()


async def test_through_the_proxy_and_with_the_authority_of_the_settings(
    network: Proxy, authority: Path, opened
) -> None:
    settings = settings_for(
        "openai", f"https://{HOST}/v1", proxy=f"http://127.0.0.1:{network.port}", ca_file=str(authority / "ca.pem")
    )
    assert text_of(await gather(opened(create("it", settings)), request(SOURCE))) == "salaries[person]"
    assert network.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
    assert b"salary" not in network.carried, "the proxy could read what was sent"


async def test_through_the_proxy_and_with_the_authority_of_the_environment(
    network: Proxy, authority: Path, opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass%21word@127.0.0.1:{network.port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    assert (
        text_of(await gather(opened(create("it", settings_for("openai", f"https://{HOST}/v1"))))) == "salaries[person]"
    )
    assert network.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
    assert len(network.credentials) == 1


async def test_an_unknown_authority_is_refused_before_anything_is_sent(network: Proxy, opened) -> None:
    settings = settings_for("openai", f"https://{HOST}/v1", proxy=f"http://127.0.0.1:{network.port}")
    with pytest.raises(BackendUnreachableError, match="not trusted") as caught:
        await gather(opened(create("it", settings)))
    assert caught.value.fault == "tls"


async def test_another_hosts_certificate_is_refused(network: Proxy, authority: Path, opened) -> None:
    settings = settings_for(
        "openai",
        "https://other.example/v1",
        proxy=f"http://127.0.0.1:{network.port}",
        ca_file=str(authority / "ca.pem"),
    )
    with pytest.raises(BackendUnreachableError) as caught:
        await gather(opened(create("it", settings)))
    assert caught.value.fault == "tls"


async def test_a_proxy_that_refuses_is_named_without_its_password(network: Proxy, authority: Path, opened) -> None:
    network.refuses = True
    settings = settings_for(
        "openai",
        f"https://{HOST}/v1",
        proxy=f"http://user:hunter2@127.0.0.1:{network.port}",
        ca_file=str(authority / "ca.pem"),
    )
    with pytest.raises(BackendUnreachableError, match="proxy") as caught:
        await gather(opened(create("it", settings)))
    assert (caught.value.fault, "hunter2" in str(caught.value)) == ("proxy", False)


def test_no_setting_turns_the_check_of_certificates_off() -> None:
    """Nor is there code that could."""
    sources = Path(__file__).parents[2] / "copilot_ls"
    text = "\n".join(path.read_text("utf-8") for path in sources.rglob("*.py"))
    for word in ("CERT_NONE", "verify=False", "check_hostname", "_create_unverified_context"):
        assert word not in text
