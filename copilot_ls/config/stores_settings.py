"""The settings of what is kept on disk: `[telemetry]` and `[cache]`. `settings` takes them in."""

from __future__ import annotations

from dataclasses import dataclass

from copilot_ls.config.facts import key as _key


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySettings:
    """The record, on this machine only, of what was shown and accepted."""

    enable: bool = _key(default=True, description="Record events. Nothing ever leaves the machine.", project="tighten")
    max_mb: int = _key(
        64,
        "Largest database; beyond it the oldest events go.",
        unit="megabytes",
        ge=1,
        le=10_000,
        project="trusted",
    )
    retention_days: int = _key(
        365, "Older events are deleted; they stay in the daily totals.", unit="days", ge=1, le=36_500, project="trusted"
    )
    totals_days: int = _key(
        3650, "Daily totals of older days are deleted.", unit="days", ge=1, le=36_500, project="trusted"
    )
    calibrate: bool = _key(
        default=True,
        description="Learn from what was taken and what was not: how sure the embedded backend is, which suggestions "
        "are held back because you hardly ever take their like, and which of several backends is asked first. A few "
        "hundred numbers in the state folder. `copilot-ls stats --why ID` explains each decision.",
        project="tighten",
    )
    store_text: bool = _key(
        default=False,
        description="Keep texts, without secrets, in the state folder: what ghost text you were shown, where, and what "
        "you wrote there in the end; and what was said with models while code was mended. For `copilot-ls export`, "
        "which makes data sets to train a model on. Events never hold text.",
        project="tighten",
    )

    otlp_endpoint: str | None = _key(
        None,
        "Address of your own OpenTelemetry collector, which statistics are forwarded to over HTTP; for example "
        '"http://127.0.0.1:4318". Unset, nothing is. Never text, never a path. Needs '
        "`pip install 'copilot-ls[otlp]'`. Headers and certificates come from OpenTelemetry's own variables.",
        pattern=r"https?://[^\s/?#]+(/[^\s?#]*)?",
        project="user",
    )
    otlp_interval_s: int = _key(
        60, "How often it is looked for what is to be forwarded.", unit="seconds", ge=1, le=86_400, project="user"
    )
    otlp_spans: bool = _key(
        default=False,
        description="Forward a span for each request to a backend too: which, when, how long, how many tokens.",
        project="user",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """Completions kept on disk, so that the same place is not asked about twice."""

    enable: bool = _key(default=True, description="Keep completions on disk.", project="tighten")
    max_mb: int = _key(64, "Largest cache.", unit="megabytes", ge=1, le=10_000, project="trusted")
