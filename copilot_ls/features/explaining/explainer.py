"""Answers a question about code: at once from syntax and index, then in a model's words where the route has one.

A broken index, grammar or backend costs its part of the answer and no more. Nothing of an ignored document is sent.
Leaves finding out to `facts`, writing to `embedded` and `diagnostic`, the model's prompt to `prompt.instructions`.
Called by `lsp` and `cli` through the workbench.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from copilot_ls.errors import BackendError, place_of
from copilot_ls.features.explaining.diagnostic import names_in, write_diagnostic
from copilot_ls.features.explaining.embedded import write_file, write_name, write_routine, write_type
from copilot_ls.features.explaining.facts import declared, facts_about, facts_about_type
from copilot_ls.features.explaining.page import Page, code
from copilot_ls.features.explaining.question import Explanation
from copilot_ls.features.explaining.untrusted import made_safe
from copilot_ls.features.fix_lifecycle import rule_of
from copilot_ls.features.turns import TaskTurns
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.features.explaining.question import ExplainQuestion
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.index.hits import DefinitionHit
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.prompt.instructions import Passage
    from copilot_ls.syntax import Scope, SyntaxTree
    from copilot_ls.text import TextSnapshot

logger = logging.getLogger("copilot_ls")

_MAX_ANSWER_TOKENS = 1_200
# A model's answer is read on a screen; one that goes on is cut.
_MAX_ANSWER_CHARS = 20_000
# Lines around a passage that a model may be shown, within its budget.
_LINES_AROUND = 200
_MOST_USES = 20


class CodeExplainer:
    """Explains code of one workspace."""

    def __init__(
        self,
        house: Workbench,
        *,
        new_id: Callable[[], str],
        now: Callable[[], float] = time.monotonic,
        index_of: Callable[[str], WorkspaceIndex | None] | None = None,
    ) -> None:
        self._house = house
        self._new_id = new_id
        self._now = now
        self._index_of = index_of or house.workspaces().index_of

    async def explain(
        self, question: ExplainQuestion, *, on_markdown: Callable[[str], None] = lambda _: None
    ) -> Explanation:
        """The explanation. `on_markdown` hears the whole of it as far as it has come. Raises only when cancelled."""
        started = self._now()
        request_id = self._new_id()
        explanation = await self._explain(question, request_id, on_markdown)
        self._house.lifecycle.explained(
            request_id,
            uri=question.document.uri,
            language=question.document.language_id,
            backend=explanation.backend,
            model=explanation.model,
            latency_ms=round((self._now() - started) * 1000, 3),
            n_chars=len(explanation.markdown),
            rule=rule_of(question.diagnostic) if question.diagnostic is not None else "",
        )
        return explanation

    async def _explain(
        self, question: ExplainQuestion, request_id: str, on_markdown: Callable[[str], None]
    ) -> Explanation:
        page, passage_span = await asyncio.to_thread(self._known, question)
        facts = str(page)
        on_markdown(facts)
        names = self._house.router().names("explain")
        if not names:
            return Explanation(_with_sources(facts, page), page.sources, note="no model is configured for explaining")
        if await self._house.ignored.reason(question.document) is not None:
            note = "the file is ignored, and no model is sent anything of it"
            return Explanation(_with_sources(facts, page, note), page.sources, note=note)
        return await self._with_model(question, page, passage_span, names[0], request_id, on_markdown)

    async def _with_model(
        self,
        question: ExplainQuestion,
        page: Page,
        span: Span,
        first: str,
        request_id: str,
        on_markdown: Callable[[str], None],
    ) -> Explanation:
        from copilot_ls.backends.chat import ChatRequest, Message
        from copilot_ls.features.prompts import budget_of
        from copilot_ls.prompt import instructions
        from copilot_ls.routing.conversation import RoutedChat

        document = question.document
        others = self._house.ignored.may_teach(self._house.documents.snapshots())
        gathered = await self._house.related_code.gathered(document, span.start, others, first)
        said = instructions.explain(
            self._passage(question, span),
            gathered.snippets if gathered is not None else (),
            budget_tokens=budget_of(self._house.settings(), first),
            question=question.question or _asked_of(question),
        )
        messages = tuple(Message(each["role"], each["content"]) for each in said)  # type: ignore[arg-type]
        turns = TaskTurns(
            self._house.lifecycle,
            "explain",
            request_id,
            uri=document.uri,
            language=document.language_id,
            on_change=self._house.status.changed,
        )
        chat = RoutedChat(self._house.router(), "explain", turns)
        request = ChatRequest(messages=messages, max_tokens=_MAX_ANSWER_TOKENS, cache_prefix=1)
        facts, text, note = str(page), "", ""
        try:
            async with aclosing(chat.chat(request)) as chunks:
                async for chunk in chunks:
                    if not chunk.text:
                        continue
                    text += chunk.text
                    on_markdown(_in_its_words(text, "") + facts)
                    if len(text) > _MAX_ANSWER_CHARS:
                        note = "the model's answer was cut: it went on and on"
                        break
        except BackendError as error:
            note = f"the model's answer broke off ({error.fault})" if text else f"no model could answer ({error.fault})"
            if error.fault == "no_backend":
                note += "; `copilot-ls doctor --route explain` says why"
        if not text.strip():
            note = note or "the model said nothing"
            return Explanation(_with_sources(facts, page, note), page.sources, note=note)
        markdown = _in_its_words(text, turns.model or turns.backend) + _with_sources(facts, page, note)
        return Explanation(markdown, page.sources, backend=turns.backend or first, model=turns.model, note=note)

    def _passage(self, question: ExplainQuestion, span: Span) -> Passage:
        from copilot_ls.prompt.instructions import Passage

        text, first, last = question.document.text, span.start.line, span.end.line
        reported = question.diagnostic
        reports = (f"line {reported.span.start.line + 1}: {reported.message}",) if reported is not None else ()
        return Passage(
            path=self._house.relative_path(question.document),
            language_id=question.document.language_id,
            code="".join(text.lines(first, last + 1)),
            before="".join(text.lines(first - _LINES_AROUND, first)),
            after="".join(text.lines(last + 1, last + 1 + _LINES_AROUND)),
            reports=reports,
        )

    # What is known without a model; in a thread

    def _known(self, question: ExplainQuestion) -> tuple[Page, Span]:
        """The page of facts, and the lines that the question is about."""
        page = Page()
        document = question.document
        try:
            return page, self._write(page, question)
        except Exception as error:  # noqa: BLE001 - a model may still answer, and the editor must not notice
            logger.error("explaining failed: %s", place_of(error))  # noqa: TRY400 - a message may quote source text
            page.add("Less is known here than should be: see the log.")
            return page, _whole_lines(question.span, document.text)

    def _write(self, page: Page, question: ExplainQuestion) -> Span:
        from copilot_ls.syntax import SyntaxDocument
        from copilot_ls.syntax.routines import documentation_of, routine_at

        document = question.document
        path = self._house.relative_path(document)
        index = self._index_of(document.path)
        tree = SyntaxDocument(document.language_id, document.path).tree_at(document.text)
        at = question.diagnostic.span.start if question.diagnostic is not None else question.span.start
        point = _within_code(document.text.clip(at), document.text)
        if question.diagnostic is not None:
            root = self._house.root_of(document)
            names = [(name, point.line) for name in names_in(question.diagnostic)]
            found = declared(names, path, index) if index is not None else []
            write_diagnostic(page, question.diagnostic, found, str(root) if root is not None else "")
        elif index is not None and (name := _name_at(document.text, at, question.span)):
            self._write_name(page, tree, name, path, index, point)
        scopes = [scope for scope in tree.enclosing_scopes(point) if scope.kind != "block"]
        known = index.file_definitions(path) if index is not None else []
        routine = routine_at(tree, point)
        if routine is not None and not _reaches_beyond(question.span, routine.scope.span):
            name, span = routine.scope.name, routine.scope.span
            owner = _owner_of(routine.scope, scopes, known)
            facts = None
            if index is not None and name:
                calls = [(place.text, place.line) for place in routine.calls]
                facts = facts_about(name, owner, path, index, callees=calls)
            write_routine(page, routine, facts, path=path, language=document.language_id, owner=owner)
            return _whole_lines(span if _is_place(question.span) else question.span, document.text)
        for scope in reversed(scopes):
            hit = next((hit for hit in known if hit.name == scope.name and hit.kind in ("class", "type")), None)
            if hit is None or index is None or scope.kind != "class" or _reaches_beyond(question.span, scope.span):
                continue
            about = facts_about_type(scope.name, path, index)
            says = documentation_of(tree, scope)
            write_type(page, hit, index.members(hit.name, path), about, language=document.language_id, says=says)
            return _whole_lines(scope.span if _is_place(question.span) else question.span, document.text)
        imports = [each.module or each.name for each in index.file_imports(path)] if index is not None else []
        write_file(page, path, [hit for hit in known if not hit.container], list(dict.fromkeys(imports)))
        return _whole_lines(question.span, document.text)

    def _write_name(self, page: Page, tree: SyntaxTree, name: str, path: str, index: WorkspaceIndex, at: Point) -> None:
        """The section about a name under the cursor, unless it is that of the declaration around, which follows."""
        around = {scope.name for scope in tree.enclosing_scopes(at)}
        for each in declared([(name, at.line)], path, index):
            hit = each.declaration
            if hit.path == path and hit.line <= at.line and name in around:
                continue
            used = index.references([name], limit_each=_MOST_USES, near=path).get(name, [])
            write_name(page, each, used, language=tree.spec.name if tree.spec is not None else "")


def _owner_of(scope: Scope, scopes: Sequence[Scope], known: Sequence[DefinitionHit]) -> str:
    """The type that a function belongs to: the one around it, or, as in Go, the one that it says."""
    at = next((at for at, each in enumerate(scopes) if each.span == scope.span), 0)
    if at > 0:
        return scopes[at - 1].name if scopes[at - 1].kind == "class" else ""
    lines = range(scope.span.start.line, scope.header.end.line + 1)
    return next((hit.container for hit in known if hit.name == scope.name and hit.line in lines), "")


def _asked_of(question: ExplainQuestion) -> str:
    if question.diagnostic is None:
        return ""
    return "Explain why this is reported, what it comes from in this code, and how to mend it."


def _in_its_words(text: str, model: str) -> str:
    """A model's part of the page."""
    who = f"In the words of {code(model)}" if model else "A model is answering"
    return f"*{who}; not checked.*\n\n{made_safe(text.strip())}\n\n---\n\n"


