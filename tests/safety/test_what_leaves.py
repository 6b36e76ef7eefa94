"""What is ignored reaches neither a backend nor the disk, and no secret does; looked at from outside, at the wire and the files."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import zlib
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from copilot_ls.index.exclusions import SECRET_FILES, SECRET_FOLDERS
from tests.backends.model_server import Asked, Connection, ModelServer, says
from tests.e2e.conftest import House
from tests.lsp_client import edit
from tests.safety.secret_corpus import TOKENS, Draw

LEVELS = ("error", "warning", "info", "debug")
MAIN = "def total_price(order, rate):\n    ordinary_marker = order.total_price(rate)\n    return "
# Names that are ignored for each pattern that always applies, and for each of the other reasons.
ODD = {"id_rsa*": "id_rsa_work", ".env*": ".env.local", "*_rsa": "deploy_rsa"}
ALWAYS = [ODD.get(glob, glob.replace("*", "prod")) for glob in SECRET_FILES] + [
    f"{name}/config.py" for name in sorted(SECRET_FOLDERS)
]
BY_RULES = ["ignored.py", "sub/ignored_too.py", "private/a.py", "excluded/b.py"]
OUTSIDE = "../elsewhere/.env"


def canary(at: int) -> str:
    return f"canary{at:03d}q{'abcdefghij'[at % 10]}zz"


def contents(at: int) -> str:
    """Attractive for whoever looks for related code."""
    word = canary(at)
    return f"def total_price(order, rate):\n    {word} = order.total_price(rate)\n    return {word}.rounded\n"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    found = ModelServer()
    await found.start()
    yield found
    await found.stop()


def configure(house: House, server: ModelServer, level: str, extra: str = "") -> None:
    house.configure(
        f"""
