"""A fix as the client's edit: anchored to the version that it was made for, annotated with its verdict.

Where the client can, the edit asks to be confirmed. It is one edit of one document, so that one undo takes it back.
Called by `copilot_ls.lsp.fixes`.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lsprotocol import types

from copilot_ls.lsp import to_proto

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.fixing.outcome import FixOutcome
    from copilot_ls.lsp.abilities import ClientAbilities
    from copilot_ls.text import DocumentSnapshot, PositionEncoding

_ANNOTATION = "copilot-ls"
_MAX_LABEL_CHARS = 80
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def edit_of_document(
    outcome: FixOutcome,
    document: DocumentSnapshot,
    replacements: Sequence[Replacement],
    abilities: ClientAbilities,
    encoding: PositionEncoding,
    *,
    annotate: bool,
) -> types.WorkspaceEdit:
    """The edit of a document at its version, which is 0 for a file that is not open."""
    edits = [types.TextEdit(to_proto.range_(each.span, document.text, encoding), each.text) for each in replacements]
    if not abilities.versioned_edits:
        return types.WorkspaceEdit(changes={document.uri: edits})
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version or None)
    if not annotate:
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, edits)])
    annotated = [types.AnnotatedTextEdit(_ANNOTATION, each.range, each.new_text) for each in edits]
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(identifier, annotated)], change_annotations=_annotations(outcome)
    )


def edit_of_new_file(outcome: FixOutcome, path: Path, *, annotate: bool) -> types.WorkspaceEdit:
    """The edit that makes a file; the client refuses it when there is one by now."""
    uri = path.as_uri()
    annotation = _ANNOTATION if annotate else None
    text = "".join(each.text for each in sorted(outcome.replacements, key=lambda each: each.span))
    start = types.Position(0, 0)
    place = types.Range(start, start)
    edit = types.AnnotatedTextEdit(_ANNOTATION, place, text) if annotate else types.TextEdit(place, text)
    options = types.CreateFileOptions(overwrite=False, ignore_if_exists=False)
    return types.WorkspaceEdit(
        document_changes=[
            types.CreateFile(uri=uri, options=options, annotation_id=annotation),
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=None), [edit]),
        ],
        change_annotations=_annotations(outcome) if annotate else None,
    )


def place_of_file(target: str, root: Path | None) -> Path | str:
    """Where the file of this workspace-relative path is, or would be; or why nothing is written there, for the user.

    Models may choose such paths: nothing outside of the workspace, nothing hidden. Reads the disk.
    """
    if root is None:
        return "the document is in no workspace folder that a file could be put into"
    shown = _CONTROL.sub(" ", target)[:_MAX_LABEL_CHARS]
    if not _is_inside(target):
        return f"the path {shown!r} leads out of the workspace or to something hidden"
    path = root / target
    try:
        is_inside = path.resolve().is_relative_to(root.resolve())
    except OSError as error:
        return f"{shown} cannot be looked at: {error.strerror}"
    return path if is_inside else f"the path {shown!r} leads out of the workspace"


def _is_inside(target: str) -> bool:
    relative = PurePosixPath(target)
    hidden = any(part.startswith(".") for part in relative.parts)
    strange = "\\" in target or ":" in target or _CONTROL.search(target) is not None
    return bool(relative.parts) and not (hidden or strange or relative.is_absolute())


def label_of(outcome: FixOutcome) -> str:
    """What the edit is called in menus of undo and in a preview: one line."""
    title = _CONTROL.sub(" ", outcome.title).strip() or "Edit"
    return title if len(title) <= _MAX_LABEL_CHARS else title[: _MAX_LABEL_CHARS - 1] + "…"


def verdict_of(outcome: FixOutcome) -> str:
    """The verdict as one line."""
    return _CONTROL.sub(" ", str(outcome.verdict)).strip()


def _annotations(outcome: FixOutcome) -> dict[str, types.ChangeAnnotation]:
    who = outcome.model or outcome.backend
    how = "verified" if outcome.verdict.kind == "verified" else "not verified"
    return {
        _ANNOTATION: types.ChangeAnnotation(
            label=f"{label_of(outcome)} ({how})",
            description=f"{verdict_of(outcome)}; by {who}",
            needs_confirmation=True,
        )
    }
