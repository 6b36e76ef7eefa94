"""A scene for the fix loop: a document, a checker that reports patterns, models that say what they are told to.

A case file has the document, with `█` where the task is, and sections:

    @reports      what the checker reports: `CODE pattern` a line, for each place where the pattern matches
    @editor       what the editor reports, where no checker does
    @NAME.1 …     what the model NAME says at its first turn, second, …; the last one is said again. Models are asked in
                  the order in which they appear. A line `!fault NAME` has it fail there, `!hang` never end, `!long N`
                  say N letters, `!call TOOL ARGUMENTS` call a tool.
    a/file        of the workspace; `!link TARGET` makes it a link
    @message      what the reports say, instead of what is not known
    @kind @wish   of the task, `fix` without
    @settings     TOML
    @told.NAME.2  a text that stands in the last message of the second request to that model
    @outcome      verdict and counts
    @result       the document afterwards
"""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from copilot_ls.backends.base import BackendCheck, Usage
from copilot_ls.backends.chat import ChatChunk, ChatRequest, ToolCall
from copilot_ls.backends.scripted import failure
from copilot_ls.checking.base import Checked, Draft
from copilot_ls.diagnostic import Diagnostic
from copilot_ls.edits import applied
from copilot_ls.features.fixing.assembly import fixer_parts
from copilot_ls.features.fixing.budget import FixLimits
from copilot_ls.features.fixing.fixer import CodeFixer
from copilot_ls.features.fixing.outcome import FixOutcome, FixTask
from copilot_ls.fixers.base import Problem, Proposals
from copilot_ls.syntax import language_for
from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot
from tests.marked import CURSOR, Case
from tests.routing.world import World

# Of every answer.
USAGE = Usage(100, None, 50)


