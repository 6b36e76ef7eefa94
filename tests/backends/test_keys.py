"""Keys come from the environment, a command or a keyring, are kept in memory for a while, and stand in no message."""

from __future__ import annotations

import asyncio
import sys
import types
from pathlib import Path

import pytest

from copilot_ls.backends._keys import KeySource
from copilot_ls.backends.registry import create
from copilot_ls.config.settings import BackendSettings
from copilot_ls.errors import BackendRefusedError
from tests.backends.model_server import gather, says, settings_for, text_of

KEY = "k-0123-456789"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def command(tmp_path: Path, body: str) -> tuple[str, ...]:
    """A command that notes each run, and then does `body`."""
    script = tmp_path / "give.py"
    script.write_text(f"import sys, time\nopen({str(tmp_path / 'runs')!r}, 'a').write('x')\n{body}\n")
    return (sys.executable, str(script))


def n_runs(tmp_path: Path) -> int:
    runs = tmp_path / "runs"
    return len(runs.read_text()) if runs.exists() else 0


def source(
    clock: Clock | None = None, environment: dict[str, str] | None = None, within_s: float = 20, **settings
) -> KeySource:
    options = BackendSettings(kind="openai", **settings)
    return KeySource("it", options, environment=environment or {}, now=clock or Clock(), within_s=within_s)


async def failure(found: KeySource) -> str:
    with pytest.raises(BackendRefusedError) as caught:
        await found.key()
    assert caught.value.fault == "no_key"
    assert KEY not in str(caught.value)
    return str(caught.value)


async def test_no_key_is_asked_for_where_none_is_named() -> None:
    assert await source().key() is None
    assert await source().state() == ""


async def test_the_environment_is_read_each_time() -> None:
    environment = {"SOME_KEY": f" {KEY}\n"}
    found = source(environment=environment, api_key_env="SOME_KEY")
    assert await found.key() == KEY
    environment["SOME_KEY"] = "other"
    assert await found.key() == "other"
    del environment["SOME_KEY"]
    assert "SOME_KEY" in await failure(found)


async def test_a_command_gives_the_first_line_for_a_while(tmp_path: Path) -> None:
    clock = Clock()
    found = source(clock, api_key_command=command(tmp_path, f"print({KEY!r}); print('more')"))
    assert [await found.key(), await found.key()] == [KEY, KEY]
    assert n_runs(tmp_path) == 1
    clock.now += 3600
    assert await found.key() == KEY
    found.refused()
    assert await found.key() == KEY
    assert n_runs(tmp_path) == 3


async def test_the_environment_comes_first(tmp_path: Path) -> None:
    found = source(environment={"K": "mine"}, api_key_env="K", api_key_command=command(tmp_path, f"print({KEY!r})"))
    assert await found.key() == "mine"
    assert n_runs(tmp_path) == 0


async def test_several_requests_ask_once_and_one_that_is_given_up_does_not_stop_it(tmp_path: Path) -> None:
    found = source(api_key_command=command(tmp_path, f"time.sleep(0.1); print({KEY!r})"))
    given_up = asyncio.create_task(found.key())
    others = [asyncio.create_task(found.key()) for _ in range(3)]
    while not n_runs(tmp_path):
        await asyncio.sleep(0.01)
    given_up.cancel()
    assert await asyncio.gather(*others) == [KEY] * 3
    assert n_runs(tmp_path) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"print({KEY!r}); sys.exit(3)", "ended with status 3"),
        ("pass", "printed no key"),
        ("print()", "printed no key"),
        ("print('x' * 1_000_000)", "printed no key"),
        (f"sys.stderr.write({KEY!r}); sys.exit(1)", "ended with status 1"),
    ],
)
async def test_a_command_that_fails_is_named_and_not_asked_again_at_once(tmp_path: Path, body: str, said: str) -> None:
    clock = Clock()
    found = source(clock, api_key_command=command(tmp_path, body))
    message = await failure(found)
    assert said in message
    assert "backend.it.api_key_command" in message
    await failure(found)
    assert n_runs(tmp_path) == 1
    clock.now += 60
    await failure(found)
    assert n_runs(tmp_path) == 2


async def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    body = f"import subprocess; child = subprocess.Popen(['sleep', '60']); open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid)); time.sleep(60)"
    found = source(within_s=1.5, api_key_command=command(tmp_path, body))
    assert "did not end within" in await failure(found)
    child = Path("/proc") / (tmp_path / "child").read_text()
    async with asyncio.timeout(5):
        while child.exists() and "Z" not in (child / "stat").read_text().split(")")[-1].split()[0]:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("words", [("no-such-program-anywhere",), ("echo hello",), ("\0",), ("/",)])
async def test_a_command_that_is_none_is_named(words: tuple[str, ...]) -> None:
    assert "cannot be run" in await failure(source(api_key_command=words))


async def test_no_shell_reads_a_command(tmp_path: Path) -> None:
    script = tmp_path / "show.py"
    script.write_text("import sys; print(sys.argv[1])")
    assert await source(api_key_command=(sys.executable, str(script), "$HOME;`id`")).key() == "$HOME;`id`"


def keyring(monkeypatch: pytest.MonkeyPatch, get_password) -> None:
    module = types.ModuleType("keyring")
    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)


async def test_a_keyring_gives_the_key_of_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {("api", "me"): KEY, ("api", "it"): "of the backend"}
    keyring(monkeypatch, lambda service, user: entries.get((service, user)))
    assert await source(api_key_keyring="api/me").key() == KEY
    assert await source(api_key_keyring="api").key() == "of the backend"
    assert "`keyring set api you` adds it" in await failure(source(api_key_keyring="api/you"))


async def test_a_machine_without_a_keyring_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoKeyringError(RuntimeError):
        """As the package's own."""

    def fail(*_: str) -> str:
        raise NoKeyringError(KEY)

    keyring(monkeypatch, fail)
    message = await failure(source(api_key_keyring="api"))
    assert "there is no keyring on this machine; use api_key_env or api_key_command" in message
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install 'copilot-ls[keyring]'" in await failure(source(api_key_keyring="api"))


async def test_the_keyring_is_asked_where_the_command_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring(monkeypatch, lambda *_: KEY)
    found = source(api_key_command=command(tmp_path, "sys.exit(1)"), api_key_keyring="api")
    assert await found.key() == KEY
    assert await found.state() == "given by the keyring"


async def test_the_state_is_told_without_the_key(tmp_path: Path) -> None:
    found = source(api_key_command=command(tmp_path, f"print({KEY!r})"))
    assert await found.state() == "given by the command"
    assert await source(environment={"K": KEY}, api_key_env="K").state() == "K is set"
    assert await source(api_key_env="K").state() == "K is NOT set"
    assert KEY not in await source(api_key_command=("false",)).state()


async def test_a_request_carries_it_and_a_refused_one_is_asked_for_anew(server, opened, tmp_path: Path) -> None:
    async def script(connection, asked) -> None:
        if n_runs(tmp_path) < 2:
            await connection.whole(401, f'{{"error": "bad key {KEY}"}}'.encode())
        else:
            await says("openai", "x")(connection, asked)

    server.script = script
    words = command(tmp_path, f"print({KEY!r})")
    backend = opened(create("it", settings_for("openai", server.url, api_key_command=words)))
    with pytest.raises(BackendRefusedError, match=r"does not accept the key in the answer of the command") as caught:
        await gather(backend)
    assert KEY not in str(caught.value)
    assert text_of(await gather(backend)) == "x"
    assert server.asked[-1].headers["authorization"] == f"Bearer {KEY}"
