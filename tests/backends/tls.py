"""A certificate for 127.0.0.1 by an authority that nobody knows."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificate:
    """`authority` is what clients must trust; `chain` is what servers show, with its key."""

    authority: Path
    chain: Path

    def context(self, *protocols: str) -> ssl.SSLContext:
        """A server's side, with the protocols that it offers."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context


def certificate_in(folder: Path) -> Certificate:
    """A fresh one. Skips the test where nothing can make it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, and nothing else makes a certificate")
    found = Certificate(folder / "certificate.pem", folder / "server.pem")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run([*command.split(), "-keyout", found.chain, "-out", found.authority], check=True, capture_output=True)
    found.chain.write_bytes(found.chain.read_bytes() + found.authority.read_bytes())
    return found
