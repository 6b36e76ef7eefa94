"""Of all that the latest edits ask for, the one edit that is likely enough, or none.

An edit that would make its document parse worse is never chosen; nor one that the user has turned down, one that takes
back what was just written, or one that spreads what looks like a secret. Runs in a thread, on snapshots; gives up when
it is told to. Called by `suggester`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded.lexing import looks_secret
from copilot_ls.config.settings import EMBEDDED
from copilot_ls.edits import applied
from copilot_ls.features.next_edit import chance, inserted, repeated
from copilot_ls.features.next_edit.evidence import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.next_edit.candidate import Candidate
    from copilot_ls.features.next_edit.scene import Scene
    from copilot_ls.text import DocumentSnapshot

_KINDS = (repeated, inserted)
_MOST_EDITS = 10
_MOST_CANDIDATES = 400
_MOST_TRIED = 4


@dataclass(frozen=True, slots=True)
class NextEdit:
    """An edit of one document as it was at that snapshot, and how likely it is wanted; who proposed it, and how."""

    document: DocumentSnapshot
    replacement: Replacement
    chance: float
    candidate: Candidate
    backend: str
    model: str


def candidates_of(scene: Scene, is_over: Callable[[], bool] = lambda: False) -> list[Candidate]:
    """Everything that is proposed, each place and text once from each edit, the strictest way first."""
    found: list[Candidate] = []
    for made in list(scene.made)[:_MOST_EDITS]:
        seen: set[object] = set()
        for page in scene.pages:
            for kind in _KINDS:
                if is_over():
                    return found
                for each in kind.candidates(made, page):
                    if each.key not in seen and len(found) < _MOST_CANDIDATES:
                        seen.add(each.key)
                        found.append(each)
    return [each for each in found if not _takes_back(each, scene)]


def _takes_back(candidate: Candidate, scene: Scene) -> bool:
    """Whether it would make of edited lines what they were."""
    old = tuple(candidate.page.lines[candidate.first : candidate.end])
    return any(
        made.uri == candidate.page.uri and made.line == candidate.first and (made.new, made.old) == (old, candidate.new)
        for made in scene.made
    )


def ranked(scene: Scene, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """The candidates, one for each place and text, the likeliest first; of equals, what follows the cursor soonest."""
    best: dict[object, tuple[float, Candidate]] = {}
    for likely, each in zip(chance.chances(describe(scene, candidates)), candidates, strict=True):
        known = best.get(each.key)
        if known is None or known[0] < likely:
            best[each.key] = (likely, each)
    return sorted(best.values(), key=lambda one: (-round(one[0], 2), _way(scene, one[1])))


def _way(scene: Scene, candidate: Candidate) -> tuple[int, int]:
    """How far the cursor has to go: first down, then from the top, then to other documents."""
    if candidate.page is not scene.page:
        return 2, candidate.first
    return (0, candidate.first) if candidate.first >= scene.line else (1, candidate.first)


def next_edit(
    scene: Scene,
    *,
    least: float | None = None,
    turned_down: Callable[[Candidate], bool] = lambda _: False,
    is_over: Callable[[], bool] = lambda: False,
) -> NextEdit | None:
    """The edit to propose; `least` is the chance that is needed, `is_over` says that nobody waits any more."""
    enough = chance.model().least if least is None else least
    n_tried = 0
    for likely, each in ranked(scene, candidates_of(scene, is_over)):
        if likely < enough or n_tried >= _MOST_TRIED or is_over():
            return None
        if turned_down(each) or any(map(looks_secret, _added(each))):
            continue
        n_tried += 1
        replacement = each.replacement()
        if parses_no_worse(each.page.document, (replacement,)):
            return NextEdit(each.page.document, replacement, likely, each, EMBEDDED, each.kind)
    return None


def _added(candidate: Candidate) -> Iterable[str]:
    old = set(candidate.page.lines[candidate.first : candidate.end])
    return (line for line in candidate.new if line not in old)


def parses_no_worse(document: DocumentSnapshot, replacements: Sequence[Replacement]) -> bool:
    """Whether the whole document has no more places that cannot be parsed with the edit than without."""
    from copilot_ls.syntax import SyntaxDocument

    before = SyntaxDocument(document.language_id, document.path).tree_at(document.text)
    if not before.has_grammar:
        return True
    after = SyntaxDocument(document.language_id, document.path).tree_at(applied(document.text, replacements))
    return after.has_grammar and after.error_count() <= before.error_count()
