"""The prompt for one backend at one place: its model's family and window, the syntax tree's scopes, the last prompt.

Leaves choosing and laying out to `copilot_ls.prompt`, which is pure, and remembers for it the last prompt of each
document and backend. Called by `ask` and by what reports on prompts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.config.settings import Settings
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.prompt.assemble import Prompt
    from copilot_ls.prompt.profiles import ModelProfile
    from copilot_ls.syntax import SyntaxTree
    from copilot_ls.text import DocumentSnapshot, Point

# Documents that are typed in by turns; the oldest is forgotten.
_MOST_REMEMBERED = 16
# What is gathered over what fits, so that a snippet of the last prompt that has fallen a little is still there.
_TO_CHOOSE_FROM = 1.5


class Prompts:
    """Makes prompts, each with the last one for the same document and backend in mind."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], Prompt] = {}

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
    ) -> Prompt:
        """The prompt for a backend by its name. Deterministic but for the order of what was in the last one."""
        from copilot_ls.prompt.assemble import assemble
        from copilot_ls.prompt.comments import comment_for

        profile = profile_of(settings, backend)
        key = (backend, document.uri)
        prompt = assemble(
            document,
            cursor,
            snippets,
            budget_tokens=budget_of(settings, backend),
            path=path,
            comment=comment_for(document.language_id),
            tokens_ratio=profile.tokens_ratio,
            scopes=scopes_at(tree, cursor),
            previous=self._last.pop(key, None),
            keep_suffix=profile.fim is not None and profile.fim.order == "suffix_prefix_middle",
        )
        self._last[key] = prompt
        if len(self._last) > _MOST_REMEMBERED:
            del self._last[next(iter(self._last))]
        return prompt

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._last = {key: prompt for key, prompt in self._last.items() if key[1] != uri}


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


def gathering_budget(settings: Settings, backend: str, document: DocumentSnapshot, cursor: Point) -> int:
    """Tokens of snippets to gather for a prompt at this place: what it has room for, and some to choose from."""
    from copilot_ls.prompt.assemble import room_for_snippets

    room = room_for_snippets(
        document,
        cursor,
        budget_tokens=budget_of(settings, backend),
        tokens_ratio=profile_of(settings, backend).tokens_ratio,
    )
    return int(room * _TO_CHOOSE_FROM)


def scopes_at(tree: SyntaxTree | None, cursor: Point) -> list[tuple[int, int]]:
    """The lines of the heads of the classes and functions around the cursor, outermost first."""
    if tree is None:
        return []
    return [
        (scope.header.start.line, scope.header.end.line + 1)
        for scope in tree.enclosing_scopes(cursor)
        if scope.kind != "block"
    ]