class Model:
    """Says one text after the other, the last again and again; see the module."""

    def __init__(self, name: str, says: list[str], usage: Usage | None = USAGE) -> None:
        self.name, self.model = name, f"{name}-model"
        self.says = says
        self.usage = usage
        self.asked: list[ChatRequest] = []
        self.n_live = 0
        self.waits = asyncio.Event()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        said = self.says[min(len(self.asked), len(self.says) - 1)]
        self.asked.append(request)
        self.n_live += 1
        try:
            calls = False
            for number, line in enumerate(said.split("\n")):
                word, _, rest = line.partition(" ")
                if word == "!fault":
                    raise failure(self.name, rest)
                if word == "!hang":
                    self.waits.set()
                    await asyncio.Event().wait()
                elif word == "!long":
                    for _ in range(int(rest) // 1000):
                        yield ChatChunk("x" * 1000)
                elif word == "!call":
                    calls = True
                    name, _, arguments = rest.partition(" ")
                    yield ChatChunk(tool_call=ToolCall(f"call_{number}", name, arguments))
                else:
                    yield ChatChunk(line + "\n")
            yield ChatChunk(finish_reason="tool_calls" if calls else "stop", usage=self.usage)
        finally:
            self.n_live -= 1

    async def check(self) -> BackendCheck:
        return BackendCheck(True, True, 1.0, "fine")

    async def aclose(self) -> None:
        """Nothing is held."""


@dataclass
class PatternChecker:
    """Reports each match of a pattern. `problem` has it say nothing; `n_runs` counts."""

    patterns: list[tuple[str, str]]
    name: str = "patterns"
    problem: str = ""
    message: str = "`{}` is not known"
    n_runs: int = 0
    drafts: list[Draft] = field(default_factory=list)

    def applies_to(self, language_id: str) -> bool:
        return True

    async def check(self, draft: Draft, *, timeout_s: float) -> Checked:
        self.n_runs += 1
        self.drafts.append(draft)
        return Checked(self.name, () if self.problem else tuple(self.reports(draft.text)), self.problem)

    def reports(self, text: str) -> list[Diagnostic]:
        snapshot = TextSnapshot.of(text)
        found = []
        for code, pattern in self.patterns:
            for match in re.finditer(pattern, text, re.MULTILINE):
                span = Span(snapshot.point_at(match.start()), snapshot.point_at(match.end()))
                found.append(Diagnostic(span, self.message.format(match[0]), self.name, code))
        return found


def nothing(problem: Problem) -> Proposals:
    return Proposals(why_none="no rule is for it")


class Scene:
    """A world with models, and a fixer in it. Close it."""

    def __init__(
        self, models: list[Model], root: Path, *, settings: dict[str, Any] | None = None, **parts: Any
    ) -> None:
        self.models = models
        self.root = root
        self.world = World(
            {"route": {"fix": [model.name for model in models]}} | (settings or {}),
            {model.name: model for model in models},
        )
        self.world.folders = [str(root)]
        self.progress: list[str] = []
        given = {"propose": nothing, "checkers": (), "limits": FixLimits(), "tool_use": "retry"} | parts
        own = fixer_parts(self.world, now=self.world._now, new_id=lambda: "fix-1")
        self.parts = replace(
            own,
            propose=given["propose"],
            checkers=lambda _: given["checkers"],
            limits=lambda: given["limits"],
            prompt_tokens=lambda _: 4096,
            tool_use=lambda: given["tool_use"],
            index_of=given.get("index_of", own.index_of),
        )
        self.fixer = CodeFixer(self.parts)

    def document(self, name: str, text: str, version: int = 7) -> DocumentSnapshot:
        path = self.root / name
        language = language_for("", name)
        language_id = language.language_ids[0] if language else "plaintext"
        return DocumentSnapshot(path.as_uri(), str(path), language_id, version, TextSnapshot.of(text))

    async def fix(self, task: FixTask) -> FixOutcome:
        return await self.fixer.fix(task, progress=self.progress.append)

    async def aclose(self) -> None:
        await self.world.aclose()


def task_at(document: DocumentSnapshot, at: Point, checker: PatternChecker, **more: Any) -> FixTask:
    """A task for what the checker reports of the line, or of the place where it reports nothing there."""
    reports = [each for each in checker.reports(document.text.text) if each.span.start.line == at.line]
    span = reports[0].span if reports else Span(at, at)
    kind = more.pop("kind", "fix")
    return FixTask(kind, document, span, tuple(reports) if kind == "fix" else (), **more)


def models_of(case: Case) -> list[Model]:
    said: dict[str, list[str]] = {}
    for name, text in case.sections.items():
        model, dot, number = name.removeprefix("@").partition(".")
        if name.startswith("@") and dot and number.isdigit() and model != "told":
            said.setdefault(model, []).append(text)
    return [Model(name, texts) for name, texts in said.items()]


def checker_of(case: Case) -> PatternChecker:
    lines = case.sections.get("@reports", case.sections.get("@editor", "")).splitlines()
    found = PatternChecker([(code, pattern) for code, _, pattern in (line.partition(" ") for line in lines)])
    found.message = case.sections.get("@message", found.message)
    return found


async def play(case: Case, root: Path) -> tuple[FixOutcome, Scene]:
    """Carry the case's task out."""
    name, before, after = case.file_with_cursor()
    for other, text in case.files.items():
        if text.startswith("!link "):
            (root / other).parent.mkdir(parents=True, exist_ok=True)
            (root / other).symlink_to(text.removeprefix("!link "))
            continue
        path = root / other
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(CURSOR, ""), encoding="utf-8")
    checker = checker_of(case)
    settings = tomllib.loads(case.sections.get("@settings", ""))
    fix = settings.pop("fix", {})
    more = {"tool_use": fix.pop("tools", "retry")}
    limits = FixLimits(**fix)
    checkers = [checker] if "@reports" in case.sections else []
    scene = Scene(models_of(case), root, settings=settings, checkers=checkers, limits=limits, **more)
    document = scene.document(name, before + after)
    task = task_at(
        document,
        document.text.point_at(len(before)),
        checker,
        kind=case.sections.get("@kind", "fix"),
        wish=case.sections.get("@wish", ""),
    )
    try:
        return await scene.fix(task), scene
    finally:
        await scene.aclose()


def result_of(outcome: FixOutcome) -> str:
    return applied(outcome.task.document.text, outcome.replacements).text


def described(outcome: FixOutcome) -> str:
    """The outcome as case files write it."""
    lines = [str(outcome.verdict)]
    if outcome.verdict.kind == "not_verified" and outcome.verdict.checked_by:
        lines.append(f"checked by {', '.join(outcome.verdict.checked_by)}")
    lines.append(f"tries {outcome.n_tries}, refused {outcome.n_refused}, by {outcome.backend}")
    if outcome.n_tool_calls or outcome.n_invalid_tool_calls:
        lines.append(f"tool calls {outcome.n_tool_calls}, invalid {outcome.n_invalid_tool_calls}")
    return "\n".join(lines)
