"""From the outcome of a fix to the user's document: carried over what was typed since, applied, and its end told.

An edit goes to the client at most three times, for a document may change between sending and applying; a client that
never answers is not waited for. Called by `copilot_ls.lsp.handlers.actions`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from copilot_ls.features.pending_edits import rebased
from copilot_ls.lsp import workspace_edits
from copilot_ls.text import DocumentSnapshot, TextSnapshot

if TYPE_CHECKING:
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.fixing.outcome import FixOutcome
    from copilot_ls.lsp.server import Server

logger = logging.getLogger("copilot_ls.lsp")

# Where the edit asks to be confirmed, a person reads it first.
_APPLIED_WITHIN_S = 5.0
_CONFIRMED_WITHIN_S = 600.0
_MAX_ATTEMPTS = 3
_MAX_HANDED_OUT = 64
# Between an editor's word that an edit was made, and its notification of the change.
CHANGED_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a fix, as a client is answered: `state` is a word for programs, `message` a line for people.

    `edit` is one that can be sent, `before` the text of the task's document that it was made for.
    """

    state: str
    message: str
    edit: types.WorkspaceEdit | None = None
    before: TextSnapshot | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {"state": self.state, "message": self.message}


def _refused(why: str, state: str = "refused") -> Delivery:
    return Delivery(state, f"not applied: {why}")


async def prepared(server: Server, outcome: FixOutcome, *, in_action: bool = False) -> Delivery:
    """The edit for the documents as they are now, not sent; or why there is none. `in_action`: it is an action's."""
    if not outcome.replacements:
        return Delivery("gave_up", workspace_edits.verdict_of(outcome))
    workbench, abilities = server.workbench, server.abilities
    annotate = abilities.annotations and (abilities.annotates_actions or not in_action)
    before = outcome.task.document.text
    if outcome.target is None:
        found = rebased(
            outcome.replacements,
            outcome.task.document,
            workbench.documents.get(outcome.task.document.uri),
            workbench.history,
        )
        if found.document is None:
            return _refused(found.refused, "stale")
        document, replacements, before = found.document, found.replacements, found.document.text
    else:
        other = await asyncio.to_thread(_target, server, outcome, outcome.target)
        if isinstance(other, str):
            return _refused(other)
        if isinstance(other, Path):
            if not abilities.creates_files:
                return _refused(f"this editor makes no files for a server ({outcome.target})")
            edit = workspace_edits.edit_of_new_file(outcome, other, annotate=annotate)
            return Delivery("prepared", _summary(outcome), edit, before)
        document, replacements = other, outcome.replacements
    edit = workspace_edits.edit_of_document(
        outcome, document, replacements, abilities, workbench.documents.encoding, annotate=annotate
    )
    return Delivery("prepared", _summary(outcome), edit, before)


def _target(server: Server, outcome: FixOutcome, target: str) -> DocumentSnapshot | Path | str:
    """The other file that a fix is for, as it is; its place when it is to be made; or why it is left alone."""
    task, workbench = outcome.task.document, server.workbench
    place = workspace_edits.place_of_file(target, workbench.root_of(task))
    if isinstance(place, str):
        return place
    made_for = outcome.target_text.text if outcome.target_text is not None else ""
    document = workbench.documents.get(place.as_uri())
    if document is not None:
        now = document.snapshot()
    elif not (place.exists() or place.is_symlink()):
        return f"{target} was removed meanwhile" if made_for else place
    else:
        try:
            text = place.read_bytes().decode()
        except (OSError, ValueError):
            return f"{target} cannot be read"
        now = DocumentSnapshot(place.as_uri(), str(place), task.language_id, 0, TextSnapshot.of(text))
    return now if now.text.text == made_for else f"{target} is another one by now"


async def deliver(server: Server, outcome: FixOutcome) -> Delivery:
    """Have the client apply the edit, and say what became of it."""
    delivery = await _delivered(server, outcome)
    lifecycle, uri = server.workbench.fix_lifecycle, outcome.task.document.uri
    if delivery.state == "applied" and delivery.before is not None:
        lifecycle.applied(outcome, delivery.before, text_now(server, uri) or delivery.before)
    elif delivery.state in ("refused", "stale"):
        lifecycle.dropped(outcome.fix_id, uri, delivery.state)
    return delivery


