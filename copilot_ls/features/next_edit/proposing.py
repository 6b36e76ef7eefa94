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
from copilot_ls.features.next_edit import chance, inserted, part_of_name, repeated, sibling, unused_import
from copilot_ls.features.next_edit.evidence import describe, signature_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.next_edit.candidate import Candidate
    from copilot_ls.features.next_edit.scene import Page, Scene
    from copilot_ls.text import DocumentSnapshot

_KINDS = (repeated, part_of_name, unused_import, sibling, inserted)
_MOST_EDITS = 10
_MOST_CANDIDATES = 400
_MOST_TRIED = 4
# Of one pattern's places, the nearest of those that are less likely by no more than this comes first.
_ALIKE = 0.15


@dataclass(frozen=True, slots=True)
class NextEdit:
    """An edit of one document as it was at that snapshot; who proposed it, and how.

    `chance` is how likely it is wanted; models do not say.
    """

    document: DocumentSnapshot
    replacement: Replacement
    chance: float | None
    candidate: Candidate
    backend: str
    model: str


def candidates_of(
    scene: Scene, is_over: Callable[[], bool] = lambda: False, pages: Sequence[Page] | None = None
) -> list[Candidate]:
    """All that is proposed for some pages, the scene's own if none are given.

    Each place and text comes once from each edit, by the strictest of the ways that lead to it.
    """
    found: list[Candidate] = []
    for made in list(scene.made)[:_MOST_EDITS]:
        seen: set[object] = set()
        for page in scene.pages if pages is None else pages:
            for kind in _KINDS:
                if is_over():
                    return found
                for each in kind.candidates(made, page):
                    if each.key not in seen and len(found) < _MOST_CANDIDATES:
                        seen.add(each.key)
                        found.append(each)
    return [each for each in found if not takes_back(each, scene)]


def takes_back(candidate: Candidate, scene: Scene) -> bool:
    """Whether it would make of edited lines what they were."""
    old = tuple(candidate.page.lines[candidate.first : candidate.end])
    return any(
        made.uri == candidate.page.uri and made.line == candidate.first and (made.new, made.old) == (old, candidate.new)
        for made in scene.made
    )


def ranked(scene: Scene, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """The candidates, one for each place and text, the likeliest pattern first, its places in the cursor's way."""
    best: dict[object, tuple[float, Candidate]] = {}
    for likely, each in zip(chance.chances(describe(scene, candidates)), candidates, strict=True):
        known = best.get(each.key)
        if known is None or known[0] < likely:
            best[each.key] = (likely, each)
    likeliest: dict[Hashable, float] = {}
    for likely, each in best.values():
        pattern = (each.kind, signature_of(each.made))
        likeliest[pattern] = max(likeliest.get(pattern, 0.0), likely)

    def order(one: tuple[float, Candidate]) -> tuple[float, tuple[int, int]]:
        likely, each = one
        first = likeliest[each.kind, signature_of(each.made)]
        return -round(first if likely >= first - _ALIKE else likely, 2), _way(scene, each)

    return sorted(best.values(), key=order)


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
    elsewhere: Callable[[], Sequence[Page]] = tuple,
) -> NextEdit | None:
    """The edit to propose; `least` is the chance that is needed, `is_over` says that nobody waits any more.

    Only where the open documents have none, files that are not open are looked into, which `elsewhere` gives.
    """
    enough = chance.model().least if least is None else least
    found = _first(ranked(scene, candidates_of(scene, is_over)), enough, turned_down, is_over)
    if found is None and not is_over() and (pages := elsewhere()):
        found = _first(ranked(scene, candidates_of(scene, is_over, pages)), enough, turned_down, is_over)
    return found


def _first(
    candidates: Sequence[tuple[float, Candidate]],
    enough: float,
    turned_down: Callable[[Candidate], bool],
    is_over: Callable[[], bool],
) -> NextEdit | None:
    """The first that is likely enough, and may be proposed."""
    n_tried = 0
    for likely, each in candidates:
        if likely < enough or n_tried >= _MOST_TRIED or is_over():
            return None
        if turned_down(each) or any(map(looks_secret, _added(each))):
            continue
        n_tried += 1
        replacement = each.replacement()
        if parses_no_worse(each.page.document, (replacement,)):
            return NextEdit(each.page.document, replacement, likely, each, EMBEDDED, each.kind)
    return None


def alike(scene: Scene, edit: NextEdit) -> list[Replacement]:
    """The replacements of all edits like one in its document, itself among them; none where that parses worse."""
    least, signature = min(chance.model().least, edit.chance or 1.0), signature_of(edit.candidate.made)
    found: list[Candidate] = []
    for likely, each in ranked(scene, candidates_of(scene, pages=[edit.candidate.page])):
        same = each.kind == edit.candidate.kind and signature_of(each.made) == signature
        if same and likely >= least and not any(each.first < one.end and one.first < each.end for one in found):
            found.append(each)
    replacements = [each.replacement() for each in sorted(found, key=lambda one: one.first)]
    return replacements if parses_no_worse(edit.document, replacements) else []


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
