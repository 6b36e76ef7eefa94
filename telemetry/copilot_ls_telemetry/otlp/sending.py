"""Sends totals, and a span for each request if that is wanted, with OpenTelemetry's own data model and exporters.

Series are cumulative, with the moment at which the user turned forwarding on as their start: what Prometheus and most
collectors expect. A span's ids are made of its event's, so that one that is sent twice is known as the same. Headers,
certificates and time-outs are the SDK's own environment variables (`OTEL_EXPORTER_OTLP_HEADERS`, …). The only
importer of opentelemetry. Called by `copilot_ls.cli.forward`.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from copilot_ls_telemetry.otlp.folding import operation
from copilot_ls_telemetry.otlp.forwarding import SendError
from copilot_ls_telemetry.otlp.instruments import INSTRUMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_ls_telemetry.otlp.folding import Series
    from copilot_ls_telemetry.otlp.forwarding import Progress
    from copilot_ls_telemetry.otlp.instruments import Instrument

_CUMULATIVE = AggregationTemporality.CUMULATIVE


class Sender:
    """Sends to the collector at `endpoint`, an address without the path of a signal."""

    def __init__(self, endpoint: str, *, version: str, spans: bool, now_ns: Callable[[], int]) -> None:
        base = endpoint.rstrip("/")
        self._endpoint = base
        self._version = version
        self._now_ns = now_ns
        self._metrics = OTLPMetricExporter(endpoint=f"{base}/v1/metrics")
        self._spans = OTLPSpanExporter(endpoint=f"{base}/v1/traces") if spans else None
        self._scope = InstrumentationScope("copilot_ls", version)
        self._sent_spans_until = 0

    def send(self, progress: Progress, rows: Sequence[Mapping[str, Any]]) -> None:
        """Send all totals, and the spans of `rows`. Raises `SendError`."""
        resource = Resource.create(
            {"service.name": "copilot-ls", "service.version": self._version, "service.instance.id": progress.instance}
        )
        asked = [row for row in rows if row["event"] == "backend_asked" and row["id"] > self._sent_spans_until]
        if self._spans is not None and asked:
            made = [self._span(row, resource) for row in asked]
            if self._spans.export(made) is not SpanExportResult.SUCCESS:
                raise SendError(f"the collector at {self._endpoint} did not take spans")
            self._sent_spans_until = asked[-1]["id"]
        now_ns = self._now_ns()
        metrics = [metric for each in INSTRUMENTS if (metric := _metric(each, progress, now_ns))]
        data = MetricsData([ResourceMetrics(resource, [ScopeMetrics(self._scope, metrics, "")], "")])
        if self._metrics.export(data) is not MetricExportResult.SUCCESS:
            raise SendError(f"the collector at {self._endpoint} did not take metrics")

    def close(self) -> None:
        """Free the connections."""
        self._metrics.shutdown()
        if self._spans is not None:
            self._spans.shutdown()  # type: ignore[no-untyped-call]  # the SDK's

    def _span(self, row: Mapping[str, Any], resource: Resource) -> ReadableSpan:
        trace = int.from_bytes(_digest(row["session_id"], row["request_id"] or row["id"], 16), "big")
        span = int.from_bytes(_digest(row["session_id"], row["id"], 8), "big")
        end_ns = int(row["at"] * 1e9)
        attributes: dict[str, Any] = {**operation(row), "copilot_ls.tries": row["n_tries"]}
        for kind in ("input", "output"):
            if row[f"{kind}_tokens"] is not None:
                attributes[f"gen_ai.usage.{kind}_tokens"] = row[f"{kind}_tokens"]
        if row["language"]:
            attributes["copilot_ls.language"] = row["language"]
        if row["outcome"] != "answered":
            attributes["error.type"] = row["outcome"]
        model = attributes["gen_ai.request.model"]
        return ReadableSpan(
            name=f"{attributes['gen_ai.operation.name']} {model}".strip(),
            context=SpanContext(trace, span, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED)),
            resource=resource,
            attributes=attributes,
            kind=SpanKind.CLIENT,
            status=Status(StatusCode.ERROR if row["outcome"] == "failed" else StatusCode.UNSET),
            start_time=end_ns - int((row["latency_ms"] or 0) * 1e6),
            end_time=end_ns,
            instrumentation_scope=self._scope,
        )


def _metric(instrument: Instrument, progress: Progress, now_ns: int) -> Metric | None:
    found = progress.totals.of(instrument)
    if not found:
        return None
    start_ns = progress.started_ns
    data: Histogram | Sum
    if instrument.bounds:
        points = [_distribution(instrument, attributes, series, start_ns, now_ns) for attributes, series in found]
        data = Histogram(points, _CUMULATIVE)
    else:
        numbers = [NumberDataPoint(attributes, start_ns, now_ns, _number(series.value)) for attributes, series in found]
        data = Sum(numbers, _CUMULATIVE, is_monotonic=True)
    return Metric(instrument.name, instrument.description, instrument.unit, data)


def _distribution(
    instrument: Instrument, attributes: Mapping[str, Any], series: Series, start_ns: int, now_ns: int
) -> HistogramDataPoint:
    return HistogramDataPoint(
        attributes=attributes,
        start_time_unix_nano=start_ns,
        time_unix_nano=now_ns,
        count=series.count,
        sum=series.value,
        bucket_counts=series.buckets,
        explicit_bounds=[float(bound) for bound in instrument.bounds],
        min=series.least,
        max=series.greatest,
    )


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _digest(one: object, other: object, size: int) -> bytes:
    return blake2b(f"{one} {other}".encode(), digest_size=size, person=b"copilot-ls").digest()
