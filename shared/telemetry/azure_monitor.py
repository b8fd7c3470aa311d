"""Azure Monitor, through OpenTelemetry's SDK and its exporter, by managed identity.

The providers are not made OpenTelemetry's global ones: then the libraries below us would tell of
their calls too, with addresses that hold names of people.

Loading this module takes more than a second, see `background`.
"""

import os

from azure.monitor.opentelemetry.exporter import (
    AzureMonitorMetricExporter,
    AzureMonitorTraceExporter,
)
from opentelemetry.metrics import Counter, Histogram
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from shared.telemetry.measurement import Measurement, Metric, Shape
from shared.telemetry.span import Span
from shared.telemetry.trace_context import TraceContext

_SCOPE = "sluice"
_QUIET = (
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED",
    "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL",
)
"""The exporter's own reports to Microsoft. It reads these from the environment only."""


class AzureMonitor:
    """Implements Exporter. Sends in threads of OpenTelemetry's, and keeps nothing on disk."""

    def __init__(self, connection_string: str) -> None:
        for name in _QUIET:
            os.environ.setdefault(name, "true")
        # Names as the host has them, so that both are one application in the portal.
        self._resource = Resource.create(
            {
                "service.name": os.environ.get("WEBSITE_SITE_NAME", "sluice"),
                "service.instance.id": os.environ.get("WEBSITE_INSTANCE_ID", ""),
            }
        )
        to = {"connection_string": connection_string, "disable_offline_storage": True}
        provider = TracerProvider(resource=self._resource)
        self._spans = BatchSpanProcessor(AzureMonitorTraceExporter(tracer_provider=provider, **to))
        reader = PeriodicExportingMetricReader(AzureMonitorMetricExporter(**to))
        self._meter = MeterProvider([reader], self._resource).get_meter(_SCOPE)
        self._instruments: dict[str, Counter | Histogram] = {}

    def span(self, span: Span) -> None:
        """Queue it for the next batch."""
        self._spans.on_end(
            ReadableSpan(
                span.name,
                _context(span.context),
                _context(span.parent) if span.parent else None,
                self._resource,
                {
                    **{f"sluice.{name}": value for name, value in span.attributes.items()},
                    **({"error.type": span.failed} if span.failed else {}),
                },
                links=[Link(_context(span.link))] if span.link else [],
                kind=SpanKind[span.kind],
                instrumentation_scope=InstrumentationScope(_SCOPE),
                status=Status(StatusCode.ERROR if span.failed else StatusCode.UNSET),
                start_time=span.began,
                end_time=span.ended,
            )
        )

    def measured(self, measurement: Measurement) -> None:
        """Add it to what goes out next."""
        match self._instrument(measurement.metric):
            case Counter() as counter:
                counter.add(measurement.value, measurement.dimensions)
            case Histogram() as histogram:
                histogram.record(measurement.value, measurement.dimensions)

    def _instrument(self, metric: Metric) -> Counter | Histogram:
        known = self._instruments.get(metric.name)
        if known is None:
            make = (
                self._meter.create_counter
                if metric.shape is Shape.COUNT
                else self._meter.create_histogram
            )
            known = self._instruments[metric.name] = make(metric.name, metric.unit)
        return known


def _context(context: TraceContext) -> SpanContext:
    return SpanContext(
        int(context.trace_id, 16),
        int(context.span_id, 16),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
