"""The events of the feedback loop: one class per transition, whose docstring is its public documentation.

A request ends in exactly one of `Skipped`, `Superseded`, `Discarded` or `Generated` (several, one per alternative). A
generated suggestion may be `Shown`, and ends in exactly one of `Accepted`, `PartiallyAccepted`, `Typed`, `Rejected` or
`Ignored`; `PartiallyAccepted` may come several times, and before `Accepted`.

The same ghost text is often offered anew for the next key, under a new `suggestion_id`. All offers of one text make a
*chain*, named by the first offer's id (`chain_id`), and everything is counted per chain.

A fix that the user asked for begins with `FixOpened` and comes to one `FixProposed`; one with an edit to one
`FixApplied` or `FixDropped`. What was applied is `FixChecked` at the next report of its diagnostics, may be
`FixUndone`, and ends in one `FixResolved`. All carry its `fix_id`.

No event holds source text, a path in clear or a key. The classes know nothing of disk or clock;
`copilot_ls.features.lifecycle` makes them, `recorder` takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["backend", "cache", "disk_cache", "typed_as_suggested", "in_flight", "prefetch"]
Decision = Literal["show", "silent", "explore"]
TriggerKind = Literal["invoked", "automatic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event carries.

    `at` is unix time in seconds; `session_id` names one run of one server; `workspace` is a hash that tells workspaces
    apart without naming them (see `workspace_key`), None where no workspace is known.
    """

    at: float
    session_id: str
    workspace: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested(Event):
    """The editor asked for ghost text. `trigger_kind` says whether the user did so by a command or just typed."""

    request_id: str
    language: str
    trigger_kind: TriggerKind
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped(Event):
    """The gate decided to ask no backend; `reason` is the gate's short stable name for why."""

    request_id: str
    language: str
    reason: str
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded(Event):
    """A newer request, or the editor, made this one pointless before it was answered."""

    request_id: str
    language: str
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded(Event):
    """An answer came to nothing.

    `reason` is `empty`, `cut` (post-processing left none of it) or `failed` (a fault of ours, which the log names).
    `cut_by` names the filters that took from it, in their order. `latency_ms` runs from the request to the decision.
    Tokens are None where the backend did not say. With `reason` `unlikely`, there was something to show, and the user's
    own history spoke against it: `p_accept`, `decision` (`silent`) and `features` are as in `Generated`.
    """

    request_id: str
    language: str
    backend: str
    model: str
    reason: str
    cut_by: tuple[str, ...] = ()
    latency_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    p_accept: float | None = None
    decision: Decision | None = None
    features: str | None = None
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceJudged(Event):
    """What was not shown as `unlikely` (see `Discarded`) was typed after all, or was not.

    `outcome` is `right` when the user typed all of it, `part` when they typed its beginning and then something else,
    `wrong` otherwise; `accepted_length` counts the code points that were right. Silences that end in no such way,
    because the cursor left, are not judged.
    """

    request_id: str
    outcome: Literal["right", "part", "wrong"]
    accepted_length: int
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendFault(Event):
    """A backend could not answer; `fault` is its error's short stable name (`timeout_first_byte`, `http_401`, …)."""

    backend: str
    model: str
    fault: str
    request_id: str | None = None
    language: str | None = None
    latency_ms: float | None = None
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendAsked(Event):
    """A backend's turn is over. Also counts what nobody waited for to its end: it was paid all the same.

    `outcome` is `answered` (to the end, or until enough had come), `failed` (a `BackendFault` says how) or `cancelled`.
    `n_tries` is 2 or more after retries. Tokens are those of this turn; `cached_input_tokens` and `cache_write_tokens`
    are parts of `input_tokens`. `cost` is in the unit of the prices in the settings, None where there are none.
    `estimated` says that the backend did not count, so that tokens and cost are estimates.
    """

    backend: str
    model: str
    outcome: Literal["answered", "failed", "cancelled"]
    n_tries: int
    latency_ms: float
    request_id: str | None = None
    language: str | None = None
    first_token_ms: float | None = None
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    estimated: bool = False
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendPassedOver(Event):
    """A backend of the route was not asked.

    `reason` is one of `unusable`, `cannot_chat`, `resting` (its circuit breaker is open), `probing` (half-open, and
    another request tries it), or the limit of spending that the request might break: `max_spend_per_day`,
    `max_spend_per_month`, `spend.max_per_day`, `spend.max_per_month`; or `ignored_file`: nothing of it may be sent.
    """

    backend: str
    reason: str
    request_id: str | None = None
    language: str | None = None
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated(Event):
    """A suggestion came out of post-processing and was answered to the editor.

    `source` says how it was come by; `n_chars` (code points) and `n_lines` measure its text; `chain_offset` is the
    number of code points of the chain's text that stood in the document already. `latency_ms` runs from the request to
    the answer, `first_token_ms` to the backend's first token. `confidence` is the backend's own, 0 to 1. `cut_by` names
    the filters that shortened it. Tokens are None where the backend did not say.

    `p_accept` is the probability that it is taken, as the user's own history has it; `decision` is `show`, or `explore`
    where it was shown against the odds, to keep learning; `features` is a JSON object of numbers that says what that
    rests on. All three are None where nothing was decided: calibration is off, the user asked in words, or the same
    ghost text had been shown already.
    """

    request_id: str
    suggestion_id: str
    chain_id: str
    language: str
    backend: str
    model: str
    source: Source
    trigger_kind: TriggerKind
    multiline: bool
    n_chars: int
    n_lines: int
    latency_ms: float
    chain_offset: int = 0
    first_token_ms: float | None = None
    confidence: float | None = None
    cut_by: tuple[str, ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    p_accept: float | None = None
    decision: Decision | None = None
    features: str | None = None
    task: str = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Event):
    """The user could see the suggestion. Once per chain.

    `inferred` is False when the editor said so, and True when it is concluded: the cursor stayed within the ghost text
    for 750 ms, or the user did something (accept, dismiss) that needs a visible suggestion.
    """

    suggestion_id: str
    chain_id: str
    inferred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Event):
    """The user took all that was left of the suggestion. Once per chain; implies `Shown`.

    `how` is `command` when the editor ran the item's command, and `edit` when one change of the document inserted all
    of it. `accepted_length` counts the code points that acceptance put in, earlier parts of the chain included, typed
    keys not.
    """

    suggestion_id: str
    chain_id: str
    how: Literal["command", "edit"]
    accepted_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartiallyAccepted(Event):
    """The user took a word, a line or another proper part. May come several times per chain; implies `Shown`.

    `accepted_length` counts the code points that acceptance put in so far: it is cumulative, so the last one counts.
    """

    suggestion_id: str
    chain_id: str
    how: Literal["command", "edit"]
    accepted_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(Event):
    """The user typed the suggestion out, key by key. Without `Shown`, they did so before they can have read it."""

    suggestion_id: str
    chain_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Event):
    """The user dismissed the suggestion explicitly; implies `Shown`."""

    suggestion_id: str
    chain_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored(Event):
    """The suggestion ended in no other way.

    `reason` is one of `typing_disagreed`, `displaced` (by another suggestion), `cursor_left`, `alternative_taken`,
    `document_closed`, `session_ended`. Without `Shown`, nobody can have seen it, and no rate counts it.
    """

    suggestion_id: str
    chain_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Event):
    """So much was written in one document within about a minute, in code points.

    `n_typed` counts keys: what an editor adds to a key, such as a closing bracket, is not in it. `n_inserted` came at
    once: accepted, pasted, completed or formatted. `n_deleted` went.
    """

    language: str
    n_typed: int
    n_inserted: int
    n_deleted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionChecked(Event):
    """It was looked whether accepted text is still there, wherever later edits have moved it.

    `moment` is `15s`, `30s`, `120s`, `300s` or `600s` after the acceptance, or the first `save`, `close` or `commit`
    after it. `kept` is the share of its `n_lexemes` words, numbers and signs that stand there in their order;
    `survives` says that the edit distance in lexemes is at most half of them. `kept_chars` is `kept` of its code
    points.
    """

    suggestion_id: str
    chain_id: str
    moment: str
    kept: float
    survives: bool
    n_lexemes: int
    kept_chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptReported(Event):
    """Diagnostics were reported for the first time after an acceptance: how many came and how many went since."""

    suggestion_id: str
    chain_id: str
    n_added: int
    n_removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained(Event):
    """Code was explained. `backend` is `embedded` where no model had a part in it; `n_chars` measures the answer.

    `rule` is that of the diagnostic in question as `FixOpened` has it, empty where there was none.
    """

    request_id: str
    language: str
    backend: str
    model: str
    latency_ms: float
    n_chars: int
    rule: str = ""
    task: str = "explain"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOffered(Event):
    """A code action that mends a diagnostic was offered. Once per diagnostic and run, however often it was."""

    language: str
    rule: str
    task: str = "fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOpened(Event):
    """The user asked for an edit: `kind` is `fix`, `change`, `document` or `tests`.

    `rule` names who reports and by which rule (`ruff:F401`), that of the first where there are several; empty where
    nothing is reported. `n_diagnostics` is how many are to be mended.
    """

    fix_id: str
    language: str
    rule: str
    kind: str
    n_diagnostics: int
    task: str = "fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixProposed(Event):
    """The work came to an end: `verdict` is `verified`, `not_verified` or `gave_up`, or `cancelled` by the user.

    `checked_by` names the checkers that found the edit better; `fixer` is the rule of the embedded fixer, empty for a
    model. `n_tries` counts proposals, `n_invalid_tool_calls` those of `n_tool_calls` that no tool could take. Tokens
    and cost are those of all tries, None where nobody counted; `latency_ms` runs from the user's wish.
    """

    fix_id: str
    verdict: Literal["verified", "not_verified", "gave_up", "cancelled"]
    backend: str
    model: str
    n_tries: int
    latency_ms: float
    checked_by: tuple[str, ...] = ()
    fixer: str = ""
    n_tool_calls: int = 0
    n_invalid_tool_calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    task: str = "fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixApplied(Event):
    """The editor made the edit."""

    fix_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixDropped(Event):
    """The edit was not made. `reason`: `stale` (the text has changed too much), `refused` (by editor or user)."""

    fix_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixChecked(Event):
    """Diagnostics were reported for the first time after the edit: `gone` says whether the mended ones are gone."""

    fix_id: str
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FixUndone(Event):
    """Within 5 minutes the text was again what it had been before the edit."""

    fix_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixResolved(Event):
    """The end, 5 minutes after the edit or when that cannot be awaited.

    `resolved` is True where the diagnostics were gone at the next report, and still are, and nothing was undone. It is
    None where nobody knows. `reason`: `gone`, `still_there`, `came_back`, `undone`, `not_reported` (the editor does not
    tell its diagnostics), `document_closed`, `session_ended`.
    """

    fix_id: str
    resolved: bool | None
    reason: str


