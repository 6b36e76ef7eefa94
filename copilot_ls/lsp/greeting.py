"""What a client says of itself in its initialization options, and which of its options are settings of ours.

Clients of GitHub's language server greet with `editorInfo` and `editorPluginInfo`, and put options of that server
beside them; our own plugins greet likewise, under a name of ours. Both are told the status. The others among them get
the names and shapes of that server wherever two are possible; of their settings, what has the same meaning here is
taken over: `enableAutoCompletions`, `disabledLanguages` and the chosen model. Called by `lsp.handlers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot_ls.lsp.abilities import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTION = "copilot-ls"
"""The key of our settings among an editor's, and what the names of our own plugins begin with."""

_EDITOR, _PLUGIN = "editorInfo", "editorPluginInfo"


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who the client is: `plugin` is its plugin's name where it gave one, as clients of GitHub's server do."""

    plugin: str | None = None

    @classmethod
    def of(cls, options: object) -> Greeting:
        """The greeting in initialization options."""
        info = options.get(_PLUGIN) if isinstance(options, dict) else None
        return cls(str(info.get("name") or "") if isinstance(info, dict) else None)

    @property
    def wants_status(self) -> bool:
        """Whether it knows the status notification."""
        return self.plugin is not None

    @property
    def speaks_copilot(self) -> bool:
        """Whether it was made for GitHub's server, and not for ours."""
        return self.plugin is not None and not self.plugin.startswith(SECTION)


def settings_in(options: object, greeting: Greeting) -> Mapping[str, Any]:
    """The initialization options that are settings of ours, or ought to be."""
    if not isinstance(options, dict):
        return {}
    if greeting.speaks_copilot:
        return settings_of_copilot({**(options.get("editorConfig") or {}), **options})
    return {key: value for key, value in options.items() if key not in {OPTIONS, _EDITOR, _PLUGIN}}


def settings_of_copilot(said: Mapping[str, Any]) -> dict[str, Any]:
    """Our settings out of what a client sends to GitHub's server: what both know, and above it what is ours by name."""
    own = said.get(SECTION)
    settings: dict[str, Any] = dict(own) if isinstance(own, dict) else {}
    completion: dict[str, Any] = {}
    if said.get("enableAutoCompletions") is False:
        completion["automatic"] = False
    if isinstance(languages := said.get("disabledLanguages"), list):
        named = [each.get("languageId") if isinstance(each, dict) else each for each in languages]
        if off := [each for each in named if isinstance(each, str)]:
            completion["languages_disable"] = off
    if completion:
        more = settings.get("completion")
        settings["completion"] = completion | (more if isinstance(more, dict) else {})
    return settings


def model_chosen(said: Mapping[str, Any]) -> str | None:
    """The model that the user chose in a client of GitHub's server; None where none was."""
    inner: object = said
    for key in ("github", "copilot", "selectedCompletionModel"):
        inner = inner.get(key) if isinstance(inner, dict) else None
    return inner if isinstance(inner, str) and inner else None
