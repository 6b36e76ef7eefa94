"""What clients of GitHub's language server ask before and beside completions: account, version, models, settings.

There is no account: whoever asks is signed in, under this server's name. Shapes are those of the public documentation
of `@github/copilot-language-server` and, for what is older than it, of what its clients read. `editors/COPILOT.md` has
the table. Completions are in `copilot_completions`, the panel in `copilot_panel`, the status in `lsp.status`.
"""

from __future__ import annotations

import asyncio
import platform
from typing import TYPE_CHECKING, Any

from copilot_ls import __version__
from copilot_ls.lsp.greeting import Greeting, model_chosen, settings_of_copilot
from copilot_ls.lsp.status import begin_status, send_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_ls.lsp.server import Server

USER = "copilot-ls (no account needed)"
"""Who is signed in, as clients show it."""

FINISH_SIGN_IN = "github.copilot.finishDeviceFlow"

# GitHub's server asks its service before it answers; a client may rely on having noted by then what it waits for
# (jupyter-copilot 0.1.5 does).
_ASKED_S = 0.02

_SIGNED_IN = {"status": "OK", "user": USER}
_ANSWERS: dict[str, Any] = {
    "checkStatus": _SIGNED_IN,
    "signIn": {"status": "AlreadySignedIn", "user": USER},
    "signInInitiate": {"status": "AlreadySignedIn", "user": USER},
    "signInConfirm": _SIGNED_IN,
    "signInWithGithubToken": _SIGNED_IN,
    "signOut": {"status": "NotSignedIn"},
    "recordTelemetryConsent": {"status": "OK"},
    "getVersion": {
        "version": __version__,
        "buildType": "prod",
        "runtimeVersion": f"python/{platform.python_version()}",
    },
}


def register(server: Server) -> None:
    """Answer for the account, and take a client's word on itself and its settings."""
    workbench = server.workbench
    server.protocol.plain.update(
        {*_ANSWERS, "setEditorInfo", "notifyChangeConfiguration", "checkFileStatus", "copilot/models"}
    )
    for method, answer in _ANSWERS.items():
        _answer_always(server, method, answer)

    @server.feature("setEditorInfo")
    async def set_editor_info(params: Any) -> str:  # noqa: ANN401 - whatever a client sends
        greeting = Greeting.of(params)
        if greeting.wants_status and not server.greeting.wants_status:
            # Older plugins greet so, after `initialize`.
            server.greeting = greeting
            send_status(server)
            await begin_status(server)
        return "OK"

    @server.feature("notifyChangeConfiguration")
    def change_configuration(params: Any) -> str:  # noqa: ANN401 - as above
        said = params.get("settings") if isinstance(params, dict) else None
        if isinstance(said, dict):
            take_settings(server, said)
        return "OK"

    @server.feature("checkFileStatus")
    async def check_file_status(params: Any) -> dict[str, str]:  # noqa: ANN401 - as above
        uri = params.get("uri") if isinstance(params, dict) else None
        document = workbench.documents.get(uri) if isinstance(uri, str) else None
        left_alone = document is not None and (
            document.is_secret or await workbench.ignored.reason(document.snapshot()) is not None
        )
        return {"status": "not included" if left_alone else "included"}

    @server.feature("copilot/models")
    async def models(_params: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
        await workbench.ready()
        lanes = [workbench.router().lane(name) for name in workbench.router().names("completion")]
        return [
            {
                "id": lane.name,
                "modelName": f"{lane.name}: {model}" if (model := getattr(lane.backend, "model", "")) else lane.name,
                "modelFamily": model,
                "scopes": ["completion"],
                "preview": False,
                "default": rank == 0,
                "isChatDefault": False,
                "isChatFallback": False,
            }
            for rank, lane in enumerate(lanes)
        ]


def register_commands(server: Server) -> None:
    """Offer the commands of GitHub's server, to its own clients: an editor takes but one command of a name."""

    @server.command(FINISH_SIGN_IN)
    def finish_sign_in(*_arguments: Any) -> dict[str, str]:  # noqa: ANN401 - whatever a client sends
        return _SIGNED_IN


def take_settings(server: Server, said: Mapping[str, Any]) -> None:
    """Put the settings of a client of GitHub's server into force."""
    settings = settings_of_copilot(said)
    model = model_chosen(said)
    if model is not None and model in (names := server.workbench.router().names("completion")):
        settings.setdefault("route", {"completion": [model, *(name for name in names if name != model)]})
    server.apply_settings(settings)


def _answer_always(server: Server, method: str, answer: Any) -> None:  # noqa: ANN401 - any JSON
    @server.feature(method)
    async def always(_params: Any) -> Any:  # noqa: ANN401 - whatever a client sends
        await asyncio.sleep(_ASKED_S)
        return answer
