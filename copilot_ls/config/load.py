"""The settings in force: defaults, then the user's file, then the workspace's file, then the editor.

A bad key is one problem, said in one sentence, and everything else applies: loading never raises. What a workspace's
file may do before the user trusts it stands at each key in `copilot_ls.config.settings`. Called by
`copilot_ls.features` at start and at every change of settings, and by the command line. Imports pydantic only when
there is a value to check.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from copilot_ls.config import problems as say
from copilot_ls.config.files import UnusableFileError, parse, read
from copilot_ls.config.keys import Key, keys_of, sections
from copilot_ls.config.names import canonical, unfolded
from copilot_ls.config.problems import Problem
from copilot_ls.config.settings import EMBEDDED, BackendSettings, RouteSettings, RouteStep, Settings
from copilot_ls.config.trust import PROJECT_FILE, TrustStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Loaded", "Problem", "load"]

_OWN_NAMES = ("copilot-ls", "copilot_ls", "copilotLs")
_DEFAULTS = Settings()
_MAX_PROBLEMS = 50
# The task whose route another's is, where it has none of its own.
_FOLLOWS = {"fix": "explain"}
# What can be wrong with a value: pydantic's ValidationError is a ValueError.
_BAD_VALUE = (ValueError, TypeError, RecursionError, OverflowError)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings that can be used, what was wrong, and where each key that is not a default comes from.

    `origins` has keys such as `completion.max_lines` and `backend.local.url`, and values such as `default`, `editor`,
    or `user file ~/.config/copilot-ls/config.toml`; keys left out are defaults.
    """

    settings: Settings
    problems: tuple[Problem, ...]
    origins: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Layer:
    origin: str
    table: Mapping[Any, Any]
    project: bool = False
    trusted: bool = True
    is_users_file: bool = False


@dataclass(slots=True)
class _Values:
    """What has been gathered so far, by dotted key; backends by name and key."""

    values: dict[str, Any] = field(default_factory=dict)
    backends: dict[str, dict[str, Any]] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    untrusted: list[str] = field(default_factory=list)


def load(
    *,
    user_file: Path | None,
    workspace_roots: Sequence[Path],
    editor: Mapping[str, Any] | None,
    trust: TrustStore | None = None,
) -> Loaded:
    """Gather all layers. Of several workspace folders with a file of their own, the first one's word counts.

    `editor` is what the client gave as initialization options or as its section `copilot-ls`; names in camelCase and
    dotted names are understood.
    """
    gathered = _Values()
    layers = [_file_layer(user_file, f"user file {user_file}", gathered)] if user_file is not None else []
    trusted = trust or TrustStore()
    layers += [_project_layer(root / PROJECT_FILE, trusted, gathered) for root in reversed(workspace_roots)]
    layers.append(_editor_layer(editor, gathered))
    for layer in layers:
        if layer is not None:
            _apply(layer, gathered)
    settings = _settings(gathered)
    kept = gathered.problems[:_MAX_PROBLEMS]
    if len(gathered.problems) > len(kept):
        kept.append(say.more(len(gathered.problems) - len(kept)))
    return Loaded(settings, tuple(kept), gathered.origins)


def keys_that_need_trust(table: Mapping[str, Any], user_file: Path | None = None) -> list[str]:
    """Return the dotted keys of a project file's `table` that apply only once it is trusted, given the user's file."""
    gathered = _Values()
    own = _file_layer(user_file, "", gathered) if user_file is not None else None
    if own is not None:
        _apply(own, gathered)
    _apply(_Layer("", table, project=True, trusted=False), gathered)
    return gathered.untrusted


# Layers


def _file_layer(path: Path, origin: str, gathered: _Values) -> _Layer | None:
    try:
        content = read(path)
        return None if content is None else _Layer(origin, parse(path, content), is_users_file=True)
    except UnusableFileError as error:
        gathered.problems.append(say.unusable_file(str(error)))
        return None


def _project_layer(path: Path, trust: TrustStore, gathered: _Values) -> _Layer | None:
    try:
        content = read(path)
        if content is None:
            return None
        table = parse(path, content)
    except UnusableFileError as error:
        gathered.problems.append(say.unusable_file(str(error)))
        return None
    return _Layer(f"project file {path}", table, project=True, trusted=trust.is_trusted(path, content))


