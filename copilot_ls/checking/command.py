"""A checker as the fix loop sees it: finds a place for the draft, runs the tool there, reads what it printed.

Whatever goes wrong is the answer's `problem`, in one sentence that names the command: features never see an error of a
checker. Called through `registry`.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.checking.base import Checked
from copilot_ls.checking.reading import UnreadableOutputError
from copilot_ls.checking.runner import run
from copilot_ls.checking.sandbox import confined, environment
from copilot_ls.checking.shadow import encoded, root_of, scratch_folder, shadow_of
from copilot_ls.checking.tool import Site
from copilot_ls.config.paths import state_dir
from copilot_ls.text import TextSnapshot

if TYPE_CHECKING:
    from copilot_ls.checking.base import Draft
    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Tool

_NOT_A_REPORT = (UnreadableOutputError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
_MAX_DIAGNOSTICS = 1000
_MAX_SAID = 160


@dataclass(frozen=True, slots=True)
class CommandChecker:
    """One tool at one place on this machine. `secret_names` are variables hidden from it, beside the telling ones."""

    tool: Tool
    executable: str
    secret_names: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """As settings and verdicts call it."""
        return self.tool.name

    def applies_to(self, language_id: str) -> bool:
        """Whether it checks files of this language; a tool without languages checks all."""
        return not self.tool.languages or language_id in self.tool.languages

    async def check(self, draft: Draft, *, timeout_s: float) -> Checked:
        """Check a draft. Never raises: what goes wrong is the answer's `problem`; cancelling ends the process."""
        began = time.monotonic()
        with ExitStack() as stack:
            try:
                scratch = await asyncio.to_thread(stack.enter_context, scratch_folder())
                site = await asyncio.to_thread(self._site, draft, scratch)
                command = list(self.tool.command(site))
            except (OSError, ValueError) as error:
                reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
                return self._failed(f"the draft cannot be laid out for it under {state_dir()}: {reason}", began)
            ran = await self._run(command, site, timeout_s)
            return self._answer(ran, site, began)

    async def _run(self, command: list[str], site: Site, timeout_s: float) -> Ran:
        real_root = root_of(site.draft)
        # A state folder within the workspace has to stay writable.
        read_only = None if site.scratch.is_relative_to(real_root) else real_root
        return await run(
            await confined(command, read_only=read_only),
            folder=site.folder,
            environment=environment(os.environ, more=self.tool.environment(site), secret_names=self.secret_names),
            stdin=encoded(site.draft.text) if self.tool.delivery == "stdin" else None,
            timeout_s=timeout_s,
        )

    def _site(self, draft: Draft, scratch: Path) -> Site:
        text = TextSnapshot.of(draft.text)
        root = path = folder = Path()
        if self.tool.delivery == "shadow":
            shadow = shadow_of(draft, scratch)
            root, path, folder = shadow.root, shadow.path, shadow.root
        else:
            root, path = root_of(draft), draft.path
            folder = root
            if self.tool.delivery == "beside":
                path = scratch / draft.path.name
                path.write_bytes(encoded(draft.text))
        return Site(self.executable, draft, text, path, root, folder, scratch)

    def _answer(self, ran: Ran, site: Site, began: float) -> Checked:
        if ran.problem:
            return self._failed(ran.problem, began)
        if ran.status not in self.tool.statuses:
            return self._failed(f"ended with status {ran.status}{_said(ran)}", began)
        try:
            found = self.tool.read(ran, site)
        except UnreadableOutputError as error:
            return self._failed(f"{error}{_said(ran)}", began)
        except _NOT_A_REPORT:
            return self._failed(f"printed what is not its report{_said(ran)}", began)
        found.sort(key=lambda each: each.span)
        return Checked(self.name, tuple(found[:_MAX_DIAGNOSTICS]), took_ms=_since(began))

    def _failed(self, what: str, began: float) -> Checked:
        return Checked(self.name, (), f"{self.executable} {what}", _since(began))


def _said(ran: Ran) -> str:
    """What the command itself says is wrong, cut; it is for the user, and neither for a log nor for an event."""
    text = ran.stderr.decode("utf-8", "replace").strip() or ran.stdout.decode("utf-8", "replace").strip()
    last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
    shown = "".join(sign if sign.isprintable() else " " for sign in last[:_MAX_SAID])
    return f": {shown}" if shown else ""


def _since(began: float) -> float:
    return (time.monotonic() - began) * 1000