def _with_sources(facts: str, page: Page, note: str = "") -> str:
    parts = [facts.rstrip()]
    if page.sources:
        parts.append("**Rests on** " + ", ".join(map(code, page.sources)))
    if note:
        parts.append(f"*{note[0].upper()}{note[1:]}.*")
    return "\n\n".join(parts) + "\n"


def _is_place(span: Span) -> bool:
    return span.start == span.end


def _whole_lines(span: Span, text: TextSnapshot) -> Span:
    last = span.end.line - (span.end.column == 0 and span.end.line > span.start.line)
    return Span(Point(span.start.line, 0), Point(last, len(text.line_text(last))))


def _within_code(point: Point, text: TextSnapshot) -> Point:
    """A place in the indentation, or before the first letter of the code, means the code behind it."""
    line = text.line_text(point.line)
    indentation = len(line) - len(line.lstrip())
    return Point(point.line, max(point.column, min(indentation + 1, len(line))))


def _reaches_beyond(span: Span, around: Span) -> bool:
    return span.start < around.start or span.end > around.end


def _name_at(text: TextSnapshot, at: Point, span: Span) -> str:
    """The identifier at a place, or the one that is selected."""
    line = text.line_text(at.line)
    start = end = at.column
    while start > 0 and (line[start - 1].isalnum() or line[start - 1] in "_$"):
        start -= 1
    while end < len(line) and (line[end].isalnum() or line[end] in "_$"):
        end += 1
    name = line[start:end]
    if not _is_place(span) and text.slice(span) != name:
        return ""
    return name if name and not name[0].isdigit() else ""
