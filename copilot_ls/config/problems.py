"""What can be wrong with settings, in words: each names the key, the value, what is allowed, and what is used instead.

Values that may be secrets are not repeated: these sentences go to logs and into bug reports.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.config.settings import RouteStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SECRET = re.compile(r"key|token|secret|passw|auth|credential|cookie|header", re.IGNORECASE)
# Names that only look like one.
_NOT_SECRET = frozenset({"api_key_env", "api_key_keyring", "max_tokens", "budget_tokens"})
_USER_IN_ADDRESS = re.compile(r"//[^/\s]*@")
_MAX_VALUE = 60
_MAX_MESSAGE = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the settings. `key` is dotted, or empty where a whole file is meant."""

    key: str
    message: str

    def __str__(self) -> str:
        # Names of keys come from other people's files: no control character reaches a terminal or a log.
        text = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in self.message[:_MAX_MESSAGE])
        return text if len(self.message) <= _MAX_MESSAGE else text + " ..."


def bad_value(key: str, value: object, expected: str, used: object, origin: str) -> Problem:
    """A value that the key does not allow."""
    instead = "it is left out" if used is dataclasses.MISSING else f"{shown(key, used)} is used"
    return Problem(key, f"{key} = {shown(key, value)}: expected {expected}; {instead} ({origin})")


def unknown_key(key: str, value: object, known: Sequence[str], origin: str) -> Problem:
    """A key that there is not."""
    if key.rpartition(".")[2].lower().replace("_", "").replace("-", "") == "apikey":
        advice = "put the key into an environment variable and its name into api_key_env"
        return Problem(key, f"{key}: keys do not belong in settings; {advice} ({origin})")
    from difflib import get_close_matches

    # Last parts are compared: what all keys of a section share makes none of them nearer.
    names = {each.rpartition(".")[2]: each for each in known}
    near = get_close_matches(key.rpartition(".")[2][:_MAX_VALUE], names, n=1, cutoff=0.6)
    advice = f"did you mean {names[near[0]]}?" if near else "known: " + ", ".join(names)
    return Problem(key, f"{key} = {shown(key, value)}: there is no such setting, it is ignored; {advice} ({origin})")


def not_a_table(key: str, value: object, origin: str) -> Problem:
    """A section that is no section."""
    return Problem(key, f"{key} = {shown(key, value)}: expected a table; it is ignored ({origin})")


def unusable_file(message: str) -> Problem:
    """A file that cannot be read or parsed."""
    return Problem("", f"{message}; nothing in it applies")


def missing_kind(name: str, origins: Mapping[str, str]) -> Problem:
    """A backend that does not say what it is."""
    origin = next((origin for key, origin in origins.items() if key.startswith(f"backend.{name}.")), "")
    key = f"backend.{name}.kind"
    message = f'{key} is missing: expected "openai", "llama_cpp", "ollama" or the kind of an installed package; '
    return Problem(key, message + "the backend is left out" + (f" ({origin})" if origin else ""))


def unknown_backend(route: str, name: str, known: Iterable[str], origin: str) -> Problem:
    """A route that leads nowhere."""
    among = ", ".join(known)
    message = f"{route} names backend {shown('', name)}, which is not configured; known: {among}; "
    return Problem(route, f"{message}the step is left out. Add [backend.{name[:_MAX_VALUE]}] ({origin})")


def needs_trust(keys: Sequence[str], path: str) -> Problem:
    """Keys of a project file that wait for the user's word."""
    folder = Path(path).parent
    message = f"{path} sets {', '.join(keys)}, which a workspace may do only when you trust it"
    return Problem(keys[0], f"{message}; look at the file, then run `copilot-ls trust {folder}`")


def only_users(key: str, origin: str) -> Problem:
    """A key that counts in the user's own file alone; editors may take what they pass on from a workspace."""
    from copilot_ls.config.paths import config_dir

    file = config_dir() / "config.toml"
    return Problem(key, f"{key} is ignored here: it counts only in your own file, {file} ({origin})")


def more(count: int) -> Problem:
    """Nobody reads a hundred of these."""
    return Problem("", f"{count} more problems; `copilot-ls settings` starts with the first ones")


def is_secret(key: str) -> bool:
    """Whether the value of a dotted key may be a secret: anything in a header, or named like one."""
    name = key.rpartition(".")[2]
    return ".headers." in key or (name not in _NOT_SECRET and _SECRET.search(name) is not None)


def shown(key: str, value: object) -> str:
    """Return `value` short and in one line, or a stand-in where it may be a secret."""
    if is_secret(key) and value and not isinstance(value, bool | int | float):
        return "(hidden)"
    import reprlib

    short = reprlib.Repr()
    short.maxstring = short.maxother = _MAX_VALUE
    short.maxlevel = 3
    text = short.repr(value)
    if isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "unset"}[value]
    elif isinstance(value, str):
        text = '"' + text[1:-1].replace('"', '\\"') + '"'
    elif isinstance(value, tuple | list) and all(isinstance(each, str | RouteStep) for each in value):
        text = "[" + ", ".join(shown(key, each) for each in value[:6]) + ("]" if len(value) <= 6 else ", ...]")  # noqa: PLR2004 - enough to recognise it
    elif dataclasses.is_dataclass(value):
        given = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        text = ", ".join(f"{name} = {shown(name, inner)}" for name, inner in given.items() if inner is not None)
    return _USER_IN_ADDRESS.sub("//(hidden)@", text)
