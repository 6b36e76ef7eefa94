"""Whether an edit mends what it should and breaks nothing: the parse first, then the checkers, on a text in memory.

The text as it was is checked once, and each edit against that. A checker that could not say anything of the text as it
was is not asked again; one that does not report what is to be mended can only say whether something new came. Leaves
running checkers to `copilot_ls.checking`, what to do with a judgement to `embedded` and `conversation`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.edits import applied
from copilot_ls.features.fixing.reports import LineMap, is_syntactic, meant_by, new_reports, still_there

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from copilot_ls.checking.base import Checked, Checker
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.edits import Replacement
    from copilot_ls.features.fixing.outcome import FixTask
    from copilot_ls.syntax import SyntaxTree
    from copilot_ls.syntax.faults import Trials
    from copilot_ls.text import TextSnapshot

PARSER = "tree-sitter"

_RUNS_TESTS = {"pytest"}

# Reports that are told to a model, and how much of each.
_MOST_TOLD = 6
_LONGEST_REPORT = 400


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of an edit. `faults` are why it must not be offered, in words for a model, none if it may.

    `checked_by` ran and found it better. `doubt` says what was not checked, in words for the user; without a doubt it
    is verified. `n_gone` of the task's diagnostics are gone; `still` are not; `came` are new.
    """

    faults: tuple[str, ...] = ()
    checked_by: tuple[str, ...] = ()
    doubt: str = ""
    n_gone: int = 0
    still: tuple[Diagnostic, ...] = ()
    came: tuple[Diagnostic, ...] = ()

    @property
    def is_verified(self) -> bool:
        """Whether what was to be mended is gone and nothing new came."""
        return not self.faults and not self.doubt