def _editor_layer(editor: Mapping[str, Any] | None, gathered: _Values) -> _Layer | None:
    table: Any = editor
    # Clients wrap the section in its name, in `settings`, in both, or in neither.
    for _ in range(3):
        if isinstance(table, dict) and len(table) == 1 and next(iter(table)) in (*_OWN_NAMES, "settings"):
            table = next(iter(table.values()))
    if table is None:
        return None
    if not isinstance(table, dict):
        gathered.problems.append(say.not_a_table("settings", table, "editor"))
        return None
    return _Layer("editor", table)


# One layer


def _apply(layer: _Layer, gathered: _Values) -> None:
    blocked_before = len(gathered.untrusted)
    for name, value in unfolded(layer.table).items():
        section = canonical(name, sections())
        if section is None:
            gathered.problems.append(say.unknown_key(name, value, list(sections()), layer.origin))
        elif value is None:
            continue
        elif not isinstance(value, dict):
            gathered.problems.append(say.not_a_table(section, value, layer.origin))
        elif section == "backend":
            for backend, options in value.items():
                _apply_backend(str(backend), options, layer, gathered)
        else:
            _apply_section(section, value, layer, gathered)
    blocked = gathered.untrusted[blocked_before:]
    if blocked and layer.origin:
        gathered.problems.append(say.needs_trust(blocked, layer.origin.removeprefix("project file ")))


def _apply_section(section: str, table: Mapping[Any, Any], layer: _Layer, gathered: _Values) -> None:
    known = sections()[section]
    for name, value in unfolded(table).items():
        key = known.get(canonical(name, known) or "")
        dotted = f"{section}.{name}"
        if key is None:
            others = [f"{section}.{other}" for other in known]
            gathered.problems.append(say.unknown_key(dotted, value, others, layer.origin))
            continue
        if value is None:
            continue
        dotted = f"{section}.{key.name}"
        before = gathered.values.get(dotted, key.default)
        checked = _checked(dotted, key, value, layer, gathered, before)
        if checked is None:
            continue
        if key.project == "user" and not layer.is_users_file:
            gathered.problems.append(say.only_users(dotted, layer.origin))
            continue
        if section == "route" and isinstance(checked, tuple):
            allowed = not layer.project or layer.trusted or _chooses_among(key.name, checked, gathered)
        else:
            allowed, checked = _as_project_may(layer, key, before, checked)
        if not allowed:
            gathered.untrusted.append(dotted)
        elif checked != before or not layer.project:
            gathered.values[dotted] = checked
            gathered.origins[dotted] = layer.origin


def _apply_backend(name: str, table: object, layer: _Layer, gathered: _Values) -> None:
    if layer.project and not layer.trusted and name not in gathered.backends:
        gathered.untrusted.append(f"backend.{name}")
        return
    if table is None:
        return
    if not isinstance(table, dict):
        gathered.problems.append(say.not_a_table(f"backend.{name}", table, layer.origin))
        return
    known = keys_of(BackendSettings)
    values = gathered.backends.setdefault(name, {})
    for given, value in table.items():
        key = known.get(canonical(given, known) or "")
        if key is None:
            dotted = f"backend.{name}.{given}"
            others = [f"backend.{name}.{other}" for other in known]
            gathered.problems.append(say.unknown_key(dotted, value, others, layer.origin))
            continue
        dotted = f"backend.{name}.{key.name}"
        before = values.get(key.name, key.default)
        checked = None if value is None else _checked(dotted, key, value, layer, gathered, before)
        if checked is None:
            continue
        offered = values.get("models", ()) if key.name == "model" else ()
        if checked not in offered and not _as_project_may(layer, key, before, checked)[0]:
            gathered.untrusted.append(dotted)
        else:
            values[key.name] = checked
            gathered.origins[dotted] = layer.origin


def _checked(dotted: str, key: Key, value: object, layer: _Layer, gathered: _Values, before: object) -> Any:  # noqa: ANN401 - any setting
    try:
        if key.hint == tuple[RouteStep, ...]:
            return _steps(value)
        return key.check(value)
    except _BAD_VALUE:
        gathered.problems.append(say.bad_value(dotted, value, key.expected, before, layer.origin))
        return None


def _steps(value: object) -> tuple[RouteStep, ...]:
    """Return the steps of a route, given as tables or simply as names."""
    if not isinstance(value, list | tuple) or not value:
        raise TypeError
    return tuple(_step({"backend": step} if isinstance(step, str) else step) for step in value)


