"""The raw fill-in-the-middle prompt of a model family, with context snippets in the way that family was trained on.

Leaves the budget to `assemble` and the choice of a profile to `profiles`. Called by backends that send a raw prompt.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.prompt.comments import comment_line, commented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.prompt.profiles import ModelProfile

# The families that name the repository were trained on real names; which one it is matters little.
_REPOSITORY_NAME = "workspace"


def render(
    profile: ModelProfile,
    *,
    prefix: str,
    suffix: str,
    snippets: Sequence[ContextSnippet] = (),
    path: str = "",
    comment: str = "//",
) -> str:
    """The prompt whose continuation is the middle.

    Special tokens that the texts themselves spell are broken up by a space, so that a file cannot end the prompt or
    open another. Raises `ValueError` for a profile without fill-in-the-middle tokens.
    """
    fim = profile.fim
    if fim is None:
        raise ValueError(f"the profile {profile.name!r} has no fill-in-the-middle tokens")
    before, prefix = context_and_prefix(profile, prefix=prefix, snippets=snippets, path=path, comment=comment)
    suffix = neutralise(suffix, profile)
    if fim.order == "suffix_prefix_middle":
        return f"{fim.opening}{before}{fim.lead}{fim.suffix}{suffix}{fim.prefix}{prefix}{fim.middle}"
    return f"{fim.opening}{before}{fim.lead}{fim.prefix}{prefix}{fim.suffix}{suffix}{fim.middle}"


def context_and_prefix(
    profile: ModelProfile, *, prefix: str, snippets: Sequence[ContextSnippet], path: str, comment: str
) -> tuple[str, str]:
    """What goes before the fill-in-the-middle tokens, and the prefix that goes within them."""
    prefix = neutralise(prefix, profile)
    files = profile.files
    if not snippets and (files is None or files.open_header is None):
        return "", prefix
    if files is None:
        return "", as_comments(snippets, comment, profile, path=path) + prefix
    parts = [f"{files.repository}{_REPOSITORY_NAME}\n"] if files.repository else []
    for snippet in snippets:
        text = _ended(neutralise(snippet.text, profile))
        parts.append(f"{files.header}{_one_line(snippet.label, profile)}\n{text}{files.footer}")
    header = files.header if files.open_header is None else files.open_header
    name = f"{_one_line(path, profile) or 'untitled'}\n"
    if files.path_within_prefix:
        return "".join([*parts, header]), name + prefix
    before = "".join([*parts, header, name])
    return ("", before + prefix) if files.within_prefix else (before, prefix)


def as_comments(snippets: Sequence[ContextSnippet], comment: str, profile: ModelProfile, *, path: str = "") -> str:
    """Snippets as comments under a header with their path: what any model and any server understands.

    The open file's `path` stands behind them, which also says where it begins; without snippets nothing does.
    """
    parts: list[str] = []
    for snippet in snippets:
        parts += [
            comment_line(comment, f"From {_one_line(snippet.label, profile)}:"),
            commented(comment, neutralise(snippet.text, profile)),
        ]
    if snippets and path:
        parts.append(comment_line(comment, f"Path: {_one_line(path, profile)}"))
    return "".join(parts)


def neutralise(text: str, profile: ModelProfile) -> str:
    """`text` in which no marker of the profile is spelt: a space goes behind the first character of each."""
    pattern = _marker_pattern(profile.markers)
    if pattern is None:
        return text
    while pattern.search(text):
        text = pattern.sub(lambda marker: f"{marker[0][0]} {marker[0][1:]}", text)
    return text


@lru_cache(maxsize=32)
def _marker_pattern(markers: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(re.escape, markers))) if markers else None


def _one_line(path: str, profile: ModelProfile) -> str:
    return neutralise(" ".join(path.split()), profile)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
