"""What can be done about a place in a document: explain, fix, change, document, test.

Deciding what to offer costs next to nothing, because editors ask after every keystroke: no model, no disk, no index.
Whether a fix can be found is found out when it is asked for. Doing it is `fixing`'s and `explaining`'s, showing it
`lsp`'s, which calls this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.syntax.scopes import Scope
    from copilot_ls.text import Span, TextSnapshot

ActionName = Literal["explain", "fix", "change", "document", "write_tests"]
ActionKind = Literal["quickfix", "refactor.rewrite", "source.fixAll.copilot-ls", ""]
"""As LSP has it. The empty one is that of actions which change nothing."""

FIX_ALL: ActionKind = "source.fixAll.copilot-ls"
# Each more would be a menu of its own; `all` has the rest.
_MAX_EACH = 4
_MAX_TITLE_CHARS = 72
_WORST_FIRST = {"error": 0, "warning": 1, "information": 2, "hint": 3}


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the menu. `span` is what it is about, `disabled` why it cannot be had here."""

    name: ActionName
    kind: ActionKind
    title: str
    span: Span
    diagnostics: tuple[Diagnostic, ...] = ()
    scope: Literal["place", "range", "file"] = "place"
    explain: bool = False
    disabled: str = ""


@dataclass(frozen=True, slots=True)
class ActionQuery:
    """What the editor asks. `here` are the diagnostics at `span`, `all_known` those of the whole document.

    `automatic` says that nobody asked for a menu: a cursor moved. `only` are the kinds that are wanted, all when empty.
    `takes_wish` says that the client can ask the user for a sentence, `model_answers` that there is a model for it.
    """

    document: OpenDocument
    span: Span
    here: Sequence[Diagnostic]
    all_known: Sequence[Diagnostic]
    automatic: bool = False
    only: Sequence[str] = ()
    takes_wish: bool = False
    model_answers: bool = False


def offered(query: ActionQuery) -> list[Action]:
    """The actions that make sense at a place, the likeliest first; those that would, but cannot be had, say why."""
    if query.document.is_secret:
        return []
    found = _about_diagnostics(query)
    if not found and not query.automatic and (fault := _fault_at(query)) is not None:
        found.append(Action("fix", "quickfix", "Fix the syntax", fault))
    if FIX_ALL in query.only and query.all_known:
        found.append(_fix_all(query, FIX_ALL))
    if not query.automatic and (not query.only or any(_wanted(kind, query.only) for kind in ("refactor.rewrite", ""))):
        found += _about_code(query)
    return [action for action in found if not query.only or _wanted(action.kind, query.only)]


def _wanted(kind: str, only: Sequence[str]) -> bool:
    """Whether a kind is one of those asked for, or below one; an editor's fix-on-save must name us."""
    if kind == FIX_ALL:
        return kind in only
    return any(not each or kind == each or kind.startswith(f"{each}.") for each in only)


def _about_diagnostics(query: ActionQuery) -> list[Action]:
    ordered = sorted(query.here, key=lambda each: (_WORST_FIRST[each.severity], each.span))
    found = [
        Action("fix", "quickfix", _titled("Fix: ", each.message), each.span, (each,)) for each in ordered[:_MAX_EACH]
    ]
    if ordered:
        first = ordered[0]
        found += [
            Action("fix", "quickfix", _titled("Fix and explain: ", first.message), first.span, (first,), explain=True),
            Action("explain", "quickfix", _titled("Explain: ", first.message), first.span, (first,)),
        ]
    if len(ordered) > 1:
        title = f"Fix all {len(ordered)} problems here"
        found.append(Action("fix", "quickfix", title, query.span, tuple(ordered), scope="range"))
    if ordered and len(query.all_known) > len(ordered):
        found.append(_fix_all(query, "quickfix"))
    return found


def _fault_at(query: ActionQuery) -> Span | None:
    """A place that does not parse, on the cursor's line or right beside it; nobody may report it."""
    from copilot_ls.syntax.faults import nearest_fault

    text, point = query.document.buffer.snapshot(), query.span.start
    return nearest_fault(query.document.syntax.tree_at(text, in_code(point, text)), point.line, within=1)


def _fix_all(query: ActionQuery, kind: ActionKind) -> Action:
    n = len(query.all_known)
    title = f"Fix all {n} problems in this file" if n > 1 else "Fix the one problem in this file"
    return Action("fix", kind, title, query.span, tuple(query.all_known), scope="file")


def _about_code(query: ActionQuery) -> list[Action]:
    document, span = query.document, query.span
    text = document.buffer.snapshot()
    selected = span.start != span.end and bool(text.slice(span).strip())
    declaration = _declaration(document, span)
    found = []
    if selected:
        found.append(Action("explain", "", "Explain the selection", span))
    elif declaration is not None or text.line_text(span.start.line).strip():
        found.append(Action("explain", "", "Explain this", span))
    if query.takes_wish:
        about = span if selected or declaration is None else declaration.span
        needs = "" if query.model_answers else "it needs a model: configure a backend (`copilot-ls doctor` says how)"
        found.append(Action("change", "refactor.rewrite", "Change this…", about, disabled=needs))
    nowhere = "" if declaration is not None else "the cursor is in no function or class"
    about, what = (span, "this") if declaration is None else (declaration.span, _called(declaration))
    found.append(Action("document", "refactor.rewrite", f"Document {what}", about, disabled=nowhere))
    found.append(Action("write_tests", "refactor.rewrite", f"Write tests for {what}", about, disabled=nowhere))
    return found


def _declaration(document: OpenDocument, span: Span) -> Scope | None:
    """The innermost function or class around the start of a span; the one that begins there, on its first line."""
    text = document.buffer.snapshot()
    point = in_code(span.start, text)
    tree = document.syntax.tree_at(text, point)
    scopes = [scope for scope in tree.enclosing_scopes(point) if scope.kind != "block" and scope.name]
    return scopes[-1] if scopes else None


def in_code(point: Point, text: TextSnapshot) -> Point:
    """The place that a cursor in the indentation, or right before a line's first word, stands for: within that word."""
    line = text.line_text(point.line)
    indent = len(line) - len(line.lstrip())
    return Point(point.line, min(indent + 1, len(line))) if point.column <= indent else point


def _called(declaration: Scope) -> str:
    return f"'{_short(declaration.name, 40)}'"


def _titled(what: str, message: str) -> str:
    """A title of one line, with the diagnostic's first line."""
    first = next((line.strip() for line in message.splitlines() if line.strip()), "this problem")
    return what + _short(first, _MAX_TITLE_CHARS - len(what))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
