"""What `doctor` says of checkers: which a workspace uses, where they are, whether they may run, and how they are held.

Starts none of them. Called by `doctor` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from copilot_ls.config.settings import Settings

Row = tuple[str, Literal["ok", "note", "bad"], str]


def checker_rows(workspace: Path, settings: Settings) -> Iterator[Row]:
    """Name, state and a sentence for each checker that is named or configured, each unknown name, and trust."""
    from copilot_ls.checking.registry import TOOLS, found_in, unknown
    from copilot_ls.checking.sandbox import network
    from copilot_ls.config.trust import TrustStore

    trusted = TrustStore().trusts_folder(workspace)
    for name in unknown(settings.fix.checkers):
        known = ", ".join(tool.name for tool in TOOLS)
        yield name, "bad", f"fix.checkers names {name!r}, which is none; there are {known}"
    found = found_in(workspace, settings, trusted=trusted)
    for each in found:
        if each.executable is not None:
            yield each.tool.name, "ok", f"{each.executable}, {each.why}"
        else:
            missing = " and ".join(each.tool.executables)
            yield (
                each.tool.name,
                "note",
                f"{each.why}, but there is no {missing} on PATH; fixes are not checked with it",
            )
    if not found:
        yield "none", "note", f"{workspace} is configured for none that is known, and fix.checkers names none"
    elif not trusted:
        yield "trust", "note", f"they do not run: {workspace} is not trusted; `copilot-ls trust` changes that"
    else:
        held = "without any network, the workspace mounted read-only where the system allows it"
        asked = "asked to stay off the network: this system does not let it be cut off"
        yield "network", "ok", f"checkers run {held if network() == 'cut off' else asked}"
