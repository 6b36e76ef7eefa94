"""A server in this process with a scripted fixer and explainer behind it, and an editor at the other end of a real socket.

What an editor can do is its recorded capabilities. It keeps documents as editors do: it applies edits, counts versions,
and tells of every change.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.lsp import _lazy_types

_lazy_types.install()

from copilot_ls.edits import Replacement, applied  # noqa: E402
from copilot_ls.features.fixing.outcome import FixOutcome, FixTask, Verdict  # noqa: E402
from copilot_ls.features.workbench import Workbench  # noqa: E402
from copilot_ls.lsp import from_proto, transport  # noqa: E402
from copilot_ls.lsp.server import Server  # noqa: E402
from copilot_ls.text import Point, PositionEncoding, Span, TextSnapshot  # noqa: E402
from tests.lsp_client import LspClient, LspError, edit  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from copilot_ls.features.explaining.question import ExplainQuestion, Explanation

VERIFIED = Verdict("verified", ("ruff",))


@dataclass
class ScriptedFixer:
    """Replaces `old` by `new` wherever it first stands in the task's document, once it is let go on."""

    old: str = "wrong"
    new: str = "right"
    verdict: Verdict = VERIFIED
    target: str | None = None
    target_text: TextSnapshot | None = None
    explanation: str = ""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[FixTask] = field(default_factory=list)
    n_cancelled: int = 0
    fault: Exception | None = None

    async def fix(
        self, task: FixTask, *, progress: Callable[[str], None] = lambda _: None, fix_id: str = ""
    ) -> FixOutcome:
        self.tasks.append(task)
        progress("asking nobody")
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.n_cancelled += 1
            raise
        if self.fault is not None:
            raise self.fault
        text = task.document.text
        replacements: tuple[Replacement, ...] = ()
        if self.target is not None:
            replacements = (Replacement(Span(Point(0, 0), Point(0, 0)), self.new),)
        elif self.verdict.kind != "gave_up":
            at = text.text.index(self.old)
            span = Span(text.point_at(at), text.point_at(at + len(self.old)))
            replacements = (Replacement(span, self.new),)
        return FixOutcome(
            fix_id,
            task,
            f"Replace {self.old}",
            self.verdict,
            replacements,
            self.target,
            self.target_text,
            self.explanation,
        )


