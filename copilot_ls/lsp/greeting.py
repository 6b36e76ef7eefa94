"""What a client says of itself in its initialization options, and which of them are settings of ours.

Clients of GitHub's language server greet with `editorInfo` and `editorPluginInfo`, and put options of that server
beside them. They get what that server tells its clients, and what is its own is no setting here. Called by
`lsp.handlers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_ls.lsp.abilities import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

EDITOR, PLUGIN = "editorInfo", "editorPluginInfo"
# Initialization options of GitHub's server, as its documentation and its clients' sources name them.
_OF_COPILOT = frozenset(
    {
        EDITOR,
        PLUGIN,
        "copilotCapabilities",
        "copilotIntegrationId",
        "editorConfiguration",
        "githubAppId",
        "networkProxy",
    }
)


def speaks_copilot(options: object) -> bool:
    """Whether a client greets as clients of GitHub's server do."""
    return isinstance(options, dict) and isinstance(options.get(PLUGIN), dict)


def settings_in(options: object) -> Mapping[str, Any]:
    """The initialization options that are settings of ours, or ought to be."""
    if not isinstance(options, dict):
        return {}
    return {key: value for key, value in options.items() if key != OPTIONS and key not in _OF_COPILOT}