log = {{ level = "{level}", file = "{house.root / "log" / "log.txt"}" }}
[completion]
debounce_max_ms = 0
[index]
exclude = ["excluded/"]
[backend.model]
kind = "openai"
url = "{server.url}/v1"
model = "qwen2.5-coder"
{extra}
"""
    )


def on_disk(house: House, *folders: str) -> dict[Path, bytes]:
    """Every file, and what databases hold, unpacked; the server has ended."""
    return {path: content + unpacked(path) for path, content in files(house, *folders).items()}


def files(house: House, *folders: str) -> dict[Path, bytes]:
    """Every file; some come and go while the server runs."""
    found = {}
    for path in (path for folder in folders for path in (house.root / folder).rglob("*")):
        with suppress(OSError):
            found[path] = path.read_bytes()
    return found


def unpacked(path: Path) -> bytes:
    if path.suffix.endswith(("-wal", "-shm", "-journal")) or not path.read_bytes().startswith(b"SQLite format 3"):
        return b""
    pieces = []
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            with suppress(sqlite3.DatabaseError):  # an index without contents cannot be read, and holds none
                pieces += [value for row in connection.execute(f'select * from "{table}"') for value in row]
    as_bytes = [value if isinstance(value, bytes) else str(value).encode() for value in pieces]
    for value in list(as_bytes):
        with suppress(zlib.error):
            as_bytes.append(zlib.decompress(value))
    return b"\n".join(as_bytes)


def sent(server: ModelServer) -> str:
    return json.dumps([[asked.path, asked.headers, asked.body] for asked in server.asked], ensure_ascii=False)


async def indexed(house: House, marker: bytes) -> None:
    async with asyncio.timeout(20):
        while not any(marker in content for content in files(house, "cache").values()):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("level", LEVELS)
async def test_nothing_of_an_ignored_file_reaches_the_wire_or_the_disk(
    house: House, server: ModelServer, level: str
) -> None:
    """Every kind of ignored file lies there, is open, edited, saved and completed in, while another one is worked in."""
    server.script = says("openai", "ordinary_marker", " * rate")
    configure(house, server, level)
    names = [*ALWAYS, *BY_RULES, OUTSIDE]
    for at, name in enumerate(names):
        path = house.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents(at))
    (house.workspace / ".gitignore").write_text("ignored.py\nignored_too.py\n")
    (house.workspace / ".copilotignore").write_text("private/\n")
    (house.workspace / "ordinary.py").write_text(
        "def total_price(order, rate):\n    visible_marker = order\n    return visible_marker\n"
    )
    async with house.serve() as client:
        for at, name in enumerate(names):
            uri = (house.workspace / name).resolve().as_uri()
            client.open(uri, contents(at))
            client.change(uri, 2, [edit((1, 4), (1, 4), f"x = {canary(at)}\n    ")])
            client.save(uri)
        client.open(house.uri("main.py"), MAIN)
        await indexed(house, b"visible_marker")
        for version in range(3):
            items = await client.inline_completion(house.uri("main.py"), 2, 11)
            client.change(house.uri("main.py"), 2 + version, [edit((0, 0), (0, 0), f"import a{version}\n")])
            assert "canary" not in json.dumps(items)
        for at in range(0, len(names), 7):
            await client.inline_completion((house.workspace / names[at]).resolve().as_uri(), 1, 4, trigger_kind=1)
        for at in range(len(ALWAYS), len(names)):
            await client.inline_completion((house.workspace / names[at]).resolve().as_uri(), 1, 4)
        client.close(house.uri("main.py"))
    wire, disk = sent(server), on_disk(house, "state", "cache", "log")
    assert "ordinary_marker" in wire and "visible_marker" in wire, "nothing was asked, so that nothing is proved"
    assert disk
    for at, name in enumerate(names):
        word = canary(at)
        assert word not in wire, f"{name} was sent"
        found = [str(path) for path, content in disk.items() if word.encode() in content]
        assert not found, f"{name} is in {found}"


async def test_it_is_said_why_a_model_is_not_asked(house: House, server: ModelServer) -> None:
    server.script = says("openai", "more")
    configure(house, server, "warning")
    (house.workspace / ".gitignore").write_text("ignored.py\n")
    async with house.serve() as client:
        client.open(house.uri("ignored.py"), MAIN)
        await client.inline_completion(house.uri("ignored.py"), 2, 11)
    assert not [asked for asked in server.asked if asked.method == "POST"]
    assert any(b"ignored_file" in content for content in on_disk(house, "state").values())


async def test_a_document_is_sent_again_once_it_is_no_longer_ignored(house: House, server: ModelServer) -> None:
    server.script = says("openai", "more")
    configure(house, server, "warning")
    rules = house.workspace / ".gitignore"
    rules.write_text("work.py\n")
    async with house.serve() as client:
        client.open(house.uri("work.py"), MAIN)
        await client.inline_completion(house.uri("work.py"), 2, 11)
        assert not sent(server).count("ordinary_marker")
        rules.write_text("other.py\n")
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": rules.as_uri(), "type": 2}]})
        client.change(house.uri("work.py"), 2, [edit((0, 0), (0, 0), "import a\n")])
        await client.inline_completion(house.uri("work.py"), 3, 11)
        assert sent(server).count("ordinary_marker")


def echoes(connection_text: str):
    """A model that says again the first placeholder of its prompt, in pieces."""

    async def script(connection: Connection, asked: Asked) -> None:
        found = re.search(r"REDACTED_\d+_[A-Z_]+", json.dumps(asked.body))
        word = found[0] if found else "nothing"
        pieces = [word[at : at + 5] for at in range(0, len(word), 5)]
        await says("openai", connection_text, *pieces, '"')(connection, asked)

    return script


@pytest.mark.parametrize("level", LEVELS)
async def test_secrets_stay_here_and_come_back(house: House, server: ModelServer, level: str) -> None:
    draw = Draw(("leaves", level))
    mine, theirs = TOKENS["GitHub personal token"](draw), TOKENS["Stripe secret key"](draw)
    server.script = echoes('"')
    configure(house, server, level)
    other = f'def pay(order):\n    key_of_order = "{theirs}"\n    return charge(order, key_of_order)\n'
    text = f'TOKEN = "{mine}"\n\n\ndef pay_order(order, key_of_order):\n    charge(order, key_of_order)\n    again = '
    (house.workspace / "other.py").write_text(other)
    async with house.serve() as client:
        client.open(house.uri("other.py"), other)
        client.open(house.uri("main.py"), text)
        for _ in range(2):
            (item,) = await client.inline_completion(house.uri("main.py"), 5, 12)
        await indexed(house, b"charge")
    assert item["insertText"] == f'"{mine}"'
    wire = sent(server)
    assert "REDACTED_1_GITHUB_TOKEN" in wire
    for secret in (mine, theirs):
        assert secret not in wire
        kept = {
            path: content
            for path, content in on_disk(house, "state", "cache", "log").items()
            if "index" not in str(path)
        }
        assert kept
        assert not [str(path) for path, content in kept.items() if secret.encode() in content]


async def test_a_loopback_backend_may_be_told_by_setting(house: House, server: ModelServer) -> None:
    mine = TOKENS["GitHub personal token"](Draw("loopback"))
    server.script = says("openai", f'"{mine}"')
    configure(house, server, "warning", "[redaction]\nloopback = false\n")
    async with house.serve() as client:
        client.open(house.uri("main.py"), f'TOKEN = "{mine}"\nagain = ')
        await client.inline_completion(house.uri("main.py"), 1, 8)
    assert mine in sent(server)
    kept = {path: content for path, content in on_disk(house, "state", "cache").items() if "index" not in str(path)}
    assert not [str(path) for path, content in kept.items() if mine.encode() in content]
