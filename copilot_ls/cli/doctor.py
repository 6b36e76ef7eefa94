"""Look whether everything that copilot-ls needs is there and works, and say what to do about what is not.

Checks versions, folders, settings and where each comes from, whether statistics can be recorded, the index of the
folder, its checkers (none is started), every backend (reachable? does filling in the middle work? how fast?), which
faults there were lately, the log and every grammar. Contacts only the backends that the settings name. Exit status 1
when something that is configured does not work. The report holds no key, no source text and no home folder: it can go
into a bug report.
"""

from __future__ import annotations

import asyncio
import json
import platform
import stat
import sys
from dataclasses import asdict, dataclass, fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from copilot_ls import __version__
from copilot_ls.cli.folders import fault_of
from copilot_ls.config.settings import TASKS
from copilot_ls.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping

    from copilot_ls.config.settings import BackendSettings, Settings

SUMMARY = "check backends, grammars, folders and settings"

Status = Literal["ok", "note", "bad"]

_PACKAGES = ("pygls", "lsprotocol", "tree-sitter", "httpx2", "pydantic", "diskcache", "pathspec", "platformdirs")
_BACKEND_WITHIN_S = 60.0
_SIGNS = {"ok": "ok ", "note": "-  ", "bad": "BAD"}
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    section: str
    name: str
    status: Status
    text: str
    details: Mapping[str, str] | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.add_argument(
        "--route",
        nargs="?",
        const="all",
        choices=("all", *TASKS),
        help="only show who would be asked for a task, in order, and why somebody would not; contacts nobody",
    )
    parser.add_argument(
        "--workspace", type=Path, default=Path(), metavar="DIR", help="whose project settings count (default: here)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Check everything and print the report; returns 1 when something configured does not work."""
    if arguments.route is not None:
        return _print_routes(arguments)
    findings = asyncio.run(examine(arguments.workspace))
    broken = any(finding.status == "bad" for finding in findings)
    if arguments.json:
        listed = [asdict(finding) for finding in findings]
        print(json.dumps({"version": __version__, "healthy": not broken, "findings": listed}, indent=2))
    else:
        print(report(findings))
    return 1 if broken else 0


def _print_routes(arguments: argparse.Namespace) -> int:
    """Print the routes; returns 1 when a task has backends and none of them would be asked."""
    from copilot_ls.cli.route_report import routes, text_of

    settings, _ = _settings(arguments.workspace)
    if settings is None:
        print("copilot-ls doctor: the settings cannot be read; `copilot-ls settings` says why", file=sys.stderr)
        return 1
    found = routes(settings, TASKS if arguments.route == "all" else [arguments.route])
    print(json.dumps(found, indent=2) if arguments.json else text_of(found))
    return 1 if any(rows and not any(row["asked"] for row in rows) for rows in found.values()) else 0


async def examine(workspace: Path) -> list[Finding]:
    """Every finding, in the order of the report. Never raises for what is wrong: that is what it reports."""
    findings = [*_versions(), *_safely("folders", _folders)]
    settings, about_settings = _settings(workspace)
    findings += about_settings
    findings += _safely("statistics", lambda: _statistics(settings))
    findings += _safely("index", lambda: _index(workspace, settings))
    findings += _safely("checkers", lambda: _checkers(workspace, settings))
    findings += await _backends(settings)
    findings += _safely("lately", lambda: _lately(settings))
    findings += _safely("grammars", _grammars)
    return [_without_home(finding) for finding in findings]


def report(findings: list[Finding]) -> str:
    """The findings as a table with a heading for each section."""
    width = max(len(finding.name) for finding in findings)
    lines: list[str] = []
    section = ""
    for finding in findings:
        if finding.section != section:
            section = finding.section
            lines += ["", section.capitalize()] if lines else [section.capitalize()]
        lines.append(f"  {_SIGNS[finding.status]} {finding.name:<{width}}  {finding.text}".rstrip())
        lines += [f"      {'':<{width}}  {key}: {value}" for key, value in (finding.details or {}).items()]
    n_bad = sum(finding.status == "bad" for finding in findings)
    lines += ["", "Everything that is configured works." if not n_bad else f"Does not work: {n_bad}, marked BAD above."]
    return "\n".join(lines)


def _safely(section: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """What `look` finds; if it fails, that is the finding."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except Exception as error:  # noqa: BLE001 - a broken installation may raise anything, and is to be reported
        found.append(Finding(section, section, "bad", f"cannot be examined: {type(error).__name__}: {error}"))
    return found


def _versions() -> Iterator[Finding]:
    yield Finding("versions", "copilot-ls", "ok", __version__)
    yield Finding("versions", "python", "ok", f"{platform.python_version()} on {platform.platform(terse=True)}")
    for package in _PACKAGES:
        try:
            yield Finding("versions", package, "ok", version(package))
        except PackageNotFoundError:
            yield Finding("versions", package, "bad", "is not installed; install copilot-ls again")


def _folders() -> Iterator[Finding]:
    from copilot_ls.config import paths

    for name, folder in (("config", paths.config_dir()), ("state", paths.state_dir()), ("cache", paths.cache_dir())):
        yield _folder(name, folder)


def _folder(name: str, folder: Path) -> Finding:
    fault = fault_of(folder)
    if fault is not None:
        status: Status = "note" if name == "config" else "bad"
        return Finding("folders", name, status, f"{fault}; set COPILOT_LS_{name.upper()}_DIR to another folder")
    if not folder.exists():
        return Finding("folders", name, "ok", f"{folder} (not made yet)")
    if sys.platform != "win32" and folder.stat().st_mode & _OTHERS and name != "config":
        return Finding("folders", name, "note", f"{folder} is open to others of this machine; chmod 700 closes it")
    return Finding("folders", name, "ok", str(folder))


def _statistics(settings: Settings | None) -> Iterator[Finding]:
    """Whether statistics can be recorded. A database that is not there yet is no finding."""
    from copilot_ls_telemetry.store import obstacle, set_aside_files

    from copilot_ls.config.paths import state_dir

    path = state_dir() / "telemetry.db"
    problem = obstacle(path)
    if settings is not None and not settings.telemetry.enable:
        yield Finding("statistics", "record", "note", "off (telemetry.enable = false)")
    elif problem is not None:
        yield Finding("statistics", "record", "bad", f"nothing is recorded: {problem}")
    else:
        yield Finding("statistics", "record", "ok", f"{path}{'' if path.exists() else ' (not made yet)'}")
    for aside in set_aside_files(path):
        text = f"{aside} was damaged and kept; `copilot-ls telemetry delete` removes it, with all other statistics"
        yield Finding("statistics", "set aside", "note", text)


def _settings(workspace: Path) -> tuple[Settings | None, list[Finding]]:
    try:
        from copilot_ls.config import paths
        from copilot_ls.config.load import load

        user_file = paths.config_dir() / "config.toml"
        loaded = load(user_file=user_file, workspace_roots=[workspace.absolute()], editor=None)
    except Exception as error:  # noqa: BLE001 - see `_safely`
        return None, [Finding("settings", "settings", "bad", f"cannot be read: {type(error).__name__}: {error}")]
    where = str(user_file) if user_file.is_file() else f"{user_file} (there is none: defaults)"
    found = [Finding("settings", "user file", "ok", where)]
    found += [Finding("settings", "problem", "bad", str(problem)) for problem in loaded.problems]
    found += [
        Finding("settings", key, "ok", f"{value}  ({origin})")
        for key, value in _leaves("", loaded.settings)
        if (origin := _origin(key, loaded.origins)) != "default"
    ]
    if len(found) == 1:
        found.append(Finding("settings", "values", "ok", "all are defaults"))
    return loaded.settings, found


def _origin(key: str, origins: Mapping[str, str]) -> str:
    """Where a setting comes from; one within a table may have its table's origin."""
    while key:
        if key in origins:
            return origins[key]
        key = key.rpartition(".")[0]
    return "default"


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Every setting as its dotted name and its value in text; secrets are hidden."""
    if is_dataclass(value) and not isinstance(value, type):
        for entry in fields(value):
            yield from _leaves(f"{path}.{entry.name}" if path else entry.name, getattr(value, entry.name))
    elif hasattr(value, "items"):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}", inner)
    else:
        yield path, _shown(path, value)


def _shown(path: str, value: object) -> str:
    name = path.rpartition(".")[2]
    if ".headers." in path or ".options." in path or any(word in name for word in ("token", "secret", "password")):
        # Numbers are limits and the like; a text may be a key.
        return "(hidden)" if isinstance(value, str) else repr(value)
    if name in {"proxy", "url"} and isinstance(value, str) and "@" in value:
        scheme, _, rest = value.rpartition("://")
        return f"{scheme}://(hidden)@{rest.rpartition('@')[2]}"
    if isinstance(value, tuple):
        return ", ".join(str(getattr(entry, "backend", entry)) for entry in value) or "none"
    return repr(value)


def _index(workspace: Path, settings: Settings | None) -> Iterator[Finding]:
    from copilot_ls.cli.index_report import index_rows
    from copilot_ls.config.settings import IndexSettings

    for row in index_rows(workspace.absolute(), settings.index if settings is not None else IndexSettings()):
        yield Finding("index", *row)


def _checkers(workspace: Path, settings: Settings | None) -> Iterator[Finding]:
    from copilot_ls.cli.checkers_report import checker_rows
    from copilot_ls.config.settings import Settings

    for row in checker_rows(workspace.absolute(), settings if settings is not None else Settings()):
        yield Finding("checkers", *row)


def _lately(settings: Settings | None) -> Iterator[Finding]:
    from copilot_ls.cli.lately_report import fault_rows, log_rows
    from copilot_ls.config.settings import Settings

    for row in (*fault_rows(), *log_rows((settings if settings is not None else Settings()).log)):
        yield Finding("lately", *row)


async def _backends(settings: Settings | None) -> list[Finding]:
    """One finding for each backend that is configured, or else for `embedded`, which always is."""
    from copilot_ls.config.settings import BackendSettings

    configured: dict[str, BackendSettings] = dict(settings.backend) if settings is not None else {}
    routed = [step.backend for step in settings.route.completion] if settings is not None else []
    found = [
        Finding("backends", name, "bad", f"route.completion names {name!r}, but there is no [backend.{name}]")
        for name in routed
        if name not in configured and name != "embedded"
    ]
    configured.setdefault("embedded", BackendSettings(kind="embedded"))
    found += await asyncio.gather(*(_backend(name, options) for name, options in configured.items()))
    return [_routed(finding, routed) for finding in found]


def _routed(finding: Finding, routed: list[str]) -> Finding:
    if finding.name not in routed:
        return finding
    details = {"asked": f"{routed.index(finding.name) + 1} of {len(routed)} for ghost text"}
    return Finding(finding.section, finding.name, finding.status, finding.text, details | dict(finding.details or {}))


async def _backend(name: str, options: BackendSettings) -> Finding:
    from copilot_ls.backends.presets import told
    from copilot_ls.backends.registry import create

    try:
        backend = create(name, options)
    except SettingsError as error:
        return Finding("backends", name, "bad", str(error))
    except Exception as error:  # noqa: BLE001 - a package of others may raise anything
        return Finding("backends", name, "bad", f"cannot be loaded: {type(error).__name__}: {error}")
    details = {"kind": options.kind}
    if preset := told(options):
        details["preset"] = preset
    try:
        async with asyncio.timeout(_BACKEND_WITHIN_S):
            if hasattr(backend, "key_state") and (key := await backend.key_state()):
                details["key"] = key
            check = await backend.check()
    except TimeoutError:
        return Finding("backends", name, "bad", f"did not answer within {_BACKEND_WITHIN_S:.0f} s", details)
    except Exception as error:  # noqa: BLE001 - as above
        return Finding("backends", name, "bad", f"its check failed: {type(error).__name__}: {error}", details)
    finally:
        await backend.aclose()
    latency = "" if check.latency_ms is None else f", {check.latency_ms:.0f} ms"
    works = check.reachable and check.fim_works is not False
    text = check.message.removeprefix(f"backend {name}: ") + latency
    return Finding("backends", name, "ok" if works else "bad", text, details | dict(check.details))


def _grammars() -> Iterator[Finding]:
    from copilot_ls_grammars import languages, load

    from copilot_ls.syntax.runtime import load_language

    working: list[str] = []
    for name in languages():
        spec: Any = None
        try:
            spec = load(name)
            load_language(spec)
        except Exception as error:  # noqa: BLE001 - a compiled module may raise anything
            package = getattr(spec, "module", f"tree_sitter_{name}").replace("_", "-")
            text = f"{type(error).__name__}: {error}; reinstall {package}. Until then its files are plain lines."
            yield Finding("grammars", name, "bad", text)
        else:
            working.append(name)
    yield Finding("grammars", f"{len(working)} work", "ok" if working else "bad", ", ".join(working))


def _without_home(finding: Finding) -> Finding:
    home = str(Path.home())
    if len(home) <= 1:
        return finding
    details = None
    if finding.details is not None:
        details = {key: value.replace(home, "~") for key, value in finding.details.items()}
    return Finding(finding.section, finding.name, finding.status, finding.text.replace(home, "~"), details)
