"""Finds the backend of a kind: built-in ones and presets by name, others' by the entry point `copilot_ls.backends`.

Looking through all installed distributions, and loading the module that does it, take tens of milliseconds: that is
done only for a kind that is not built in. A package that fails to load breaks its own kind and no other.
Called by the pipeline's workbench and the command line.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from copilot_ls.backends.base import Backend
from copilot_ls.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import EntryPoint

    from copilot_ls.config.settings import BackendSettings

GROUP = "copilot_ls.backends"

# The same as the project's own entry points, which stand in the metadata for tools that list them.
BUILT_IN = {
    "embedded": "copilot_ls.backends.embedded",
    "openai": "copilot_ls.backends.openai",
    "llama_cpp": "copilot_ls.backends.llama_cpp",
    "ollama": "copilot_ls.backends.ollama",
    "anthropic": "copilot_ls.backends.anthropic",
    "azure": "copilot_ls.backends.azure",
    "gemini": "copilot_ls.backends.gemini",
    "mistral": "copilot_ls.backends.mistral",
    "tgi": "copilot_ls.backends.tgi",
    "scripted": "copilot_ls.backends.scripted",
}


def create(name: str, options: BackendSettings) -> Backend:
    """Make the backend that the settings call `name`. Contacts nothing.

    Raises `SettingsError`: for a kind that nobody provides, a package that does not load, or settings that its backend
    cannot use.
    """
    if options.kind not in BUILT_IN:
        from copilot_ls.backends import presets

        options = presets.effective(name, options)
    kind = options.kind
    if module_name := BUILT_IN.get(kind):
        make: Callable[[str, BackendSettings], object] = import_module(module_name).create
        provider = "copilot-ls"
    else:
        make, provider = _from_package(name, kind)
    try:
        backend = make(name, options)
    except SettingsError:
        raise
    except Exception as error:
        raise SettingsError(
            f"backend.{name}: the kind {kind!r} of {provider} could not be made ({type(error).__name__}: {error}); "
            f"this is a fault of that package"
        ) from error
    if not isinstance(backend, Backend):
        raise SettingsError(
            f"backend.{name}: the kind {kind!r} of {provider} made a {type(backend).__name__}, which is no backend; it "
            f"lacks some of name, model, complete, check, aclose"
        )
    return backend


def kinds() -> tuple[str, ...]:
    """Every kind that can be asked for: protocols, presets, then what others' packages add."""
    from importlib.metadata import entry_points

    from copilot_ls.backends.presets import PRESETS

    found = {point.name for point in entry_points(group=GROUP)}
    return (*BUILT_IN, *PRESETS, *sorted(found - {*BUILT_IN, *PRESETS}))


def _from_package(name: str, kind: str) -> tuple[Callable[[str, BackendSettings], object], str]:
    from importlib.metadata import entry_points

    points = tuple(entry_points(group=GROUP, name=kind))
    if not points:
        raise SettingsError(
            f"backend.{name}.kind = {kind!r} is not known; expected one of {', '.join(kinds())}, or install the "
            f"package that provides it"
        )
    point = points[0]
    provider = _package(point)
    try:
        make: Callable[[str, BackendSettings], object] = point.load()
    except Exception as error:
        raise SettingsError(
            f"backend.{name}: the kind {kind!r} of {provider} does not load ({type(error).__name__}: {error}); update "
            f"or remove that package"
        ) from error
    return make, provider


def _package(point: EntryPoint) -> str:
    return point.value if point.dist is None else f"{point.dist.name} {point.dist.version}"
