"""What is to be known of a family of models: the form of the data in `families`.

Leaves choosing one to `profiles`, laying text out to `fim`, and cutting an answer where it ends to `stopping`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Order = Literal["prefix_suffix_middle", "suffix_prefix_middle"]


@dataclass(frozen=True, slots=True)
class FimTokens:
    """The special tokens around the three parts, written just as the tokenizer spells them, spaces included.

    For families that fill in within a conversation, `opening` stands before everything, context snippets too, `lead`
    right before the first of the three, and what closes the question is part of `middle`.
    """

    prefix: str
    suffix: str
    middle: str
    order: Order = "prefix_suffix_middle"
    opening: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class RepositoryTokens:
    """How a family lays out several files in one prompt.

    `repository` opens the whole, before the repository's name, or is empty. `header` stands before a file's path, which
    a line end follows; `footer` behind its text. `open_header` stands before the open file's path instead of `header`,
    if it is another, and then without other files too. `within_prefix`: the files are part of the prefix, not before
    all. `path_within_prefix`: the open file's path is, behind `header` and the token of the prefix.
    """

    header: str
    repository: str = ""
    footer: str = ""
    open_header: str | None = None
    within_prefix: bool = False
    path_within_prefix: bool = False


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """One family of models.

    `names` are regular expressions, searched in the model's name in lower case. `fim` is None for a family whose tokens
    are not known. Without `files`, context snippets go into the prefix as comments. `stop` ends a generation (at most
    four). `special` are all further spellings that the tokenizer reads as more than text. `context_window`
    is in tokens of the family, of which its vocabulary makes `tokens_ratio` for each that `copilot_ls.prompt.tokens`
    counts. `source` says where all of this is written down.
    """

    name: str
    names: tuple[str, ...] = ()
    fim: FimTokens | None = None
    files: RepositoryTokens | None = None
    stop: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    context_window: int = 8192
    tokens_ratio: float = 1.0
    source: str = ""

    @property
    def markers(self) -> tuple[str, ...]:
        """Every string that the tokenizer reads as more than text, longest first: source text must not spell them."""
        fim = () if self.fim is None else (self.fim.prefix, self.fim.suffix, *self.fim.middle.split())
        found = {marker.strip() for marker in (*fim, *self.stop, *self.special)}
        return tuple(sorted(found - {""}, key=lambda marker: (-len(marker), marker)))

    @property
    def ends(self) -> tuple[str, ...]:
        """What ends the middle wherever it comes up in an answer: stop sequences and the three tokens themselves."""
        fim = () if self.fim is None else (self.fim.prefix, self.fim.suffix, self.fim.middle)
        return tuple(dict.fromkeys(filter(None, (*self.stop, *(marker.strip() for marker in fim)))))
