"""What a checker may see of the environment and reach of the network.

Keys do not reach it: variables are left out whose names say that they hold one, or whose values look like one. On Linux
where user namespaces are allowed it runs without any network, in a process namespace that ends as a whole, and with
the workspace mounted read-only. Elsewhere it is asked to stay off the network, with proxies that nobody answers at;
`network()` says which. Called by `command` and by `doctor`.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Literal

from copilot_ls.prompt.redaction import SecretFinder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

Network = Literal["cut off", "asked to stay off"]

# As in `config.problems` and `prompt.redaction.assignments`, and the sockets of agents that hold keys for others.
_TELLING = re.compile(
    r"key|token|secret|passw|passphrase|pwd$|_pass$|auth|credential|cookie|session|private|signature|salt|"
    r"^ssh_|^gpg_|^dbus_|_dsn$|database_url|connection_string|webhook",
    re.IGNORECASE,
)
_NEEDED = frozenset({"PATH", "HOME", "PWD", "PYTHONPATH", "NODE_PATH", "VIRTUAL_ENV", "SYSTEMROOT", "TMPDIR"})
_USER_IN_ADDRESS = re.compile(r"://[^/\s]*@")
_NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once

_OFFLINE = {
    "http_proxy": _NOBODY,
    "https_proxy": _NOBODY,
    "HTTP_PROXY": _NOBODY,
    "HTTPS_PROXY": _NOBODY,
    "ALL_PROXY": _NOBODY,
    "NO_PROXY": "",
    "no_proxy": "",
    "CARGO_NET_OFFLINE": "true",
    "GOPROXY": "off",
    "GOTOOLCHAIN": "local",
    "GOTELEMETRY": "off",
    "PIP_NO_INDEX": "1",
    "npm_config_offline": "true",
    "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
}
_PLAIN = {
    # Messages in English, in an encoding that can say them, without colours.
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "TERM": "dumb",
    "CI": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}

_UNSHARE = ("--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child")
# The only shell there is, with a constant text. Where the workspace cannot be mounted read-only, the shadow still keeps
# what checkers write by themselves out of it. The folder is entered anew: as it was, it leads past the mount.
_READ_ONLY = (
    'mount --bind "$1" "$1" 2>/dev/null && mount -o remount,bind,ro "$1" 2>/dev/null; '
    'cd "$PWD" || exit; shift; exec "$@"'
)
_PROBE_WITHIN_S = 5.0


def environment(own: Mapping[str, str], *, more: Mapping[str, str], secret_names: Iterable[str] = ()) -> dict[str, str]:
    """The environment of a checker: `own` without keys, with what keeps it plain and offline, and `more`."""
    secret = {name.upper() for name in secret_names}
    finder = SecretFinder()
    kept = {
        name: value
        for name, value in own.items()
        if name.upper() not in secret
        and (name in _NEEDED or not (_TELLING.search(name) or _USER_IN_ADDRESS.search(value) or finder.find(value)))
    }
    return kept | _PLAIN | _OFFLINE | dict(more)


async def confined(command: Sequence[str], *, read_only: Path | None) -> list[str]:
    """The command as it is to be run so that it has no network, and cannot write to `read_only`, where that can be."""
    if await asyncio.to_thread(network) != "cut off":
        return list(command)
    unshare = shutil.which("unshare") or "unshare"
    if read_only is None:
        return [unshare, *_UNSHARE, "--", *command]
    return [unshare, *_UNSHARE, "--", "/bin/sh", "-c", _READ_ONLY, "sh", str(read_only), *command]


@cache
def network() -> Network:
    """Whether checkers can be cut off from the network here. Tried once, which takes some milliseconds."""
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    if unshare is None:
        return "asked to stay off"
    try:
        tried = subprocess.run(  # noqa: S603 - a constant command
            [unshare, *_UNSHARE, "--", "/bin/sh", "-c", ":"],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_WITHIN_S,
            env={"PATH": os.environ.get("PATH", os.defpath)},
        )
    except (OSError, subprocess.SubprocessError):
        return "asked to stay off"
    return "cut off" if tried.returncode == 0 else "asked to stay off"
