"""Mend what is reported about a file: the embedded fixers first, then a model if there is one, each edit checked.

What is to be mended is what the workspace's checkers report, which run in trusted workspaces alone (`copilot-ls
trust`), or what the command after --check says, or what cannot be parsed. FILE is all of it, and what comes to light
when the first is mended; FILE:LINE and FILE:LINE-LINE are what is reported there. The edit is printed as a diff, which
`patch -p1` takes; --write makes it, if it is verified.

Exit status: 0 the edit is verified, or nothing is reported; 1 there is no edit, it could not be written, or nothing is
reported where no checker could run; 2 the command line makes no sense; 3 there is an edit that could not be verified.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from copilot_ls.checking.base import Checked, Checker
    from copilot_ls.cli.places import Lines
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.fixing.outcome import FixOutcome, FixTask
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.text import DocumentSnapshot

SUMMARY = "mend what is reported about a file, and check the edit before it is shown"

_VERIFIED, _NO_EDIT, _NO_SENSE, _NOT_VERIFIED = 0, 1, 2, 3
# Each round mends something that the last brought to light; more than these is no end.
_MOST_ROUNDS = 5
_BOM = b"\xef\xbb\xbf"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the place, the check, the limits and the form of the answer."""
    parser.add_argument("place", metavar="FILE[:LINE[-LINE]]", help="lines count from 1")
    parser.add_argument(
        "--check",
        metavar="CMD",
        help="the command that the file has to satisfy, run in a copy of the workspace, instead of its checkers; "
        "{file} stands for the file",
    )
    parser.add_argument(
        "--max-tries", type=_tries, metavar="N", help="most proposals of models (default: fix.max_tries)"
    )
    parser.add_argument("--backend", metavar="NAME", help="ask this backend alone; embedded: no model at all")
    parser.add_argument("--workspace", metavar="DIR", help="workspace folder (default: the project around the file)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--diff", action="store_true", help="print the edit as a diff (the default)")
    form.add_argument("--write", action="store_true", help="make the edit, if it is verified")
    parser.add_argument("--unverified", action="store_true", help="with --write: make one that is not verified, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _tries(word: str) -> int:
    from argparse import ArgumentTypeError

    if not word.isdigit() or not 0 <= int(word) <= 10:  # noqa: PLR2004 - as fix.max_tries
        raise ArgumentTypeError(f"{word!r} is not a number from 0 to 10")
    return int(word)


def run(arguments: argparse.Namespace) -> int:
    """Mend and print or write; returns the exit status."""
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    from copilot_ls.cli.places import lines_of, open_workbench
    from copilot_ls.errors import SettingsError

    lines = lines_of(arguments.place, arguments.workspace)
    if isinstance(lines, str):
        return _complain(lines, _NO_SENSE)
    content = lines.path.read_bytes()
    workbench = open_workbench(lines.workspace, backend=arguments.backend)
    try:
        outcome, failed = await _mend(workbench, lines, arguments)
        if outcome is not None and lines.is_whole:
            outcome = await _go_on(workbench, lines, arguments, outcome)
    except SettingsError as error:
        return _complain(str(error), _NO_SENSE)
    finally:
        await workbench.aclose()
    if outcome is None:
        if arguments.json:
            print(json.dumps({"verdict": "not_checked" if failed else "nothing_to_mend"}))
        return _complain(f"nothing is reported about {arguments.place}", _NO_EDIT if failed else _VERIFIED)
    status = {"verified": _VERIFIED, "not_verified": _NOT_VERIFIED}.get(outcome.verdict.kind, _NO_EDIT)
    if arguments.json:
        print(json.dumps(_as_json(outcome, lines)))
    elif outcome.replacements and not arguments.write:
        sys.stdout.write(_diff(outcome, lines))
    said = [outcome.title, str(outcome.verdict), outcome.explanation]
    print("\n".join(filter(None, map(_plain, said))), file=sys.stderr)
    if arguments.write and (status == _VERIFIED or (status == _NOT_VERIFIED and arguments.unverified)):
        return _write(lines.path, content, outcome) or status
    return status


async def _go_on(workbench: Workbench, lines: Lines, arguments: argparse.Namespace, outcome: FixOutcome) -> FixOutcome:
    """Mend what is reported once the first is mended: what does not parse hides what is wrong besides.

    Only what is verified is taken; of what is left, the last outcome tells.
    """
    from copilot_ls.edits import applied, between
    from copilot_ls.text import TextSnapshot

    original = TextSnapshot.of(lines.text)
    for _ in range(_MOST_ROUNDS):
        if outcome.verdict.kind != "verified" or not outcome.replacements:
            break
        text = applied(original, outcome.replacements)
        rest = replace(lines, text=text.text, last=text.n_lines - 1)
        more, _ = await _mend(workbench, rest, arguments, is_first=False)
        if more is None:
            break
        if more.verdict.kind != "verified" or not more.replacements:
            left = f"More is reported now, and was left: {more.verdict}"
            return replace(outcome, explanation="\n".join(filter(None, (outcome.explanation, left))))
        told = [outcome.explanation, more.title, more.explanation]
        outcome = replace(
            outcome,
            replacements=between(original, applied(text, more.replacements)),
            verdict=more.verdict,
            explanation="\n".join(dict.fromkeys(filter(None, told))),
            n_tries=outcome.n_tries + more.n_tries,
            took_ms=outcome.took_ms + more.took_ms,
            input_tokens=_sum(outcome.input_tokens, more.input_tokens),
            output_tokens=_sum(outcome.output_tokens, more.output_tokens),
            cost=_sum(outcome.cost, more.cost),
        )
    return outcome


def _sum(one: Any, other: Any) -> Any:  # noqa: ANN401 - numbers, or None where nobody counted
    return other if one is None else one if other is None else one + other


async def _mend(
    workbench: Workbench, lines: Lines, arguments: argparse.Namespace, *, is_first: bool = True
) -> tuple[FixOutcome | None, Sequence[str]]:
    """What came of mending the lines, None when nothing is reported about them; and why checkers could not run.

    What was said in the first round is not said again.
    """
    import time
    import uuid

    from copilot_ls.features.fixing.assembly import fixer_parts
    from copilot_ls.features.fixing.fixer import CodeFixer

    parts = fixer_parts(workbench, now=time.monotonic, new_id=lambda: uuid.uuid4().hex)
    if arguments.check is not None:
        from copilot_ls.checking.registry import command_checker

        checker = command_checker(arguments.check, workbench.settings())

        def given(_: DocumentSnapshot) -> Sequence[Checker]:
            return (checker,)

        parts = replace(parts, checkers=given)
    if arguments.max_tries is not None:
        limits = replace(parts.limits(), max_tries=arguments.max_tries)
        parts = replace(parts, limits=lambda: limits)
    fixer = CodeFixer(parts)
    document = _document(lines)
    checked = await fixer.check(document)
    failed = [each.problem for each in checked if each.problem]
    for problem in failed if is_first else ():
        _complain(problem, _NO_EDIT)
    task = _task(document, lines, checked)
    if task is None:
        if not checked and is_first:
            why = "no checker ran; `copilot-ls doctor` lists them, `copilot-ls trust` lets them run, or give --check"
            failed.append(why)
            _complain(why, _NO_EDIT)
        return None, failed
    return await fixer.fix(task, progress=_progress if sys.stderr.isatty() else lambda _: None), failed


def _document(lines: Lines) -> DocumentSnapshot:
    from copilot_ls.syntax import language_for
    from copilot_ls.text import DocumentSnapshot, TextSnapshot

    language = language_for("", str(lines.path))
    language_id = language.language_ids[0] if language else "plaintext"
    return DocumentSnapshot(lines.path.as_uri(), str(lines.path), language_id, 0, TextSnapshot.of(lines.text))


def _task(document: DocumentSnapshot, lines: Lines, checked: Sequence[Checked]) -> FixTask | None:
    """The task of mending what is reported about the lines, or what cannot be parsed; None when nothing is."""
    from copilot_ls.features.fixing.outcome import FixTask
    from copilot_ls.syntax import SyntaxDocument
    from copilot_ls.syntax.faults import Trials
    from copilot_ls.text import Point, Span

    span = Span(Point(lines.first, 0), Point(lines.last, len(document.text.line_text(lines.last))))
    reports = [each for answer in checked for each in answer.diagnostics]
    found = tuple(each for each in (_meant(report, lines, span) for report in reports) if each is not None)
    if found or Trials(SyntaxDocument(document.language_id, document.path).tree_at(document.text)).score:
        return FixTask("fix", document, span, found)
    return None


def _meant(report: Diagnostic, lines: Lines, span: Any) -> Diagnostic | None:  # noqa: ANN401 - a Span
    """The report, if it is about the lines; what a command reports of no place in particular is about all of them."""
    if report.source == "check" and report.code:
        return replace(report, span=span)
    # Some checkers report a whole function for what is wrong in its head.
    return report if lines.is_whole or lines.first <= report.span.start.line <= lines.last else None


def _progress(words: str) -> None:
    print(f"{words} …", file=sys.stderr)


def _diff(outcome: FixOutcome, lines: Lines) -> str:
    from copilot_ls.edits import applied

    path = lines.path.relative_to(lines.workspace) if lines.path.is_relative_to(lines.workspace) else lines.path
    name = path.as_posix().lstrip("/")
    text = outcome.task.document.text
    # The line behind the last line end is none to a diff.
    old, new = (list(filter(None, each.lines(0, each.n_lines))) for each in (text, applied(text, outcome.replacements)))
    found = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}")
    shown = "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)
    return shown.encode("utf-8", "replace").decode("utf-8")


