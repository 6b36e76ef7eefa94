"""The prompt for one backend at one place: its model's family and window, the syntax tree's scopes, the last prompt.

Leaves choosing and laying out to `copilot_ls.prompt`, which is pure, and remembers for it the last prompt of each
document and backend. Called by `ask` and by what reports on prompts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.config.settings import Settings
    from copilot_ls.context.gather import Gathered
    from copilot_ls.context.request import ContextRequest
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.prompt.assemble import Prompt
    from copilot_ls.prompt.profiles import ModelProfile
    from copilot_ls.syntax import SyntaxTree
    from copilot_ls.text import DocumentSnapshot, Point

# Documents that are typed in by turns; the oldest is forgotten.
_MOST_REMEMBERED = 16
# What the line above a snippet costs, at the usual length of paths.
_HEADER_TOKENS = 12
# What was found for a place as near as this is likely to matter here.
_NEAR_LINES = 10


class _Last(NamedTuple):
    prompt: Prompt
    line: int


class Prompts:
    """Makes prompts, each with the last one for the same document and backend in mind."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], _Last] = {}

    def prompt(
        self,
        backend: str,
        document: DocumentSnapshot,
        cursor: Point,
        snippets: Sequence[ContextSnippet],
        settings: Settings,
        *,
        tree: SyntaxTree | None,
        path: str,
        remember: bool = True,
    ) -> Prompt:
        """The prompt for a backend by its name, after the last one. Not remembered, it changes nothing: just a look."""
        from copilot_ls.prompt.assemble import assemble
        from copilot_ls.prompt.comments import comment_for

        profile = profile_of(settings, backend)
        key = (backend, document.uri)
        last = self._last.get(key)
        prompt = assemble(
            document,
            cursor,
            snippets,
            budget_tokens=budget_of(settings, backend),
            path=path,
            comment=comment_for(document.language_id),
            tokens_ratio=profile.tokens_ratio,
            scopes=scopes_at(tree, cursor),
            previous=None if last is None else last.prompt,
            keep_suffix=profile.fim is not None and profile.fim.order == "suffix_prefix_middle",
        )
        if not remember:
            return prompt
        self._last.pop(key, None)
        self._last[key] = _Last(prompt, cursor.line)
        if len(self._last) > _MOST_REMEMBERED:
            del self._last[next(iter(self._last))]
        return prompt

    def standing(self, backend: str, document: DocumentSnapshot, cursor: Point) -> Sequence[ContextSnippet]:
        """The snippets of the last prompt, if it was for a place near this one."""
        last = self._last.get((backend, document.uri))
        return last.prompt.snippets if last is not None and abs(last.line - cursor.line) <= _NEAR_LINES else ()

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._last = {key: last for key, last in self._last.items() if key[1] != uri}


def profile_of(settings: Settings, backend: str) -> ModelProfile:
    """The family of the model behind a backend, as far as the settings tell."""
    from copilot_ls.prompt.profiles import BY_NAME, GENERIC, choose

    options = settings.backend.get(backend)
    if options is None:
        return GENERIC
    # A profile that does not exist is reported by the backend itself.
    return choose(options.model or "", options.profile if options.profile in BY_NAME else None)


def budget_of(settings: Settings, backend: str) -> int:
    """Tokens of the model that a prompt for this backend may have."""
    from copilot_ls.prompt.budget import prompt_budget

    options = settings.backend.get(backend)
    return prompt_budget(
        profile_of(settings, backend),
        wanted_tokens=settings.context.budget_tokens,
        answer_tokens=settings.completion.max_tokens,
        context_window=None if options is None else options.context_window,
    )


def gather_for(
    request: ContextRequest,
    settings: Settings,
    backend: str,
    *,
    standing: Sequence[ContextSnippet] = (),
    deadline_ms: float,
) -> Gathered:
    """Related code for a prompt to this backend, as much as it has room for, and of `standing` what is still true.

    Blocks for the deadline at most; run in a thread by the server.
    """
    from copilot_ls.context.gather import gather
    from copilot_ls.prompt.assemble import room_for_snippets
    from copilot_ls.prompt.comments import gap_mark
    from copilot_ls.prompt.tokens import estimate

    room = room_for_snippets(
        request.document,
        request.cursor,
        budget_tokens=budget_of(settings, backend),
        tokens_ratio=profile_of(settings, backend).tokens_ratio,
    )
    gathered = gather(
        request,
        deadline_ms=deadline_ms,
        budget_tokens=room,
        estimate_tokens=estimate,
        header_tokens=_HEADER_TOKENS,
        gap_mark=gap_mark(request.document.language_id),
    )
    return replace(gathered, snippets=with_standing(gathered.snippets, standing, request))


def with_standing(
    found: Sequence[ContextSnippet], standing: Sequence[ContextSnippet], request: ContextRequest
) -> tuple[ContextSnippet, ...]:
    """What was found, and behind it what of `standing` was not, and is still true."""
    from copilot_ls.context.standing import still_true

    return (*found, *(each for each in still_true(standing, request) if each not in found))


def scopes_at(tree: SyntaxTree | None, cursor: Point) -> list[tuple[int, int]]:
    """The lines of the heads of the classes and functions around the cursor, outermost first."""
    if tree is None:
        return []
    return [
        (scope.header.start.line, scope.header.end.line + 1)
        for scope in tree.enclosing_scopes(cursor)
        if scope.kind != "block"
    ]
