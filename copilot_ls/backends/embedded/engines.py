"""Every engine, asked about one cursor.

    copying, indexed      what followed the same words, in the open documents and in the workspace
    ngrams                what follows token by token
    renaming, alignment   what followed alike, with other names
    series                the next item of a list
    closers               what closes the open bracket
    signatures, members, imports     what is declared: parameters, members, names of modules
    edits                 what was just changed elsewhere

A new engine is a module with a `places`, its line here, and its name in `evidence.Engine`. Called by `propose`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import (
    alignment,
    closers,
    copying,
    declared,
    edits,
    imports,
    indexed,
    members,
    ngrams,
    renaming,
    series,
    signatures,
    streams,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.embedded.evidence import Found
    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.workspace import PatientIndex
    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.text import DocumentSnapshot


def ask(
    situation: Situation,
    document: DocumentSnapshot,
    others: Sequence[DocumentSnapshot],
    index: PatientIndex,
    chunks: streams.Chunks,
    recent_edits: Sequence[RecentEdit],
) -> tuple[list[Found], ngrams.Model]:
    """Everything that is found, in no order that matters, and the n-grams, which judge it later."""
    where = streams.around(document, situation.line, others, chunks)
    model = ngrams.Model(situation, where, chunks.followings(where))
    found = copying.places(situation, others)
    found += indexed.places(situation, index)
    found += model.places()
    found += renaming.places(situation, where)
    found += alignment.places(situation, where)
    found += series.places(situation)
    found += closers.places(situation)
    declarations = declared.Declarations(situation, others, index)
    found += signatures.places(situation, declarations)
    found += members.places(situation, declarations)
    found += imports.places(situation, declarations, index)
    if recent_edits:
        found += edits.places(situation, recent_edits, {one.uri: one for one in (document, *others)})
    return found, model
