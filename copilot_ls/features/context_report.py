"""What a model would be shown for a place, told to people: each part, its source and cost, and what was left out.

A report is made of a prompt and of the gathering before it, and told as text for a terminal, as JSON, or as Markdown
for an editor. `written` is the prompt as its model family reads it, markers and all. Gathers and sends nothing itself.
Called by `copilot-ls context` and by the server's command that opens the same in the editor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_ls.context.gather import Gathered
    from copilot_ls.prompt.assemble import Prompt, PromptPart
    from copilot_ls.prompt.profiles import ModelProfile
    from copilot_ls.prompt.redaction import Redactor

_WHY = {
    "blank": "has nothing but blank lines",
    "budget": "no room",
    "busy": "still busy with an earlier question",
    "deadline": "not asked before the deadline",
    "overlap": "shares lines with another",
    "visible": "already in the open file's part",
}


class NotShown(NamedTuple):
    """Lines that were found and left out, and why; without a path, a whole source. Lines as in `ContextSnippet`."""

    path: str
    start_line: int
    end_line: int
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContextReport:
    """`prompt` for the open file at `path`, with what gathering left out, for a model of the family `profile`."""

    path: str
    language_id: str
    prompt: Prompt
    not_shown: tuple[NotShown, ...]
    took_ms: float
    profile: str
    written: str
    redacted: Mapping[str, int]


def report_on(
    prompt: Prompt,
    gathered: Gathered,
    *,
    profile: ModelProfile,
    path: str,
    language_id: str,
    redactor: Redactor | None = None,
) -> ContextReport:
    """The report on one prompt, as a model of the family `profile` reads it; redacted, where there is a redactor."""
    redacted: Mapping[str, int] = {}
    if redactor is not None:
        prompt, redacted = _without_secrets(prompt, redactor)
    not_shown = [NotShown(*_place(each.snippet), each.reason) for each in prompt.left_out]
    not_shown += [
        NotShown(each.path, each.start_line, each.end_line, each.source, each.reason) for each in gathered.dropped
    ]
    written = _written(prompt, profile, path, language_id)
    return ContextReport(path, language_id, prompt, tuple(not_shown), gathered.took_ms, profile.name, written, redacted)


def as_json(report: ContextReport) -> dict[str, Any]:
    """The report for programs. Lines count from 0, `end_line` is exclusive; only snippets have a score."""
    return {
        "budget_tokens": report.prompt.budget_tokens,
        "tokens": report.prompt.tokens,
        "profile": report.profile,
        "ms": round(report.took_ms, 3),
        "parts": [
            {
                "what": part.what,
                "path": part.path,
                "start_line": part.start_line,
                "end_line": part.end_line,
                "tokens": part.tokens,
                "source": part.source,
                "score": None if part.score is None else round(part.score, 4),
                "text": part.text,
            }
            for part in report.prompt.parts
        ],
        "redacted": dict(report.redacted),
        "left_out": [each._asdict() for each in report.not_shown],
    }


def as_text(report: ContextReport) -> str:
    """The report for a terminal: every part under a header; lines count from 1 here, as the eye does."""
    shown: list[str] = []
    for part in report.prompt.parts:
        shown += [f"=== {' · '.join(_about(part))}", part.text.rstrip("\n"), ""]
    shown.append(_sum(report))
    if report.not_shown:
        shown += ["", "left out:", *(f"  {line}" for line in _left_out(report.not_shown))]
    return "\n".join(shown)


def as_markdown(report: ContextReport) -> str:
    """The report for an editor that shows Markdown: a table of the parts, the parts, what was left out, the prompt."""
    rows = ["| part | lines | source | score | tokens |", "|---|---|---|---:|---:|"]
    sections: list[str] = []
    for part in report.prompt.parts:
        score = "" if part.score is None else f"{part.score:.3g}"
        rows.append(f"| {part.what} | {_cell(_lines(part))} | {part.source} | {score} | {part.tokens} |")
        language = report.language_id if part.path == report.path else ""
        sections += [f"## {part.what} · {_one_line(_lines(part))}", "", _fenced(part.text, language), ""]
    left_out = ["## Left out", "", *(f"- {_one_line(line)}" for line in _left_out(report.not_shown)), ""]
    return "\n".join(
        [
            f"# Context · {_one_line(report.path)}",
            "",
            _sum(report),
            "",
            *rows,
            "",
            *sections,
            *(left_out if report.not_shown else ()),
            f"## The prompt, for {report.profile}",
            "",
            _fenced(report.written, ""),
            "",
        ]
    )


def _written(prompt: Prompt, profile: ModelProfile, path: str, language_id: str) -> str:
    from copilot_ls.prompt import fim
    from copilot_ls.prompt.comments import comment_for

    comment = comment_for(language_id)
    if profile.fim is not None:
        return fim.render(
            profile, prefix=prompt.prefix, suffix=prompt.suffix, snippets=prompt.snippets, path=path, comment=comment
        )
    # Servers that lay the parts out themselves get them apart: the mark stands where the middle is asked for.
    before, prefix = fim.context_and_prefix(
        profile, prefix=prompt.prefix, snippets=prompt.snippets, path=path, comment=comment
    )
    return f"{before}{prefix}█{prompt.suffix}"


def _without_secrets(prompt: Prompt, redactor: Redactor) -> tuple[Prompt, Mapping[str, int]]:
    """The prompt as it is sent, and how many secrets of each kind were taken out of it."""
    redacted = redactor.redact([[prompt.prefix, prompt.suffix], *([each.text] for each in prompt.snippets)])
    (prefix, suffix), *snippets = redacted.texts
    parts = []
    for part in prompt.parts:
        text = part.text
        for name, secret in sorted(redacted.secrets.items(), key=lambda each: -len(each[1])):
            text = text.replace(secret, name)
        parts.append(replace(part, text=text))
    sent = replace(
        prompt,
        prefix=prefix,
        suffix=suffix,
        snippets=tuple(replace(one, text=text) for one, (text,) in zip(prompt.snippets, snippets, strict=True)),
        parts=tuple(parts),
    )
    return sent, redacted.kinds


def _place(snippet: Any) -> tuple[str, int, int, str]:  # noqa: ANN401 - a ContextSnippet
    return snippet.path, snippet.start_line, snippet.end_line, snippet.source


def _about(part: PromptPart) -> Iterator[str]:
    yield part.what
    yield _lines(part)
    yield part.source
    if part.score is not None:
        yield f"score {part.score:.3g}"
    yield f"{part.tokens} tokens"


def _lines(part: PromptPart) -> str:
    return f"{part.path}:{part.start_line + 1}-{max(part.end_line, part.start_line + 1)}"


def _sum(report: ContextReport) -> str:
    prompt = report.prompt
    spent: dict[str, int] = {}
    for part in prompt.parts:
        spent[part.what] = spent.get(part.what, 0) + part.tokens
    split = ", ".join(f"{what} {tokens}" for what, tokens in spent.items())
    kinds = ", ".join(f"{kind} {n}" for kind, n in report.redacted.items())
    redacted = f"; secrets that placeholders stand for: {kinds}" if kinds else ""
    return (
        f"{prompt.tokens} of {prompt.budget_tokens} tokens ({split}), format {report.profile}, "
        f"gathered in {report.took_ms:.1f} ms{redacted}"
    )


def _left_out(not_shown: Sequence[NotShown]) -> Iterator[str]:
    for path, start, end, source, reason in not_shown:
        place = f"{path}:{start + 1}-{end}" if path else "everything"
        yield f"{place} · {source} · {_WHY.get(reason, reason)}"


def _fenced(text: str, language: str) -> str:
    # A fence longer than any in the text cannot be closed by it.
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", text))])
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")
