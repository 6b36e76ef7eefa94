"""A `CodeFixer` from the parts of a workbench. Called by `features.workbench`, and by tests that exchange a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.config.paths import state_dir
from copilot_ls.config.trust import TrustStore
from copilot_ls.features.fixing.budget import FixLimits
from copilot_ls.features.fixing.parts import FixerParts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.checking.base import Checker
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.features.fixing.transcript import Transcript
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.fixers.base import Problem, Proposals
    from copilot_ls.text import DocumentSnapshot, Point

# Room in a model's window for the schemas, for a few answers, and for what is said to them.
_FOR_ANSWERS = 2_500
# Less shows no code; a window that has no room for it cannot be used for this.
_LEAST_PROMPT = 700


def fixer_parts(house: Workbench, *, now: Callable[[], float], new_id: Callable[[], str]) -> FixerParts:
    """The parts that a workbench has."""

    def limits() -> FixLimits:
        fix = house.settings().fix
        return FixLimits(fix.max_tries, fix.max_tokens, fix.max_seconds, fix.max_cost)

    def checkers(document: DocumentSnapshot) -> Sequence[Checker]:
        from copilot_ls.checking.registry import checkers_for

        root = house.root_of(document)
        trusted = root is not None and TrustStore().trusts_folder(root)
        return checkers_for(document.language_id, house.settings(), trusted=trusted, root=root)

    def propose(problem: Problem) -> Proposals:
        from copilot_ls.fixers.propose import propose

        return propose(problem)

    async def gather(document: DocumentSnapshot, at: Point, backend: str) -> Sequence[ContextSnippet]:
        gathered = await house.related_code.gathered(document, at, open_documents(), backend)
        return gathered.snippets if gathered is not None else ()

    def open_documents() -> Sequence[DocumentSnapshot]:
        return house.ignored.may_teach(house.documents.snapshots())

    def prompt_tokens(backend: str) -> int:
        from copilot_ls.features.prompts import profile_of
        from copilot_ls.prompt.budget import prompt_budget

        settings = house.settings()
        options = settings.backend.get(backend)
        budget = prompt_budget(
            profile_of(settings, backend),
            wanted_tokens=settings.context.budget_tokens,
            answer_tokens=_FOR_ANSWERS,
            context_window=None if options is None else options.context_window,
        )
        return max(budget, _LEAST_PROMPT)

    def transcript(fix_id: str) -> Transcript | None:
        if not house.settings().telemetry.store_text:
            return None
        from copilot_ls.features.fixing.transcript import Transcript

        return Transcript(state_dir() / "fix-transcripts", fix_id, house.redaction.without_secrets)

    return FixerParts(
        router=house.router,
        limits=limits,
        check_timeout_s=lambda: house.settings().fix.check_timeout_ms / 1000,
        propose=propose,
        checkers=checkers,
        why_ignored=house.ignored.reason,
        gather=gather,
        prompt_tokens=prompt_tokens,
        relative_path=house.relative_path,
        root_of=house.root_of,
        index_of=house.workspaces().index_of,
        open_documents=open_documents,
        tool_use=lambda: house.settings().fix.tools,
        exclude=lambda: house.settings().index.exclude,
        transcript=transcript,
        events=house.lifecycle,
        on_turn=house.status.changed,
        now=now,
        new_id=new_id,
    )
