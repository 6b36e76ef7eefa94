"""What a model is shown of a task: the definition around it, what is before and after, and what is reported.

Pure, over the syntax tree. Leaves the budget and the layout to `copilot_ls.prompt`. Called by `conversation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.features.fixing.region import allowed_lines, import_lines, wanted_lines

if TYPE_CHECKING:
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.features.fixing.outcome import FixTask
    from copilot_ls.prompt.instructions import Passage
    from copilot_ls.syntax import SyntaxTree

# More of the file than any budget has room for.
_MOST_LINES_AROUND = 400
_LONGEST_MESSAGE = 1_000


def passage_for(task: FixTask, tree: SyntaxTree, path: str) -> Passage:
    """The passage of a task, whole lines; `path` is the document's in the workspace."""
    from copilot_ls.prompt.instructions import Passage

    text = task.document.text
    first, last = _passage_lines(task, tree)
    return Passage(
        path=path,
        language_id=task.document.language_id,
        code=_whole("".join(text.lines(first, last))),
        before="".join(text.lines(max(first - _MOST_LINES_AROUND, 0), first)),
        after=_whole("".join(text.lines(last, last + _MOST_LINES_AROUND))),
        reports=[
            f"{each.span.start.line + 1}: {each.severity}: {_one_line(each.message)}"
            + (f" [{each.code}]" if each.code else "")
            + (f" ({each.source})" if each.source else "")
            for each in task.diagnostics
        ],
    )


def head_of(task: FixTask, tree: SyntaxTree, path: str) -> list[ContextSnippet]:
    """The document's imports, where the passage is far below them; else nothing."""
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.prompt.tokens import estimate

    lines = import_lines(task)
    first, _ = _passage_lines(task, tree)
    if not lines or first <= lines.stop:
        return []
    text = "".join(task.document.text.lines(lines.start, lines.stop))
    return [ContextSnippet(path, lines.start, lines.stop, text, "imports", 1.0, estimate(text))]


def _passage_lines(task: FixTask, tree: SyntaxTree) -> tuple[int, int]:
    """The lines that are shown as the passage, the end exclusive."""
    wanted = wanted_lines(task)
    if task.kind in {"change", "tests"}:
        return min(wanted), max(wanted) + 1
    # The allowed lines that hang together with those wanted: imports far above are shown apart.
    allowed = allowed_lines(task, tree)
    first, last = min(wanted), max(wanted)
    while first - 1 in allowed:
        first -= 1
    while last + 1 in allowed:
        last += 1
    return first, last + 1


def _whole(lines: str) -> str:
    return lines if not lines or lines.endswith(("\n", "\r")) else lines + "\n"


def _one_line(message: str) -> str:
    return " ".join(message[:_LONGEST_MESSAGE].split())
