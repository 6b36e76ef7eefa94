"""`make bench-fix`: faults are put into real code, and the fixers without a model are to mend them.

    python -m tests.bench.bench_fix                      the packages that nobody looked at while the rules were written
    python -m tests.bench.bench_fix --tuning             those that were
    python -m tests.bench.bench_fix --package pypi:x==1  another one
    python -m tests.bench.bench_fix --per-kind 20        so many faults of each kind (14)
    python -m tests.bench.bench_fix --show               each case that is left, and what was tried

A case is a mutated text of which the checkers report something that they do not report of the original. The fixers see
the mutated text, its reports and the index of the package with the mutated file laid over, as an editor has it. *First*
is the first proposal for the first report, unchecked, and so on for what is still reported. *Checked* is what a user is
offered: proposals are tried until one makes reports go and none come, at most three tries, as the fix loop does. Clean
is no report that the original does not have; worse is more of them than the mutated text has. Time is the fixers' own.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from copilot_ls.edits import applied
from copilot_ls.fixers.base import Problem
from copilot_ls.fixers.propose import propose
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.open_file import OpenFile
from copilot_ls.index.worker import build
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import DocumentSnapshot, TextSnapshot
from tests.bench.kept_checks import KeptChecks
from tests.bench.table import quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.fixers.base import Proposals
    from tests.bench.mutations import Checking, Subject

SUBJECTS = ("fix_python", "fix_typescript")
MAX_TRIES = 3
_FEWEST_LINES, _MOST_LINES = 40, 1_500
_MOST_FILES = 60
# Of some mutations no checker reports anything: as many more are made.
_SPARE = 3


@dataclass
class Case:
    """One fault and what became of it."""

    kind: str
    path: str
    original: str
    mutated: str
    before: Counter[tuple[str, ...]] = field(default_factory=Counter)
    reports: list[Diagnostic] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    took_ms: list[float] = field(default_factory=list)
    why_none: str = ""
    tried: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """The text that somebody made, and what is reported of it that the original does not have."""

    text: str
    reports: list[Diagnostic]
    n_tries: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_fix", description="Measure the embedded fixers.")
    parser.add_argument("--tuning", action="store_true", help="the packages that were looked at while tuning")
    parser.add_argument("--package", action="append", help="these packages instead")
    parser.add_argument("--language", default="", help="one language alone, such as python")
    parser.add_argument("--per-kind", type=int, default=14, help="faults of each kind (%(default)s)")
    parser.add_argument("--kind", help="kinds whose names hold this")
    parser.add_argument("--seed", type=int, default=1, help="of chance (%(default)s)")
    parser.add_argument("--show", action="store_true", help="show each case that is not clean")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    figures = {}
    missed = 0
    for name in SUBJECTS:
        subject: Subject = import_module(f"tests.bench.{name}").SUBJECT
        if arguments.language and subject.name.lower() != arguments.language.lower():
            continue
        packages = arguments.package or (subject.tuning if arguments.tuning else subject.judging)
        cases = [case for package in packages for case in judged(subject, package, arguments, len(packages))]
        missed += report(subject, cases, arguments)
        figures[subject.name] = [
            {"kind": each.kind, **{who: _standing(each, outcome) for who, outcome in each.outcomes.items()}}
            for each in cases
        ]
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 1 if missed else 0


# --- cases -----------------------------------------------------------------------------------------------------------


def judged(subject: Subject, package: str, arguments: argparse.Namespace, n_packages: int) -> list[Case]:
    """The cases of one package, each tried."""
    with tempfile.TemporaryDirectory(prefix="bench-fix-") as place:
        root = Path(place) / "workspace"
        shutil.copytree(subject.sources(package), root)
        build(root, Path(place) / "index.db", tell=lambda _: None)
        wanted = -(-arguments.per_kind // n_packages)
        check = KeptChecks(subject, package)
        _say(f"{package}: making faults")
        cases = made(subject, root, wanted, Random(f"{arguments.seed} {package}"), arguments.kind or "")
        cases = reported(check, root, cases, wanted)
        _say(f"{package}: {len(cases)} faults that are reported")
        index = WorkspaceIndex(Path(place) / "index.db", query_ms=200)
        try:
            mend_unchecked(subject, check, root, index, cases)
            mend_checked(subject, check, root, index, cases)
        finally:
            index.close()
        for name, baseline in subject.baselines.items():
            texts = baseline(root, {key: case.mutated for key, case in _keyed(cases)})
            _judge(check, root, cases, name, [texts[key] for key, _ in _keyed(cases)])
        return cases


def made(subject: Subject, root: Path, wanted: int, chance: Random, only: str) -> list[Case]:
    """Faults of each kind, more than wanted, from files in an order of chance."""
    texts = {}
    for path in sorted(root.rglob("*")):
        if path.suffix in subject.endings and not path.name.startswith("__init__") and path.is_file():
            text = path.read_text("utf-8", errors="replace")
            if _FEWEST_LINES <= text.count("\n") <= _MOST_LINES and "\r" not in text:
                texts[path.relative_to(root).as_posix()] = text
    files = sorted(texts)
    chance.shuffle(files)
    found: list[Case] = []
    for kind in subject.kinds:
        if only not in kind.name:
            continue
        mutations: list[Case] = []
        for path in chance.sample(files[:_MOST_FILES], len(files[:_MOST_FILES])):
            new = [Case(kind.name, path, texts[path], mutated) for mutated in kind.made(texts[path], chance)]
            mutations += new[:2]
            if len(mutations) >= wanted * _SPARE:
                break
        found += mutations[: wanted * _SPARE]
    return found


def reported(check: Checking, root: Path, cases: list[Case], wanted: int) -> list[Case]:
    """The cases of which the checkers report something new, as many of each kind as are wanted."""
    texts = {case.path: case.original for case in cases}
    texts |= {key: case.mutated for key, case in _keyed(cases)}
    found = check(root, texts)
    kept: dict[str, list[Case]] = defaultdict(list)
    for key, case in _keyed(cases):
        case.before = Counter(each.identity for each in found[case.path])
        case.reports = new_reports(found[key], case.before)
        if case.reports and len(kept[case.kind]) < wanted:
            kept[case.kind].append(case)
    return [case for some in kept.values() for case in some]


def new_reports(found: Sequence[Diagnostic], before: Counter[tuple[str, ...]]) -> list[Diagnostic]:
    """What was not reported of the original: faults of syntax first, then errors, each in the order of the text."""
    left = Counter(before)
    new = []
    for each in found:
        if left[each.identity] > 0:
            left[each.identity] -= 1
        elif each.severity in ("error", "warning"):
            new.append(each)
    return sorted(
        new,
        key=lambda each: (not _is_syntax(each), each.severity != "error", each.span, each.source),
    )


def _is_syntax(report: Diagnostic) -> bool:
    """Whether the text does not parse, which hides what else is wrong; TypeScript has the codes from 1000 for that."""
    if report.source == "ts":
        return len(report.code) == 4 and report.code.startswith("1")
    return report.code in ("", "invalid-syntax")


def _keyed(cases: Sequence[Case]) -> list[tuple[str, Case]]:
    return [(f"{case.path}#{number}", case) for number, case in enumerate(cases)]


# --- mending ---------------------------------------------------------------------------------------------------------


def proposals(subject: Subject, root: Path, index: WorkspaceIndex, case: Case, text: str, report, others) -> Proposals:
    """What the fixers propose for one report; how long that took is noted."""
    snapshot = TextSnapshot.of(text)
    place = root / case.path
    document = DocumentSnapshot(place.as_uri(), str(place), subject.language_id, 1, snapshot)
    index.overlay([OpenFile(case.path, hash(text), lambda: text)], active=case.path)
    tree = SyntaxDocument(subject.language_id, case.path).tree_at(snapshot)
    began = time.perf_counter()
    found = propose(Problem(document, tree, report, others, index, root, [document]))
    case.took_ms.append((time.perf_counter() - began) * 1000)
    return found


def mend_unchecked(subject: Subject, check: Checking, root: Path, index: WorkspaceIndex, cases: Sequence[Case]) -> None:
    """The first proposal for the first report that has one; where something is left, once more for that."""
    texts = [case.mutated for case in cases]
    reports = [case.reports for case in cases]
    for turn in range(MAX_TRIES):
        before = list(texts)
        for at, case in enumerate(cases):
            for report in reports[at][:3]:
                others = [each for each in reports[at] if each is not report]
                found = proposals(subject, root, index, case, texts[at], report, others)
                if found.found:
                    texts[at] = applied(TextSnapshot.of(texts[at]), found.found[0].replacements).text
                    break
                case.why_none = case.why_none or found.why_none
        changed = [at for at in range(len(cases)) if texts[at] != before[at]]
        if not changed:
            break
        _say(f"  unchecked, turn {turn + 1}: {len(changed)} texts")
        checked = check(root, {f"{cases[at].path}#{at}": texts[at] for at in changed})
        for at in changed:
            reports[at] = new_reports(checked[f"{cases[at].path}#{at}"], cases[at].before)
        for at in set(range(len(cases))) - set(changed):
            reports[at] = [] if not reports[at] else reports[at]
    for at, case in enumerate(cases):
        case.outcomes["first"] = Outcome(texts[at], reports[at])


def mend_checked(subject: Subject, check: Checking, root: Path, index: WorkspaceIndex, cases: Sequence[Case]) -> None:
    """Proposals in turn; what makes reports go and none come is kept and gone on from."""
    states = [_State(case.mutated, case.reports) for case in cases]
    for turn in range(MAX_TRIES):
        drafts: dict[int, str] = {}
        for at, (case, state) in enumerate(zip(cases, states, strict=True)):
            draft = state.next_draft(lambda *some, case=case: proposals(subject, root, index, case, *some), case)
            if draft is not None:
                drafts[at] = draft
        if not drafts:
            break
        _say(f"  checked, try {turn + 1}: {len(drafts)} texts")
        checked = check(root, {f"{cases[at].path}#{at}": text for at, text in drafts.items()})
        for at, text in drafts.items():
            states[at].told(text, new_reports(checked[f"{cases[at].path}#{at}"], cases[at].before))
    for case, state in zip(cases, states, strict=True):
        case.outcomes["checked"] = Outcome(state.text, state.reports, state.n_tries)


class _State:
    """One case on its way: the text so far, what is reported of it, and the drafts still to be tried."""

    def __init__(self, text: str, reports: list[Diagnostic]) -> None:
        self.text = text
        self.reports = reports
        self.n_tries = 0
        self._waiting: list[str] | None = None

    def next_draft(self, ask, case: Case) -> str | None:
        if not self.reports:
            return None
        if self._waiting is None:
            self._waiting = []
            for report in self.reports[:3]:
                others = [each for each in self.reports if each is not report]
                found = ask(self.text, report, others)
                for each in found.found:
                    draft = applied(TextSnapshot.of(self.text), each.replacements).text
                    if draft not in self._waiting:
                        self._waiting.append(draft)
                        case.tried.append(f"{each.certainty:.2f} {each.rule}: {each.title}")
                case.why_none = case.why_none or found.why_none
        if not self._waiting:
            return None
        self.n_tries += 1
        return self._waiting.pop(0)

    def told(self, draft: str, reports: list[Diagnostic]) -> None:
        before = {each.identity for each in self.reports}
        came = [each for each in reports if each.identity not in before]
        hidden = any(_is_syntax(each) for each in self.reports)
        if len(reports) < len(self.reports) and (not came or hidden):
            self.text, self.reports, self._waiting = draft, reports, None


def _judge(check: Checking, root: Path, cases: Sequence[Case], who: str, texts: Sequence[str]) -> None:
    """What is reported of the texts that somebody made."""
    checked = check(root, {f"{case.path}#{at}": texts[at] for at, case in enumerate(cases)})
    for at, case in enumerate(cases):
        case.outcomes[who] = Outcome(texts[at], new_reports(checked[f"{case.path}#{at}"], case.before))


# --- report ----------------------------------------------------------------------------------------------------------


def _standing(case: Case, outcome: Outcome) -> str:
    if not outcome.reports:
        return "equal" if outcome.text == case.original else "clean"
    if len(outcome.reports) > len(case.reports):
        return "worse"
    return "better" if len(outcome.reports) < len(case.reports) else "same"


def report(subject: Subject, cases: Sequence[Case], arguments: argparse.Namespace) -> int:
    """The tables; returns how many targets are missed."""
    kinds = list(dict.fromkeys(case.kind for case in cases))
    names = [each for each in ("first", "checked", *subject.baselines) if each in (cases[0].outcomes if cases else ())]
    print(f"\n{subject.name}: {len(cases)} faults of {len(kinds)} kinds\n")
    head = f"{'kind':32} {'n':>4}" + "".join(f" | {name + ': clean':>18} {'equal':>6} {'worse':>6}" for name in names)
    print(head)
    print("-" * len(head))
    for kind in [*kinds, ""]:
        some = [case for case in cases if kind in (case.kind, "")]
        cells = ""
        for name in names:
            standings = Counter(_standing(case, case.outcomes[name]) for case in some)
            clean = standings["clean"] + standings["equal"]
            cells += f" | {_share(clean, len(some)):>18} {_share(standings['equal'], len(some)):>6} {_share(standings['worse'], len(some)):>6}"
        print(f"{kind or 'all':32} {len(some):>4}{cells}")
    took = [ms for case in cases for ms in case.took_ms]
    print(f"\nproposing takes {median(took):.0f} ms (median), {quantile(took, 0.95):.0f} ms (95 %)")
    silent = [case for case in cases if not case.tried]
    print(f"no proposal: {len(silent)}, each says why:")
    for why, n in Counter(case.why_none for case in silent).most_common(12):
        print(f"  {n:>4}  {why or 'NOTHING SAID'}")
    if arguments.show:
        show(cases)
    standings = Counter(_standing(case, case.outcomes["checked"]) for case in cases)
    n = max(len(cases), 1)
    targets = (
        ("clean again, checked", (standings["clean"] + standings["equal"]) / n, ">=", 0.60),
        ("worse, checked", standings["worse"] / n, "<=", 0.02),
        ("median milliseconds", median(took), "<=", 300.0),
        ("silent without a reason", float(sum(not case.why_none for case in silent)), "<=", 0.0),
    )
    missed = 0
    print()
    for name, figure, sign, bound in targets:
        met = figure >= bound if sign == ">=" else figure <= bound
        missed += not met
        print(f"{name:28} {figure:8.3f} {sign} {bound:g} {'yes' if met else 'NO'}")
    return missed


def show(cases: Sequence[Case]) -> None:
    """Each case that is left: the fault, what is reported, what was tried."""
    for case in cases:
        outcome = case.outcomes["checked"]
        if not outcome.reports and outcome.text == case.original:
            continue
        print(
            f"\n=== {case.kind} in {case.path}: {_standing(case, outcome)} (first: {_standing(case, case.outcomes['first'])})"
        )
        for old, new in zip(case.original.splitlines(), case.mutated.splitlines(), strict=False):
            if old != new:
                print(f"  - {old}\n  + {new}")
                break
        for each in case.reports[:4]:
            print(f"  {each.span.start.line + 1}: {each.source} {each.code}: {each.message.splitlines()[0]}")
        for tried in case.tried[:5]:
            print(f"      {tried}")
        if not case.tried:
            print(f"      {case.why_none}")


def _share(n: int, of: int) -> str:
    return f"{100 * n / of:.0f} %" if of else "-"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
