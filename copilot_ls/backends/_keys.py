"""A backend's key: from the environment, a command of the user's, or the system's keyring; kept in memory only.

The environment is read afresh each time. A command is run without a shell, by its list of arguments, and never waited
for by the event loop; what it prints first is the key, for a while or until the server refuses it. A keyring is asked
in a thread, and its package imported only then. None of them is asked before the first request, and no message holds
more than names. Called by `_http`; `doctor` says where a key would come from and whether it is there.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from copilot_ls.errors import BackendRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_ls.config.settings import BackendSettings

# Commands that give keys which expire do so for an hour mostly; a password manager may ask its user each time.
_KEPT_S = 600.0
# After a failure nobody is asked again for a moment: a password manager may show a window each time.
_NOT_AGAIN_S = 20.0
_COMMAND_WITHIN_S = 30.0
_LONGEST = 16 << 10


class KeySource:
    """Where the key of one backend comes from. Not tied to an event loop until its first request."""

    def __init__(
        self,
        name: str,
        settings: BackendSettings,
        *,
        environment: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.monotonic,
        within_s: float = _COMMAND_WITHIN_S,
    ) -> None:
        self.name = name
        self._settings = settings
        self._environment = os.environ if environment is None else environment
        self._now = now
        self._within_s = within_s
        self._key: str | None = None
        self._gave = ""
        self._failure: BackendRefusedError | None = None
        self._until = 0.0
        self._asking: asyncio.Task[None] | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether the settings name any place for a key."""
        settings = self._settings
        return bool(settings.api_key_env or settings.api_key_command or settings.api_key_keyring)

    @property
    def where(self) -> str:
        """The place that is named, in words that can follow "the key in"; empty without one."""
        settings, setting = self._settings, f"backend.{self.name}"
        places = []
        if settings.api_key_env:
            places.append(f"the environment variable {settings.api_key_env} ({setting}.api_key_env)")
        if settings.api_key_command:
            places.append(f"the answer of the command {settings.api_key_command[0]} ({setting}.api_key_command)")
        if settings.api_key_keyring:
            places.append(f"the keyring's entry {settings.api_key_keyring} ({setting}.api_key_keyring)")
        return " or ".join(places)

    @property
    def known(self) -> str | None:
        """The key as far as it is known without asking anybody."""
        variable = self._settings.api_key_env
        from_environment = self._environment.get(variable, "").strip() if variable else ""
        return from_environment or self._key

    async def key(self) -> str | None:
        """The key; None when none is named. Raises `BackendRefusedError` when one is named and cannot be had."""
        if not self.is_wanted:
            return None
        if self._key is not None and self._now() >= self._until:
            self._key = None
        if (known := self.known) is not None:
            return known
        settings = self._settings
        if not settings.api_key_command and not settings.api_key_keyring:
            raise self._without(f"{self.where} holds no key; set it in the editor's environment")
        if self._failure is not None and self._now() < self._until:
            raise self._failure
        # A request that is given up does not stop the asking: the next one finds the answer.
        if self._asking is None or self._asking.done() or self._asking.get_loop() is not asyncio.get_running_loop():
            self._asking = asyncio.create_task(self._ask())
        await asyncio.shield(self._asking)
        if self._key is None:
            raise self._failure or self._without("no key was given")
        return self._key

    async def state(self) -> str:
        """Where the key comes from and whether it is there, for `doctor`; empty where none is named. Never the key."""
        variable = self._settings.api_key_env
        try:
            key = await self.key()
        except BackendRefusedError as error:
            if self.where.startswith("the environment") and " or " not in self.where:
                return f"{variable} is NOT set"
            return f"none: {str(error).removeprefix(f'backend {self.name}: ')}"
        if key is None:
            return ""
        if variable and self._environment.get(variable, "").strip():
            return f"{variable} is set"
        return f"given by {self._gave}"

    def refused(self) -> None:
        """The server does not accept the key: one from a command or a keyring may have expired."""
        self._key = None

    async def _ask(self) -> None:
        """Ask the command, then the keyring; the key or the failure is kept."""
        self._failure = None
        for named, who, ask in (
            (self._settings.api_key_command, "the command", self._ask_command),
            (self._settings.api_key_keyring, "the keyring", self._ask_keyring),
        ):
            if named:
                try:
                    self._key = await ask()
                except BackendRefusedError as error:
                    self._failure = error
                else:
                    self._failure, self._gave = None, who
                    self._until = self._now() + _KEPT_S
                    return
        self._until = self._now() + _NOT_AGAIN_S

    async def _ask_command(self) -> str:
        command = self._settings.api_key_command
        who = f"the command {command[0]} (backend.{self.name}.api_key_command)"
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise self._without(
                f"{who} cannot be run ({reason}); its first word is a program, not a shell's line"
            ) from None
        try:
            async with asyncio.timeout(self._within_s):
                said = await _first_line(process)
                status = await process.wait()
        except TimeoutError:
            raise self._without(f"{who} did not end within {self._within_s:.0f} s") from None
        finally:
            await _end(process)
        if status != 0:
            raise self._without(f"{who} ended with status {status}; run it in a terminal to see why")
        if not said:
            raise self._without(f"{who} printed no key; its first line is taken for it")
        return said

    async def _ask_keyring(self) -> str:
        entry = self._settings.api_key_keyring or ""
        who = f"the keyring's entry {entry} (backend.{self.name}.api_key_keyring)"
        service, _, user = entry.partition("/")
        try:
            async with asyncio.timeout(self._within_s):
                key = await asyncio.to_thread(_from_keyring, service, user or self.name)
        except ImportError:
            raise self._without(f"{who} needs the package keyring: pip install 'copilot-ls[keyring]'") from None
        except TimeoutError:
            raise self._without(f"{who} was not given within {self._within_s:.0f} s; is the keyring locked?") from None
        except Exception as error:  # noqa: BLE001 - keyrings are other packages', and raise what they like
            kind = type(error).__name__
            what = "there is no keyring on this machine" if kind == "NoKeyringError" else f"the keyring failed ({kind})"
            raise self._without(f"{who} cannot be had: {what}; use api_key_env or api_key_command") from None
        if not key:
            command = f"keyring set {service} {user or self.name}"
            raise self._without(f"{who} is not there; `{command}` adds it")
        return key

    def _without(self, what: str) -> BackendRefusedError:
        return BackendRefusedError(f"backend {self.name}: {what}", backend=self.name, fault="no_key")


async def _first_line(process: asyncio.subprocess.Process) -> str:
    """The first line that is printed; empty when it is far too long. Reads to the end, or the command might wait."""
    stdout = process.stdout
    assert stdout is not None  # noqa: S101 - asked for above
    said = b""
    while piece := await stdout.read(_LONGEST):
        said = (said + piece)[: _LONGEST + 1]
    line = said.partition(b"\n")[0]
    return line.decode("utf-8", "replace").strip() if len(line) <= _LONGEST else ""


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a command that has not, with whatever it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                import signal

                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await process.communicate()  # to its end, or the pipe stays open


def _from_keyring(service: str, user: str) -> str | None:
    import keyring

    found = keyring.get_password(service, user)
    return found.strip() if isinstance(found, str) else None