def _step(table: object) -> RouteStep:
    known = keys_of(RouteStep)
    if not isinstance(table, dict):
        raise TypeError
    given = {canonical(name, known): value for name, value in table.items() if value is not None}
    if None in given or "backend" not in given:
        raise TypeError
    return RouteStep(**{str(name): known[str(name)].check(value) for name, value in given.items()})  # type: ignore[arg-type]  # checked


def _chooses_among(task: str, steps: tuple[RouteStep, ...], gathered: _Values) -> bool:
    """Whether a project's route leads nowhere but where the user's own route of the task does, or nowhere at all."""
    own = gathered.values.get(f"route.{task}") or gathered.values.get(f"route.{_FOLLOWS.get(task, task)}")
    names = {step.backend for step in own} if own else set(gathered.backends)
    return all(step.backend in names or step.backend == EMBEDDED for step in steps)


def _as_project_may(layer: _Layer, key: Key, before: Any, value: Any) -> tuple[bool, Any]:  # noqa: ANN401 - any setting
    """Whether a project file may set this, and the value that results: its lists add to the user's."""
    if not layer.project:
        return True, value
    if isinstance(before, tuple) and key.project == "tighten":
        return True, tuple(dict.fromkeys((*before, *value)))
    if layer.trusted or key.project == "any" or value == before:
        return True, value
    if key.project != "tighten":
        return False, value
    if get_origin(key.hint) is Literal:  # from what lets most through to what lets least
        choices = get_args(key.hint)
        return choices.index(value) > choices.index(before), value
    is_limit = isinstance(value, int | float) and not isinstance(value, bool)
    return value is False or (is_limit and (before is None or value < before)), value


# All together


def _settings(gathered: _Values) -> Settings:
    parts: dict[str, Any] = {}
    for section, keys in sections().items():
        if section in ("backend", "route"):
            continue
        names = [name for name in keys if f"{section}.{name}" in gathered.values]
        given = {name: gathered.values[f"{section}.{name}"] for name in names}
        parts[section] = dataclasses.replace(getattr(_DEFAULTS, section), **given)
    backends = {name: made for name, values in gathered.backends.items() if (made := _backend(name, values, gathered))}
    return Settings(**parts, backend=backends, route=_routes(backends, gathered))


def _backend(name: str, values: dict[str, Any], gathered: _Values) -> BackendSettings | None:
    if "kind" not in values:
        if name != EMBEDDED:
            gathered.problems.append(say.missing_kind(name, gathered.origins))
            for dotted in [dotted for dotted in gathered.origins if dotted.startswith(f"backend.{name}.")]:
                del gathered.origins[dotted]
            return None
        values = values | {"kind": EMBEDDED}
    return BackendSettings(**values)


def _routes(backends: Mapping[str, BackendSettings], gathered: _Values) -> RouteSettings:
    models = tuple(RouteStep(backend=name) for name, backend in backends.items() if backend.kind != EMBEDDED)
    every = tuple(RouteStep(backend=name) for name in dict.fromkeys((*backends, EMBEDDED)))
    completion = _route("completion", every, backends, gathered)
    explain = _route("explain", models, backends, gathered)
    return RouteSettings(
        completion=completion,
        next_edit=_route("next_edit", _DEFAULTS.route.next_edit, backends, gathered),
        explain=explain,
        fix=_route("fix", explain, backends, gathered),
        hedge_after_ms=gathered.values.get("route.hedge_after_ms", _DEFAULTS.route.hedge_after_ms),
    )


def _route(
    task: str, default: tuple[RouteStep, ...], backends: Mapping[str, BackendSettings], gathered: _Values
) -> tuple[RouteStep, ...]:
    dotted = f"route.{task}"
    given: tuple[RouteStep, ...] = gathered.values.get(dotted, ())
    names = (*backends, EMBEDDED)
    usable = tuple(step for step in given if step.backend in names)
    unknown = [step.backend for step in given if step.backend not in names]
    gathered.problems += [say.unknown_backend(dotted, name, names, gathered.origins[dotted]) for name in unknown]
    if not usable and (given or default != getattr(_DEFAULTS.route, task)):
        gathered.origins[dotted] = "derived from the configured backends"
    return usable or default