@dataclass(slots=True)
class Judge:
    """The judge of one task. `baseline` comes first; `judge` as often as there are edits."""

    task: FixTask
    checkers: Sequence[Checker]
    parse: Callable[[TextSnapshot], SyntaxTree]
    root: Path | None
    timeout_s: float
    problems: list[str] = field(default_factory=list)
    n_errors: int = 0
    has_grammar: bool = False
    _before: dict[str, tuple[Checker, Checked]] = field(default_factory=dict)
    _answers: tuple[Checked, ...] = ()
    _trials: Trials | None = None

    async def baseline(self, known: Sequence[Checked] = ()) -> None:
        """Check the text as it is, but by those whose answer is `known`."""
        trials = await asyncio.to_thread(self._parsed)
        self.n_errors, self._trials = trials.score, trials
        answers = {each.checker: each for each in known}
        missing = [each for each in self.checkers if each.name not in answers]
        found = await self._checked(missing, self.task.document.text)
        answers |= {each.checker: each for each in found}
        self._answers = tuple(answers[each.name] for each in self.checkers)
        for checker in self.checkers:
            answer = answers[checker.name]
            if answer.problem and self.task.kind == "tests":
                # A file that is not there yet cannot be checked, and has nothing to report.
                self._before[checker.name] = (checker, replace(answer, problem=""))
            elif answer.problem:
                self.problems.append(answer.problem)
            else:
                self._before[checker.name] = (checker, answer)

    @property
    def answers(self) -> tuple[Checked, ...]:
        """What the checkers said of the text as it is, those included that could not say anything."""
        return self._answers

    @property
    def can_verify(self) -> bool:
        """Whether somebody here reports something of what is to be mended, and so can tell that it is gone."""
        reports = [before.diagnostics for _, before in self._before.values()]
        return any(
            (is_syntactic(target) and self.n_errors) or any(meant_by(target, each) for each in reports)
            for target in self.task.diagnostics
        )

    async def judge(self, replacements: Sequence[Replacement]) -> Judgement:
        """What an edit of the task's document does."""
        text = applied(self.task.document.text, replacements)
        n_errors = await asyncio.to_thread(self._n_errors_after, replacements)
        if n_errors > self.n_errors:
            return Judgement(faults=(f"The file then cannot be parsed: {n_errors} syntax errors.",))
        if self.task.kind == "fix" and not self.task.diagnostics and n_errors >= self.n_errors > 0:
            return Judgement(faults=(f"The file still has {n_errors} syntax errors.",))
        if self.task.kind == "document" and await asyncio.to_thread(self._is_same_code, text) is False:
            return Judgement(faults=("It changes code. Only comments and docstrings may change.",))
        answers = await self._checked([checker for checker, _ in self._before.values()], text)
        moved = LineMap.of(replacements)
        came: list[Diagnostic] = []
        unsure = list(self.problems)
        ran: dict[str, Checked] = {}
        for answer in answers:
            if answer.problem:
                unsure.append(answer.problem)
                continue
            ran[answer.checker] = answer
            before = self._before[answer.checker][1].diagnostics
            came += new_reports(before, answer.diagnostics, moved, was_hidden=self.n_errors > n_errors)
        still, gone, unknown = self._targets(ran, moved, n_errors)
        faults = [f"Still reported: {report_in_words(each)}" for each in still[:_MOST_TOLD]]
        faults += [f"Newly reported: {report_in_words(each)}" for each in came[:_MOST_TOLD]]
        parser = (PARSER,) if self.has_grammar and (not ran or self.n_errors > n_errors) else ()
        checked_by = (*ran, *parser)
        doubt = "" if faults else self._doubt(unknown, unsure, ran)
        return Judgement(tuple(faults), checked_by, doubt, gone, tuple(still), tuple(came))

    def _parsed(self) -> Trials:
        from copilot_ls.syntax.faults import Trials

        tree = self.parse(self.task.document.text)
        self.has_grammar = tree.has_grammar
        return Trials(tree.alone())

    def _n_errors_after(self, replacements: Sequence[Replacement]) -> int:
        """Faults of the text after an edit; as many as now where nobody can tell."""
        after = None if self._trials is None else self._trials.score_after(replacements)
        return self.n_errors if after is None else after

    def _is_same_code(self, text: TextSnapshot) -> bool | None:
        """Whether the code is as it was; None without a grammar."""
        from copilot_ls.syntax.code_only import same_code

        return same_code(self.parse(self.task.document.text), self.parse(text))

    def _targets(
        self, ran: dict[str, Checked], moved: LineMap, n_errors: int
    ) -> tuple[list[Diagnostic], int, list[Diagnostic]]:
        """Which of the task's diagnostics are still there, how many are gone, and of which nobody can tell."""
        still, unknown, n_gone = [], [], 0
        for target in self.task.diagnostics:
            verdicts = []
            for name, answer in ran.items():
                before = self._before[name][1].diagnostics
                meant = meant_by(target, before)
                if meant is not None:
                    verdicts.append(still_there(meant, before, answer.diagnostics, moved))
            if not verdicts and is_syntactic(target) and self.n_errors and not n_errors:
                verdicts = [False]  # the parser knows as well
            if not verdicts:
                unknown.append(target)
            elif any(verdicts):
                still.append(target)
            else:
                n_gone += 1
        return still, n_gone, unknown

    def _doubt(self, unknown: Sequence[Diagnostic], unsure: Sequence[str], ran: Collection[str]) -> str:
        """What nobody has checked, in words for the user."""
        if self.task.kind != "fix":
            return self._doubt_of_wish(ran)
        if not self.task.diagnostics:
            return "" if self.n_errors else "nothing was reported that could go"
        if not unknown or unsure:
            return unsure[0] if unknown else ""
        if ran:
            names, do = ", ".join(self._before), "does" if len(self._before) == 1 else "do"
            return f"{names} ran, but {do} not report what {unknown[0].source or 'the editor'} reported"
        return f"no checker for {self.task.document.language_id} could be run"

    def _doubt_of_wish(self, ran: Collection[str]) -> str:
        if self.task.kind == "tests":
            return "" if _RUNS_TESTS & set(ran) else "nobody has run the tests (fix.checkers may name pytest)"
        if self.task.kind == "document":
            return "" if self.has_grammar else "without a grammar nobody can tell whether code stays as it is"
        return "whether it does what was asked for is for you to judge"

    async def _checked(self, checkers: Sequence[Checker], text: TextSnapshot) -> list[Checked]:
        from copilot_ls.checking.base import Checked, Draft

        document = self.task.document
        if not checkers:
            return []
        if not document.path:
            return [Checked(each.name, (), f"{each.name} needs a file, which this is not") for each in checkers]
        draft = Draft(Path(document.path), text.text, document.language_id, self.root)
        return list(await asyncio.gather(*(each.check(draft, timeout_s=self.timeout_s) for each in checkers)))


def report_in_words(diagnostic: Diagnostic) -> str:
    """A report as a model is told it, one line."""
    code = f" [{diagnostic.code}]" if diagnostic.code else ""
    source = f" ({diagnostic.source})" if diagnostic.source else ""
    return (
        f"line {diagnostic.span.start.line + 1}: {' '.join(diagnostic.message[:_LONGEST_REPORT].split())}{code}{source}"
    )
