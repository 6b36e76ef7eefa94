"""The interface between copilot-ls and whatever completes code, which others' packages may implement too.

A backend turns a `CompletionRequest` into a stream of `Chunk`s. It does not decide whether to ask, when to stop for
reasons of quality, nor what to show: that is the work of `copilot_ls.features` and `copilot_ls.postprocess`, which
close the stream (`aclose()`, or cancelling the task) as soon as they have enough. Closing must free the connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.text import DocumentSnapshot, Point


class Taste(Protocol):
    """What is known of the user, for a backend within this process that chooses among many texts. For one request.

    Chances are probabilities that a text is right; `parts` are the lengths of its beginnings that could be taken alone,
    with the chance of each. Texts with less than `least_chance` need not be weighed. May be called in any one thread.
    """

    least_chance: float

    def least(self, backend: str) -> float | None:
        """How likely a text has to be taken; None where the backend's own threshold is to hold."""

    def weigh(self, backend: str, text: str, chance: float, parts: Sequence[tuple[int, float]]) -> tuple[float, float]:
        """How likely some of `text` is taken, and how many code points are expected to be."""

    def settle(
        self,
        backend: str,
        text: str,
        parts: Sequence[tuple[int, float]],
        usual: tuple[str, float, Sequence[tuple[int, float]]] | None,
    ) -> None:
        """The backend answers `text`; by its own threshold it would have answered `usual`: a text, chance and parts."""


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """All that a backend may know.

    `prefix` and `suffix` are the parts of the open file that the budget allows, ending and starting exactly at the
    cursor. `document`, `cursor` and `open_documents` are there for backends that stay in this process; a backend that
    sends anything away sends `prefix`, `suffix` and `snippets` and nothing else. `path` is relative to the workspace.
    `multiline` says whether more than the rest of the line is wanted; `n` how many alternatives. `taste` is what a
    backend within this process may choose by, where one text is wanted and calibration is on.
    """

    path: str
    language_id: str
    prefix: str
    suffix: str
    snippets: Sequence[ContextSnippet] = ()
    multiline: bool = False
    max_tokens: int = 128
    temperature: float = 0.0
    n: int = 1
    stop: Sequence[str] = ()
    document: DocumentSnapshot | None = None
    cursor: Point | None = None
    open_documents: Sequence[DocumentSnapshot] = ()
    taste: Taste | None = None


class Usage(NamedTuple):
    """Tokens as the backend counted them; None where it did not say.

    `input_tokens` is all of the prompt. Of these, `cached_input_tokens` were read from the backend's cache and
    `cache_write_tokens` written to it, which some sell dearer. `output_tokens` includes those of hidden reasoning.
    """

    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    cache_write_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of generated text.

    `choice` numbers the alternative it belongs to. `finish_reason` is set on the last chunk of a choice (`stop`,
    `length`). `confidence` is a calibrated probability that the user types exactly this, where a backend knows one.
    `origin` says in words where an in-process backend learnt it (file:line).
    """

    text: str
    choice: int = 0
    finish_reason: str | None = None
    confidence: float | None = None
    origin: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class BackendCheck:
    """What `doctor` found: can it be reached, does fill-in-the-middle work, how long did it take."""

    reachable: bool
    fim_works: bool | None
    latency_ms: float | None
    message: str
    details: dict[str, str] = field(default_factory=dict)


@runtime_checkable
class Backend(Protocol):
    """One configured backend. Made by an entry point `create(name: str, options: BackendSettings) -> Backend`.

    One that has an attribute `in_process` that is true costs nothing to ask: it is not waited for, not cached on disk,
    asked without gathered context, and not asked ahead of need.
    """

    name: str
    model: str

    def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """Stream an answer; raise `copilot_ls.errors.BackendError` when there is none."""
        ...

    async def check(self) -> BackendCheck:
        """Find out, for `doctor`, whether this backend can do its work. Never raises."""
        ...

    async def aclose(self) -> None:
        """Free what it holds."""
        ...


@runtime_checkable
class WarmBackend(Protocol):
    """A backend whose first request is quicker when it was told before that there will be one."""

    async def warm(self) -> None:
        """Load what has to be loaded and open a connection; sends nothing of the user's. Never raises."""
        ...