async def _delivered(server: Server, outcome: FixOutcome) -> Delivery:
    for _ in range(_MAX_ATTEMPTS):
        delivery = await prepared(server, outcome)
        if delivery.edit is None:
            return delivery
        if not server.abilities.applies_edits:
            return _refused("this editor applies no edits for a server")
        before = text_now(server, outcome.task.document.uri)
        end = await _sent(server, outcome, delivery, delivery.edit)
        if end.state != "refused" or text_now(server, outcome.task.document.uri) is before:
            return end
    return _refused("the document changes faster than it can be edited")


async def _sent(server: Server, outcome: FixOutcome, delivery: Delivery, edit: types.WorkspaceEdit) -> Delivery:
    """What the client answers to the edit."""
    request = types.ApplyWorkspaceEditParams(edit, workspace_edits.label_of(outcome))
    within_s = _CONFIRMED_WITHIN_S if edit.change_annotations else _APPLIED_WITHIN_S
    changed = Change(server, outcome.task.document.uri)
    try:
        # Answers are as JSON has them: see `protocol`.
        answer: Any = await asyncio.wait_for(server.workspace_apply_edit_async(request), within_s)
    except TimeoutError:
        if outcome.target is None and await changed.within(0.0):
            return replace(delivery, state="applied")
        return Delivery("unknown", f"{delivery.message} (the editor did not say whether it was applied)")
    except Exception as error:  # noqa: BLE001 - whatever the client answers
        logger.info("an edit was not applied: %s", type(error).__name__)
        return _refused("the editor answered an error")
    said = answer if isinstance(answer, dict) else {}
    if said.get("applied") is True:
        # Neovim says so as well when its user declined, or when the document was another one by then.
        if outcome.target is None and not await changed.within(CHANGED_WITHIN_S):
            return _refused("declined in the editor")
        return replace(delivery, state="applied")
    return _refused(str(said.get("failureReason") or "declined in the editor")[:200])


def text_now(server: Server, uri: str) -> TextSnapshot | None:
    """The text of an open document; the same object as long as it has not changed."""
    document = server.workbench.documents.get(uri)
    return None if document is None else document.buffer.snapshot()


class Change:
    """Whether a document has changed since this was made."""

    def __init__(self, server: Server, uri: str) -> None:
        self._server = server
        self._uri = uri
        self._before = text_now(server, uri)
        self._heard = asyncio.Event()

    async def within(self, timeout_s: float) -> bool:
        """Wait for it, for so long."""
        documents = self._server.workbench.documents
        listeners = documents.on_change, documents.on_replace, documents.on_close
        for each in listeners:
            each.append(self._listen)
        try:
            if self._is_unchanged():
                await asyncio.wait_for(self._heard.wait(), timeout_s)
        except TimeoutError:
            return False
        finally:
            for each in listeners:
                each.remove(self._listen)
        return not self._is_unchanged()

    def _is_unchanged(self) -> bool:
        return text_now(self._server, self._uri) is self._before

    def _listen(self, document: OpenDocument, *_: object) -> None:
        if document.uri == self._uri:
            self._heard.set()


def _summary(outcome: FixOutcome) -> str:
    return f"{workspace_edits.label_of(outcome)}: {workspace_edits.verdict_of(outcome)}"


class HandedOut:
    """Edits that clients have been given in actions, to apply them by themselves."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._edits: dict[str, tuple[FixOutcome, TextSnapshot]] = {}

    def add(self, outcome: FixOutcome, delivery: Delivery) -> None:
        """Remember one; the oldest are forgotten."""
        if delivery.before is not None:
            self._edits[outcome.fix_id] = (outcome, delivery.before)
        if len(self._edits) > _MAX_HANDED_OUT:
            del self._edits[next(iter(self._edits))]

    async def applied(self, fix_id: object) -> None:
        """A client says that it has applied one; some say so as well when their user declined."""
        known = self._edits.pop(fix_id, None) if isinstance(fix_id, str) else None
        if known is None:
            return
        outcome, before = known
        lifecycle, uri = self._server.workbench.fix_lifecycle, outcome.task.document.uri
        changed = Change(self._server, uri)
        if (
            outcome.target is not None
            or text_now(self._server, uri) is not before
            or (await changed.within(CHANGED_WITHIN_S))
        ):
            lifecycle.applied(outcome, before, text_now(self._server, uri) or before)
        else:
            lifecycle.dropped(outcome.fix_id, uri, "refused")
