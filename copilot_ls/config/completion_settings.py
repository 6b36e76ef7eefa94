"""The settings of `[completion]`: when ghost text is offered, and how much of it. `settings` takes them in."""

# ruff: noqa: RUF009 - `_key` makes a dataclass field, as `field` does, which ruff cannot know.

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot_ls.config.facts import key as _key

MultilineMode = Literal["auto", "always", "never"]
MenuMode = Literal["auto", "always", "never"]
DuplicatesMode = Literal["off", "warn", "block"]
InstantMode = Literal["off", "late", "confident"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionSettings:
    """When ghost text is offered, and how much of it."""

    enable: bool = _key(default=True, description="Offer ghost text at all.", project="tighten")
    automatic: bool = _key(
        default=True,
        description="Offer it while typing. When false, only where the editor asks explicitly.",
        project="tighten",
    )
    languages_disable: tuple[str, ...] = _key(
        (),
        'Language ids, as editors spell them, in which nothing is offered; for example ["markdown", "plaintext"]. '
        "A project file adds to the user's list.",
        project="tighten",
    )
    paths_disable: tuple[str, ...] = _key(
        (),
        "Paths at which nothing is offered, as patterns of a .gitignore file, relative to the workspace folder; for "
        'example ["notes/", "*.min.js"]. What is there may still be learnt from: see index.exclude. A project file '
        "adds to the user's list.",
        project="tighten",
    )
    comments: bool = _key(default=True, description="Offer ghost text inside comments too.", project="tighten")
    multiline: MultilineMode = _key(
        "auto",
        'Several lines at once: "auto" where the syntax tree says a block is wanted, and where the embedded backend is '
        'sure of them; "always", or "never".',
    )
    max_lines: int = _key(16, "Longest suggestion.", unit="lines", ge=1, le=200)
    max_tokens: int = _key(
        256,
        "Most tokens that a backend may generate for one suggestion.",
        unit="tokens",
        ge=1,
        le=4096,
        project="tighten",
    )
    n_candidates: int = _key(
        3,
        "Alternatives when ghost text is asked for explicitly; while typing there is one.",
        ge=1,
        le=10,
        project="tighten",
    )
    menu: MenuMode = _key(
        "auto",
        'Suggestions as entries of completion menus: "auto" in editors that do not know ghost text, "always", or '
        '"never". "always" takes an editor that lets servers register late.',
    )
    min_confidence: float = _key(
        0.5,
        "Suggestions below this probability of being accepted are not shown while typing. Backends that give no "
        "confidence are not affected. 0 shows all.",
        ge=0.0,
        le=1.0,
    )
    prefetch: bool = _key(
        default=True,
        description="When a suggestion is shown, fetch already what would follow it.",
        project="tighten",
    )
    debounce_max_ms: int = _key(
        75,
        "Longest wait for the next key before a backend is asked. The wait adapts to the typing; the first key after a "
        "pause never waits. 0 asks at once.",
        unit="milliseconds",
        ge=0,
        le=5000,
    )
    deadline_ms: int = _key(
        5000,
        "After this time the editor is answered with nothing. An answer that comes later is kept for the next key.",
        unit="milliseconds",
        ge=50,
        le=60_000,
    )
    instant: InstantMode = _key(
        "late",
        "When the embedded backend, standing behind a model in the route, answers before it while typing: "
        '"late" when the model has not come within patience_ms, "confident" also at once when it is sure of itself, '
        '"off" only when the model fails or has nothing. The model is asked all the same, and its answer is kept for '
        "the next key.",
    )
    duplicates: DuplicatesMode = _key(
        "off",
        "What becomes of a model's suggestion that repeats six lines or more of an installed package under another "
        'licence than the workspace: "warn" notes it in the log, "block" does not show it, which has a long suggestion '
        "wait for the look, 400 ms at most.",
        project="tighten",
    )
    instant_confidence: float = _key(
        0.9, 'From which confidence on the embedded answer is sure of itself (instant = "confident").', ge=0.5, le=1.0
    )
    patience_ms: int = _key(
        600,
        "How long the editor is kept waiting for a model before the embedded answer takes its place. VS Code stops "
        "waiting after 750.",
        unit="milliseconds",
        ge=0,
        le=60_000,
    )
