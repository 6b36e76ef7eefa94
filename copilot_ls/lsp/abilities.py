"""What the client can do, as far as actions depend on it; read from what it sent at initialization.

Clients leave out, and send null for, whatever they like: each question is answered by a default that works everywhere.
Our own plugins say what LSP has no word for in the initialization options:
`{"copilotLs": {"explanations": true, "wishes": true}}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


OPTIONS = "copilotLs"
"""The key of our own plugins' word on themselves, among initialization options that are settings otherwise."""


@dataclass(frozen=True, slots=True)
class ClientAbilities:
    """Yes or no for each thing that a server may ask of a client.

    `explanations`: shows `copilot-ls/explanation` as it grows. `wishes`: asks its user for a sentence before it runs
    `copilot-ls.change`. `annotates_actions`: keeps change annotations of edits that code actions hold.
    """

    applies_edits: bool = False
    versioned_edits: bool = False
    annotations: bool = False
    annotates_actions: bool = False
    creates_files: bool = False
    action_literals: bool = False
    resolves_edits: bool = False
    resolves_commands: bool = False
    keeps_data: bool = False
    shows_disabled: bool = False
    shows_documents: bool = False
    shows_progress: bool = False
    explanations: bool = False
    wishes: bool = False

    @classmethod
    def of(cls, capabilities: Mapping[str, Any], options: object) -> ClientAbilities:
        """The abilities of a client that sent these capabilities and initialization options."""
        own = _at(options, OPTIONS)
        workspace_edit = _at(capabilities, "workspace", "workspaceEdit")
        action = _at(capabilities, "textDocument", "codeAction")
        properties = _at(action, "resolveSupport", "properties")
        operations = _at(workspace_edit, "resourceOperations")
        return cls(
            applies_edits=_at(capabilities, "workspace", "applyEdit") is True,
            # One that supports resource operations must read `documentChanges`, whether it says so or not (Neovim).
            versioned_edits=_at(workspace_edit, "documentChanges") is True or bool(operations),
            annotations=isinstance(_at(workspace_edit, "changeAnnotationSupport"), dict),
            annotates_actions=_at(action, "honorsChangeAnnotations") is True,
            creates_files=isinstance(operations, list) and "create" in operations,
            action_literals=isinstance(_at(action, "codeActionLiteralSupport"), dict),
            resolves_edits=isinstance(properties, list) and "edit" in properties,
            resolves_commands=isinstance(properties, list) and "command" in properties,
            keeps_data=_at(action, "dataSupport") is True,
            shows_disabled=_at(action, "disabledSupport") is True,
            shows_documents=_at(capabilities, "window", "showDocument", "support") is True,
            shows_progress=_at(capabilities, "window", "workDoneProgress") is True,
            explanations=_at(own, "explanations") is True,
            wishes=_at(own, "wishes") is True,
        )


def _at(said: object, *keys: str) -> Any:  # noqa: ANN401 - whatever a client sends
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    return said