EVENT_NAMES: dict[type[Event], str] = {
    Requested: "requested",
    Skipped: "skipped",
    Superseded: "superseded",
    Discarded: "discarded",
    SilenceJudged: "silence_judged",
    BackendFault: "backend_fault",
    BackendAsked: "backend_asked",
    BackendPassedOver: "backend_passed_over",
    Generated: "generated",
    Shown: "shown",
    Accepted: "accepted",
    PartiallyAccepted: "partially_accepted",
    Typed: "typed",
    Rejected: "rejected",
    Ignored: "ignored",
    Written: "written",
    RetentionChecked: "retention_checked",
    AcceptReported: "accept_reported",
    Explained: "explained",
    FixOffered: "fix_offered",
    FixOpened: "fix_opened",
    FixProposed: "fix_proposed",
    FixApplied: "fix_applied",
    FixDropped: "fix_dropped",
    FixChecked: "fix_checked",
    FixUndone: "fix_undone",
    FixResolved: "fix_resolved",
}


def workspace_key(root: str) -> str:
    """A short hash that tells workspaces apart in statistics; it cannot be turned back into the path, only compared."""
    from hashlib import blake2b

    return blake2b(root.encode("utf-8", "surrogatepass"), digest_size=8, person=b"copilot-ls").hexdigest()
