"""Code actions, what resolves them, and the commands that run them.

A client that resolves an action's edit gets it that way; any other runs the command of the same name and arguments, and
is sent the edit. Clients that can do neither, but take actions with edits, get those that need no model, when they ask.
What is offered is decided in `features/actions`, what is done in `features/fixing` and `features/explaining`.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from copilot_ls.features.actions import FIX_ALL, Action, ActionQuery, in_code, offered
from copilot_ls.lsp import action_arguments, fixes, from_proto, to_proto
from copilot_ls.lsp.explanations import ExplanationView
from copilot_ls.lsp.handlers import next_edit
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.fixing.outcome import FixKind, FixOutcome
    from copilot_ls.lsp.action_arguments import ActionArguments
    from copilot_ls.lsp.server import Server
    from copilot_ls.lsp.work import WorkEnd, WorkInProgress

EXPLAIN, FIX = "copilot-ls.explain", "copilot-ls.fix"
CHANGE, DOCUMENT, WRITE_TESTS = "copilot-ls.change", "copilot-ls.document", "copilot-ls.writeTests"
APPLIED = "copilot-ls.didApplyFix"
_COMMANDS = {"explain": EXPLAIN, "fix": FIX, "change": CHANGE, "document": DOCUMENT, "write_tests": WRITE_TESTS}
_KINDS: dict[str, FixKind] = {FIX: "fix", CHANGE: "change", DOCUMENT: "document", WRITE_TESTS: "tests"}
_EXPLAINED_WITHIN_S = 120.0
# The fixer keeps to its own limit; this is for what does not end even so.
_MORE_THAN_ITS_LIMIT_S = 15.0
# The most that a client is kept waiting for an action's edit, some stand still so long; a later one is sent.
_RESOLVED_WITHIN_S = 4.0


def register(server: Server) -> None:
    """Offer actions, and run them."""
    options = types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite, FIX_ALL],
        resolve_provider=True,
    )

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        return await _offer(server, params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        return await _resolve(server, action)

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancel(params: types.WorkDoneProgressCancelParams) -> None:
        server.work.cancel(params.token)

    @server.command(EXPLAIN)
    async def explain(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a client sends
        return await _explain(server, action_arguments.read(EXPLAIN, arguments, server.workbench))

    for command in _KINDS:
        server.command(command)(_fix_command(server, command))

    @server.command(APPLIED)
    async def applied(*arguments: Any) -> None:  # noqa: ANN401 - whatever a client sends
        await server.handed_out.applied(arguments[0] if arguments else None)


def _fix_command(server: Server, command: str) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def run(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a client sends
        said = action_arguments.read(command, arguments, server.workbench)
        if command == CHANGE and not said.wish:
            raise JsonRpcInvalidParams(f"{command}: 'wish' is missing: the change that is wanted, in words")
        return await _fix(server, command, said)

    return run


# Offering


async def _offer(server: Server, params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
    workbench = server.workbench
    document = workbench.documents.get(params.text_document.uri)
    if document is None:
        return []
    text, encoding = document.buffer.snapshot(), workbench.documents.encoding
    place = from_proto.span(params.range, text, encoding)
    sent = [from_proto.diagnostic(each, text, encoding) for each in params.context.diagnostics]
    workbench.diagnostics.seen(document.uri, sent)
    query = ActionQuery(
        document,
        place,
        workbench.diagnostics.touching(document.uri, _lines_of(place, document)),
        workbench.diagnostics.of(document.uri),
        automatic=params.context.trigger_kind == types.CodeActionTriggerKind.Automatic,
        only=[str(getattr(kind, "value", kind)) for kind in params.context.only or ()],
        takes_wish=server.abilities.wishes,
        model_answers=bool(workbench.settings().backend),
    )
    actions = offered(query)
    workbench.fix_lifecycle.offered(
        document.uri,
        document.language_id,
        [each for action in actions if action.name == "fix" for each in action.diagnostics],
    )
    entries = [entry for action in actions if (entry := _as_proto(server, document, action)) is not None]
    abilities = server.abilities
    if not query.automatic:
        entries += await next_edit.actions(server, document, place.start, query.only)
    if abilities.action_literals and not (abilities.resolves_edits or abilities.applies_edits or query.automatic):
        return [*await _direct_fixes(server, document, query.here), *entries]
    return entries


async def _direct_fixes(
    server: Server, document: OpenDocument, diagnostics: Sequence[Diagnostic]
) -> list[types.CodeAction | types.Command]:
    """Actions that hold their edits, for a client that takes none in another way."""
    from copilot_ls.features.direct_fixes import direct_fixes

    if not diagnostics:
        return []
    await server.workbench.ready()
    snapshot = document.snapshot()
    encoding = server.workbench.documents.encoding
    found: list[types.CodeAction | types.Command] = []
    for proposal in await direct_fixes(server.workbench, snapshot, diagnostics):
        edits = [
            types.TextEdit(to_proto.range_(each.span, snapshot.text, encoding), each.text)
            for each in proposal.replacements
        ]
        edit = types.WorkspaceEdit(changes={document.uri: edits})
        found.append(types.CodeAction(f"{proposal.title} (not verified)", types.CodeActionKind.QuickFix, edit=edit))
    return found if document.snapshot().text is snapshot.text else []


def _lines_of(place: Span, document: OpenDocument) -> Span:
    """A mere cursor stands for its line, as editors show what is wrong with a line."""
    if place.start != place.end:
        return place
    text = document.buffer.snapshot()
    return Span(place.start._replace(column=0), place.start._replace(column=len(text.line_text(place.start.line))))


def _as_proto(server: Server, document: OpenDocument, action: Action) -> types.CodeAction | types.Command | None:
    abilities = server.abilities
    if action.disabled and not abilities.shows_disabled:
        return None
    said = action_arguments.written(
        document.snapshot(),
        action.span,
        server.workbench,
        diagnostics=() if action.scope == "file" else action.diagnostics,
        scope="" if action.scope == "place" else action.scope,
        explain=action.explain,
    )
    command = types.Command(title=action.title, command=_COMMANDS[action.name], arguments=[said])
    if not abilities.action_literals:
        return command
    found = types.CodeAction(title=action.title)
    if action.kind:
        found.kind = action.kind
    if action.disabled:
        found.disabled = types.CodeActionDisabled(reason=action.disabled)
    elif _resolves(server, action):
        found.data = {"command": command.command, "arguments": [said]}
    elif action.name == "explain" or abilities.applies_edits:
        found.command = command
    else:
        return None
    return found


def _resolves(server: Server, action: Action) -> bool:
    """Whether the client asks for the edit when the action is chosen. What shows more than an edit is a command."""
    able = server.abilities.resolves_edits and server.abilities.keeps_data
    return able and action.name != "explain" and not action.explain


# Running


async def _resolve(server: Server, action: types.CodeAction) -> types.CodeAction:
    """The action with its edit; without, when there is none or it takes too long: then the edit is sent later."""
    data = action.data
    # Clients resolve what is none of ours, and what has nothing to be resolved.
    if action.edit is not None or not isinstance(data, dict) or data.get("command") not in _KINDS:
        return action
    command = data["command"]
    said = action_arguments.read(command, tuple(data.get("arguments") or ()), server.workbench)
    end = await _run_fix(server, command, said, patience_s=_RESOLVED_WITHIN_S)
    if end.how != "done":
        _tell_end(server, end)
        return action
    outcome: FixOutcome = end.value
    delivery = await fixes.prepared(server, outcome, in_action=True)
    action.edit = delivery.edit
    server.tell(delivery.message)
    if delivery.edit is None:
        if outcome.replacements:
            server.workbench.fix_lifecycle.dropped(outcome.fix_id, said.document.uri, delivery.state)
    elif server.abilities.resolves_commands:
        # The client runs it when it has made the edit.
        server.handed_out.add(outcome, delivery)
        action.command = types.Command(title="Applied a fix", command=APPLIED, arguments=[outcome.fix_id])
    return action


async def _fix(server: Server, command: str, said: ActionArguments) -> dict[str, Any]:
    end = await _run_fix(server, command, said)
    if end.how == "done":
        return (await _delivered(server, end.value)).plain()
    _tell_end(server, end)
    return {"state": end.how, "message": _WORDS.get(end.how, "")}


async def _run_fix(server: Server, command: str, said: ActionArguments, *, patience_s: float | None = None) -> WorkEnd:
    """Have it mended. What work that is done comes to is the `FixOutcome`; one that comes too late is delivered."""
    from copilot_ls.features.fixing.outcome import FixTask

    diagnostics = said.diagnostics if command == FIX else ()
    task = FixTask(_KINDS[command], said.snapshot, said.span, diagnostics, said.wish, said.explain)

    fix_id, lifecycle = uuid.uuid4().hex, server.workbench.fix_lifecycle
    begun_at = time.monotonic()

    async def do(work: WorkInProgress) -> FixOutcome:
        work.report("starting")
        await server.workbench.ready()
        lifecycle.opened(fix_id, task)
        try:
            outcome = await server.workbench.code_fixer().fix(task, progress=work.report, fix_id=fix_id)
        except BaseException:
            lifecycle.cancelled(fix_id, task.document.uri, 1000 * (time.monotonic() - begun_at))
            raise
        lifecycle.proposed(outcome)
        return outcome

    async def finish(end: WorkEnd) -> None:
        if end.how == "done":
            await _delivered(server, end.value)
        else:
            _tell_end(server, end)

    deadline_s = server.workbench.settings().fix.max_seconds + _MORE_THAN_ITS_LIMIT_S
    return await server.work.run(
        _TITLES[command], said.document.uri, do, deadline_s=deadline_s, finish=finish, patience_s=patience_s
    )


async def _delivered(server: Server, outcome: FixOutcome) -> fixes.Delivery:
    """Send the edit, show what is to be shown beside it, and say how it went."""
    delivery = await fixes.deliver(server, outcome)
    server.tell(delivery.message)
    if outcome.task.explain and outcome.explanation:
        view = ExplanationView(server, outcome.title, "fix", uuid.uuid4().hex)
        await view.complete(f"{outcome.explanation}\n\n{delivery.message}\n")
    return delivery


async def _explain(server: Server, said: ActionArguments) -> dict[str, Any]:
    from copilot_ls.features.explaining.question import ExplainQuestion

    diagnostic = said.diagnostics[0] if said.diagnostics else None
    span = said.span
    if span.start == span.end:
        span = Span(*[in_code(span.start, said.snapshot.text)] * 2)
    question = ExplainQuestion(said.snapshot, span, diagnostic, said.question)
    path = server.workbench.relative_path(said.snapshot)
    about = f"{path}:{said.span.start.line + 1}"
    view = ExplanationView(server, f"Explanation of {about}", about, uuid.uuid4().hex)

    async def do(work: WorkInProgress) -> dict[str, str]:
        def grown(markdown: str) -> None:
            work.report(f"{len(markdown.split()):,} words so far")
            view.grown(markdown)

        work.report("reading")
        await server.workbench.ready()
        explanation = await server.workbench.code_explainer().explain(question, on_markdown=grown)
        return await view.complete(explanation.markdown)

    async def finish(end: WorkEnd) -> None:
        if end.how != "done":
            view.ended()
        _tell_end(server, end)

    end = await server.work.run("Explain", said.document.uri, do, deadline_s=_EXPLAINED_WITHIN_S, finish=finish)
    if end.how == "done":
        return {"state": "shown", **end.value}
    if end.how != "working":
        await finish(end)
    return {"state": end.how, "message": _WORDS.get(end.how, "")}


_TITLES = {FIX: "Fix", CHANGE: "Change", DOCUMENT: "Document", WRITE_TESTS: "Write tests"}
_WORDS = {
    "working": "at work; the result is shown when it is there",
    "cancelled": "cancelled",
    "superseded": "given up for what was asked after it",
    "too_late": "gave up: it took too long",
    "failed": "gave up: something went wrong in copilot-ls, see its log",
}


def _tell_end(server: Server, end: WorkEnd) -> None:
    """Say how work ended, unless the user has done it or sees it."""
    if end.how in ("too_late", "failed"):
        server.tell(_WORDS[end.how], warning=True)
