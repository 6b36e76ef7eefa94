"""From the outcome of a fix to the user's document: carried over what was typed since, applied, and its end told.

An edit goes to the client at most three times, for a document may change between sending and applying; a client that
never answers is not waited for. Called by `copilot_ls.lsp.handlers.actions`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from copilot_ls.features.pending_edits import Rebased, rebased
from copilot_ls.lsp import workspace_edits

if TYPE_CHECKING:
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.fixing.outcome import FixOutcome
    from copilot_ls.lsp.server import Server

logger = logging.getLogger("copilot_ls.lsp")

# Where the edit asks to be confirmed, a person reads it first.
_APPLIED_WITHIN_S = 5.0
_CONFIRMED_WITHIN_S = 600.0
_MAX_ATTEMPTS = 3
# Between an editor's word that an edit was made, and its notification of the change.
_CHANGED_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a fix, as a client is answered: `state` is a word for programs, `message` a line for people."""

    state: str
    message: str
    edit: types.WorkspaceEdit | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {"state": self.state, "message": self.message}


def prepared(server: Server, outcome: FixOutcome, *, in_action: bool = False) -> Delivery:
    """The edit for the documents as they are now, not sent; or why there is none. `in_action`: it is an action's."""
    if not outcome.replacements:
        return Delivery("gave_up", workspace_edits.verdict_of(outcome))
    abilities = server.abilities
    annotate = abilities.annotations and (abilities.annotates_actions or not in_action)
    if outcome.target is None:
        found = _rebased(server, outcome)
        if found.document is None:
            return Delivery("refused", f"not applied: {found.refused}")
        encoding = server.workbench.documents.encoding
        edit = workspace_edits.edit_of_document(outcome, found, abilities, encoding, annotate=annotate)
        return Delivery("prepared", _summary(outcome), edit)
    place = workspace_edits.place_of_new_file(outcome.target, server.workbench.root_of(outcome.task.document))
    if isinstance(place, str):
        return Delivery("refused", f"not applied: {place}")
    if not abilities.creates_files:
        return Delivery("refused", f"not applied: this editor makes no files for a server ({outcome.target})")
    return Delivery("prepared", _summary(outcome), workspace_edits.edit_of_new_file(outcome, place, annotate=annotate))


async def deliver(server: Server, outcome: FixOutcome) -> Delivery:
    """Have the client apply the edit, and say what became of it."""
    if not server.abilities.applies_edits:
        return Delivery("refused", "not applied: this editor applies no edits for a server")
    for _ in range(_MAX_ATTEMPTS):
        delivery = await asyncio.to_thread(prepared, server, outcome) if outcome.target else prepared(server, outcome)
        if delivery.edit is None:
            return delivery
        version = _version(server, outcome)
        end = await _sent(server, outcome, delivery, delivery.edit)
        if end.state != "refused" or _version(server, outcome) == version:
            return end
    return Delivery("refused", "not applied: the document changes faster than it can be edited")


async def _sent(server: Server, outcome: FixOutcome, delivery: Delivery, edit: types.WorkspaceEdit) -> Delivery:
    """What the client answers to the edit."""
    request = types.ApplyWorkspaceEditParams(edit, workspace_edits.label_of(outcome))
    within_s = _CONFIRMED_WITHIN_S if edit.change_annotations else _APPLIED_WITHIN_S
    changed = _Change(server, outcome.task.document.uri)
    try:
        # Answers are as JSON has them: see `protocol`.
        answer: Any = await asyncio.wait_for(server.workspace_apply_edit_async(request), within_s)
    except TimeoutError:
        return Delivery("unknown", f"{delivery.message} (the editor did not say whether it was applied)")
    except Exception as error:  # noqa: BLE001 - whatever the client answers
        logger.info("an edit was not applied: %s", type(error).__name__)
        return Delivery("refused", "not applied: the editor answered an error")
    said = answer if isinstance(answer, dict) else {}
    if said.get("applied") is True:
        # Neovim says so as well when its user declined, or when the document was another one by then.
        if outcome.target is None and not await changed.within(_CHANGED_WITHIN_S):
            return Delivery("refused", "not applied: declined in the editor")
        return Delivery("applied", delivery.message)
    return Delivery("refused", f"not applied: {str(said.get('failureReason') or 'declined in the editor')[:200]}")


class _Change:
    """Whether a document has changed since."""

    def __init__(self, server: Server, uri: str) -> None:
        self._documents = server.workbench.documents
        self._uri = uri
        self._before = self._now()
        self._heard = asyncio.Event()

    async def within(self, timeout_s: float) -> bool:
        """Wait for it, for so long."""
        listeners = self._documents.on_change, self._documents.on_replace, self._documents.on_close
        for each in listeners:
            each.append(self._listen)
        try:
            if self._now() is self._before:
                await asyncio.wait_for(self._heard.wait(), timeout_s)
        except TimeoutError:
            return False
        finally:
            for each in listeners:
                each.remove(self._listen)
        return self._now() is not self._before

    def _now(self) -> object:
        document = self._documents.get(self._uri)
        return None if document is None else document.buffer.snapshot()

    def _listen(self, document: OpenDocument, *_: object) -> None:
        if document.uri == self._uri:
            self._heard.set()


def _rebased(server: Server, outcome: FixOutcome) -> Rebased:
    document = server.workbench.documents.get(outcome.task.document.uri)
    return rebased(outcome.replacements, outcome.task.document, document, server.workbench.history)


def _version(server: Server, outcome: FixOutcome) -> int | None:
    document = server.workbench.documents.get(outcome.task.document.uri)
    return None if document is None else document.version


def _summary(outcome: FixOutcome) -> str:
    return f"{workspace_edits.label_of(outcome)}: {workspace_edits.verdict_of(outcome)}"