@dataclass
class ScriptedExplainer:
    """Explains in three steps, once it is let go on."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    questions: list[ExplainQuestion] = field(default_factory=list)
    n_cancelled: int = 0

    async def explain(
        self, question: ExplainQuestion, *, on_markdown: Callable[[str], None] = lambda _: None
    ) -> Explanation:
        from copilot_ls.features.explaining.question import Explanation

        self.questions.append(question)
        on_markdown("# What it is\n\nIt")
        on_markdown("# What it is\n\nIt has grown")
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.n_cancelled += 1
            raise
        return Explanation("# What it is\n\nIt adds\ntwo numbers.\n\nMore.\n", ("a.py:1",))


class Desk(Workbench):
    """A workbench with nothing real behind the actions."""

    def __init__(self) -> None:
        super().__init__(record_telemetry=False, use_disk_cache=False)
        self.fixer = ScriptedFixer()
        self.explainer = ScriptedExplainer()

    def code_fixer(self) -> Any:
        return self.fixer

    def code_explainer(self) -> Any:
        return self.explainer


class Editor:
    """The editor's side: documents, and whatever was sent to it."""

    def __init__(self, client: LspClient, desk: Desk, server: Server) -> None:
        self.client = client
        self.desk = desk
        self.server = server
        self.texts: dict[str, TextSnapshot] = {}
        self.versions: dict[str, int] = {}
        self.applied: list[dict[str, Any]] = []
        self.created: dict[str, str] = {}
        self.answers_edits: Callable[[dict[str, Any]], dict[str, Any]] = self.apply
        client.on_request("workspace/applyEdit", lambda params: self.answers_edits(params))

    def open(self, uri: str, text: str, language_id: str = "python") -> None:
        self.texts[uri], self.versions[uri] = TextSnapshot.of(text), 1
        self.client.open(uri, text, language_id)

    def type(self, uri: str, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        span = Span(Point(*start), Point(*end))
        self.texts[uri], _ = self.texts[uri].edited(span, text)
        self.versions[uri] += 1
        self.client.change(uri, self.versions[uri], [edit(start, end, text)])

    def text(self, uri: str) -> str:
        return self.texts[uri].text

    def diagnose(self, uri: str, *found: dict[str, Any]) -> None:
        params = {"uri": uri, "version": self.versions[uri], "diagnostics": list(found)}
        self.client.notify("copilot-ls/didPublishDiagnostics", params)

    def apply(self, params: dict[str, Any]) -> dict[str, Any]:
        """Make an edit as a good editor does: refused where it is for another version."""
        self.applied.append(params)
        changes = params["edit"].get("documentChanges")
        if changes is None:
            for uri, edits in params["edit"]["changes"].items():
                self.make(uri, edits)
            return {"applied": True}
        for change in changes:
            if change.get("kind") == "create":
                self.created[change["uri"]] = ""
                continue
            uri, version = change["textDocument"]["uri"], change["textDocument"]["version"]
            if uri in self.created:
                self.created[uri] = "".join(each["newText"] for each in change["edits"])
                continue
            if version is None and uri not in self.texts:
                continue  # a file that is not open: it is not watched here
            if version not in (None, self.versions[uri]):
                return {"applied": False, "failureReason": "the version is another"}
            self.make(uri, change["edits"])
        return {"applied": True}

    def make(self, uri: str, edits: list[dict[str, Any]]) -> None:
        text = self.texts[uri]
        encoding = PositionEncoding(self.client.server_capabilities["positionEncoding"])

        def point(at: dict[str, int]) -> Point:
            return from_proto.point(from_proto.types.Position(at["line"], at["character"]), text, encoding)

        replacements = [
            Replacement(Span(point(each["range"]["start"]), point(each["range"]["end"])), each["newText"])
            for each in edits
        ]
        self.texts[uri] = applied(text, replacements)
        self.versions[uri] += 1
        ordered = sorted(edits, key=lambda each: [*each["range"]["start"].values()], reverse=True)
        self.client.change(
            uri, self.versions[uri], [{"range": each["range"], "text": each["newText"]} for each in ordered]
        )

    async def actions(
        self, uri: str, start: tuple[int, int], end: tuple[int, int] | None = None, **context: Any
    ) -> Any:
        params = {"textDocument": {"uri": uri}, "range": range_(start, end), "context": {"diagnostics": []} | context}
        return await self.client.request("textDocument/codeAction", params)

    async def choose(self, action: dict[str, Any]) -> Any:
        """What an editor does with an action that the user chose."""
        if "data" in action and "edit" not in action:
            action = await self.client.request("codeAction/resolve", action)
        if action.get("edit"):
            answer = self.apply({"edit": action["edit"]})
            assert answer == {"applied": True}
        command = action if isinstance(action.get("command"), str) else action.get("command")
        return await self.client.execute(command) if command else None

    async def run(self, command: str, argument: Any, token: str | None = None) -> Any:
        params: dict[str, Any] = {"command": command, "arguments": [argument]}
        return await self.client.request(
            "workspace/executeCommand", params | ({"workDoneToken": token} if token else {})
        )

    async def said(self, what: str) -> str:
        found = await self.client.wait_notification("window/showMessage", lambda each: what in each["message"])
        return found["message"]

    def progress(self, token: str | None = None) -> list[dict[str, Any]]:
        return [
            each["value"] for each in self.client.notifications("$/progress") if token is None or each["token"] == token
        ]


def range_(start: tuple[int, int], end: tuple[int, int] | None = None) -> dict[str, Any]:
    ends = (start, end or start)
    return {name: {"line": at[0], "character": at[1]} for name, at in zip(("start", "end"), ends, strict=True)}


def diagnostic(
    start: tuple[int, int], end: tuple[int, int], message: str = "it is wrong", **rest: Any
) -> dict[str, Any]:
    return {"range": range_(start, end), "message": message, "source": "Ruff", "code": "X1", "severity": 1} | rest


@asynccontextmanager
async def at_desk(root: Path, capabilities: dict[str, Any], options: Any = None) -> AsyncIterator[Editor]:
    """An editor with these capabilities, connected and greeted."""
    desk = Desk()
    servers: list[Server] = []
    ends: list[asyncio.Task[int]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = Server(desk)
        server.work._patience_s = 60  # or a busy machine is answered that work goes on
        server.protocol.set_writer(transport.StreamWriter(writer))
        servers.append(server)
        ends.append(asyncio.ensure_future(server.run(transport.read_stream(reader, server.protocol))))
        await ends[0]
        writer.close()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()[:2]
    async with listener:
        try:
            async with LspClient.connect(host, port) as client:
                await client.initialize(root=root, capabilities=capabilities, options=options)
                yield Editor(client, desk, servers[0])
                await client.shutdown()
        finally:
            await asyncio.wait(ends, timeout=10)


__all__ = ["Desk", "Editor", "LspError", "ScriptedExplainer", "ScriptedFixer", "at_desk", "diagnostic", "range_"]
