"""The settings of `[fix]`: how code is mended, and what checks it. `settings` takes them in."""

# ruff: noqa: RUF009 - `_key` makes a dataclass field, as `field` does, which ruff cannot know.

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot_ls.config.facts import key as _key

ToolUse = Literal["retry", "always", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixSettings:
    """How code is mended: what checks a fix before it is shown, and what it may take."""

    checkers: tuple[str, ...] = _key(
        (),
        'Checkers that a fix has to satisfy, by name, found on PATH; for example ["ruff", "pyright"]. Unset, those '
        "that the workspace is configured for. They run in trusted workspaces alone: see `copilot-ls trust`.",
        project="trusted",
    )
    max_tries: int = _key(
        3, "Most proposals of models for one fix; the embedded fixers come before.", ge=1, le=10, project="tighten"
    )
    max_tokens: int = _key(
        40_000,
        "Most tokens for one fix, of questions and answers together.",
        unit="tokens",
        ge=256,
        le=2_000_000,
        project="tighten",
    )
    max_seconds: int = _key(
        120, "Longest time for one fix, checks included.", unit="seconds", ge=1, le=3600, project="tighten"
    )
    max_cost: float | None = _key(
        None, "What one fix may cost, in the unit of the backends' prices.", ge=0, project="tighten"
    )
    tools: ToolUse = _key(
        "retry",
        'Whether a model may look around in the workspace by tools that read: "retry" when its first edit did not do, '
        '"always", or "never".',
        project="trusted",
    )
    check_timeout_ms: int = _key(
        30_000, "Longest run of one checker.", unit="milliseconds", ge=100, le=600_000, project="tighten"
    )
