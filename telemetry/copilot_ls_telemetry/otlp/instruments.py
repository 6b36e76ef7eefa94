"""What is forwarded: one instrument for each figure, with its unit, and the attributes that tell its series apart.

Those of `gen_ai.` follow OpenTelemetry's semantic conventions for generative AI
(opentelemetry.io/docs/specs/semconv/gen-ai, read in November 2026; status "development"), buckets included; the
others are ours. All counts only ever grow. Attributes are languages, names of backends and models as the settings
have them, and stable short names; nothing that names a person, a file or a workspace. Data alone; `folding` fills the
instruments, `sending` sends them, the Grafana dashboard asks for them.
"""

from __future__ import annotations

from typing import NamedTuple


class Instrument(NamedTuple):
    """A counter, or a histogram where there are `bounds`. `unit` is UCUM's."""

    name: str
    unit: str
    description: str
    bounds: tuple[float, ...] = ()


_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)

GENERATED = Instrument("copilot_ls.suggestions.generated", "{suggestion}", "Ghost texts that were answered, once each")
SHOWN = Instrument("copilot_ls.suggestions.shown", "{suggestion}", "Ghost texts that the user could see")
ENDED = Instrument(
    "copilot_ls.suggestions.ended",
    "{suggestion}",
    "Ghost texts by copilot_ls.outcome: accepted, partially_accepted, typed, rejected, ignored",
)
ACCEPTED_CHARACTERS = Instrument(
    "copilot_ls.suggestions.accepted_characters", "{character}", "Code points that acceptance put in"
)
RETENTION = Instrument(
    "copilot_ls.suggestions.looked_at",
    "{suggestion}",
    "Accepted texts that were looked at, at copilot_ls.moment, by whether they still stood there (copilot_ls.survives)",
)
RETAINED_CHARACTERS = Instrument(
    "copilot_ls.suggestions.retained_characters", "{character}", "Accepted code points left at copilot_ls.moment"
)
LATENCY = Instrument(
    "copilot_ls.suggestions.latency", "s", "From the request to the answer, by copilot_ls.source", _SECONDS
)
REQUESTS = Instrument("copilot_ls.requests", "{request}", "Requests of editors for ghost text")
UNANSWERED = Instrument(
    "copilot_ls.requests.unanswered", "{request}", "Requests answered with nothing, by copilot_ls.reason"
)
WRITTEN = Instrument(
    "copilot_ls.written_characters", "{character}", "Code points by copilot_ls.how: typed, inserted, deleted"
)
COST = Instrument("copilot_ls.cost", "1", "What backends cost, in the unit of the prices in the settings")
FAULTS = Instrument("copilot_ls.backend.faults", "{fault}", "Backends that could not answer, by error.type")
PASSED_OVER = Instrument(
    "copilot_ls.backend.passed_over", "{request}", "Backends of a route that were not asked, by copilot_ls.reason"
)
FIXES = Instrument("copilot_ls.fixes.proposed", "{fix}", "Fixes that came to an end, by copilot_ls.verdict")
RESOLVED = Instrument("copilot_ls.fixes.resolved", "{fix}", "Applied fixes after five minutes, by copilot_ls.reason")
DURATION = Instrument("gen_ai.client.operation.duration", "s", "GenAI operation duration", _SECONDS)
FIRST_CHUNK = Instrument(
    "gen_ai.client.operation.time_to_first_chunk", "s", "Time to receive the first chunk of a streamed answer", _SECONDS
)
TOKENS = Instrument("gen_ai.client.token.usage", "{token}", "Number of input and output tokens used", _TOKENS)

INSTRUMENTS = (
    GENERATED, SHOWN, ENDED, ACCEPTED_CHARACTERS, RETENTION, RETAINED_CHARACTERS, LATENCY, REQUESTS, UNANSWERED,
    WRITTEN, COST, FAULTS, PASSED_OVER, FIXES, RESOLVED, DURATION, FIRST_CHUNK, TOKENS,
)  # fmt: skip


def prometheus_names(instrument: Instrument) -> tuple[str, ...]:
    """What Prometheus calls the series of an instrument when it takes OTLP in.

    Source: the OpenTelemetry specification, "Prometheus and OpenMetrics compatibility": dots become underscores, the
    unit is appended but for those in braces, counters end in `_total`; a unit of 1 adds `_ratio` to gauges alone.
    """
    base = instrument.name.replace(".", "_")
    if instrument.unit == "s":
        base += "_seconds"
    if instrument.bounds:
        return tuple(f"{base}_{part}" for part in ("bucket", "count", "sum"))
    return (f"{base}_total",)