def _as_json(outcome: FixOutcome, lines: Lines) -> dict[str, Any]:
    verdict = outcome.verdict
    return {
        "verdict": verdict.kind,
        "checked_by": list(verdict.checked_by),
        "why": verdict.why or None,
        "title": outcome.title or None,
        "explanation": outcome.explanation or None,
        "edits": [
            {"start": list(each.span.start), "end": list(each.span.end), "text": each.text}
            for each in outcome.replacements
        ],
        "diff": _diff(outcome, lines) if outcome.replacements else None,
        "backend": outcome.backend,
        "model": outcome.model or None,
        "rule": outcome.rule or None,
        "tries": outcome.n_tries,
        "refused": outcome.n_refused,
        "tool_calls": outcome.n_tool_calls,
        "invalid_tool_calls": outcome.n_invalid_tool_calls,
        "input_tokens": outcome.input_tokens,
        "output_tokens": outcome.output_tokens,
        "cost": outcome.cost,
        "ms": round(outcome.took_ms, 1),
    }


def _write(path: Path, before: bytes, outcome: FixOutcome) -> int:
    """Make the edit, all or nothing, unless the file has changed since it was read; 0 when it is made."""
    from copilot_ls.edits import applied

    text = applied(outcome.task.document.text, outcome.replacements).text
    content = (_BOM if before.startswith(_BOM) else b"") + text.encode("utf-8", "surrogateescape")
    part = ""
    try:
        status = path.stat()
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(part).chmod(status.st_mode & 0o7777)
        if path.read_bytes() != before:
            return _complain(f"{path} has changed meanwhile, and was left as it is; run the command again", _NO_EDIT)
        Path(part).replace(path)
        part = ""
    except OSError as error:
        return _complain(f"{path} cannot be written: {error.strerror or error}", _NO_EDIT)
    finally:
        if part:
            Path(part).unlink(missing_ok=True)
    return 0


def _plain(words: str) -> str:
    """Words of checkers and models without what a terminal would take for orders."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in words)


def _complain(words: str, status: int) -> int:
    print(f"copilot-ls fix: {_plain(words)}", file=sys.stderr)
    return status
