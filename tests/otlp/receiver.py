"""A collector on loopback that decodes what it is sent with OpenTelemetry's own messages, and can refuse, hang or break."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

MESSAGES = {"/v1/metrics": ExportMetricsServiceRequest, "/v1/traces": ExportTraceServiceRequest}


class Receiver(ThreadingHTTPServer):
    """`messages` are what came in, by path; `status` is what is answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: dict[str, list[Any]] = {path: [] for path in MESSAGES}
        self.bodies: list[bytes] = []
        self.n_asked = 0
        self.status = 200
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def series(self) -> dict[str, dict[tuple[tuple[str, Any], ...], Any]]:
        """The values of the last message: by metric and attributes, a number, or (count, sum) of a histogram."""
        found: dict[str, dict[tuple[tuple[str, Any], ...], Any]] = {}
        (resource,) = self.messages["/v1/metrics"][-1].resource_metrics
        (scope,) = resource.scope_metrics
        for metric in scope.metrics:
            data = getattr(metric, metric.WhichOneof("data"))
            assert data.aggregation_temporality == 2, "cumulative"
            for point in data.data_points:
                attributes = tuple(sorted((each.key, _value(each.value)) for each in point.attributes))
                if metric.WhichOneof("data") == "sum":
                    assert data.is_monotonic
                    value: Any = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
                else:
                    assert sum(point.bucket_counts) == point.count
                    assert len(point.bucket_counts) == len(point.explicit_bounds) + 1
                    value = (point.count, round(point.sum, 6))
                found.setdefault(metric.name, {})[attributes] = value
        return found

    def units(self) -> dict[str, str]:
        (resource,) = self.messages["/v1/metrics"][-1].resource_metrics
        return {metric.name: metric.unit for scope in resource.scope_metrics for metric in scope.metrics}

    def resource(self) -> dict[str, Any]:
        (resource,) = self.messages["/v1/metrics"][-1].resource_metrics
        return {each.key: _value(each.value) for each in resource.resource.attributes}


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.n_asked += 1
        if self.server.status == 200:
            self.server.bodies.append(body)
            self.server.messages[self.path].append(MESSAGES[self.path].FromString(body))
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing is to be printed."""
