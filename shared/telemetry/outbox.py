"""Where spans and measurements go: to the exporter, or to memory until there is one."""

from collections import deque
from typing import Protocol

from shared.telemetry.measurement import Measurement
from shared.telemetry.span import Span

MOST_KEPT = 4096
"""Of each kind; the oldest go first. An exporter that never comes must not cost memory."""


class Exporter(Protocol):
    """Takes what has happened; must not wait, and must not raise."""

    def span(self, span: Span) -> None:
        """A span that has ended."""

    def measured(self, measurement: Measurement) -> None:
        """One measurement."""


class Outbox:
    """One per process. Off until it is opened: without a destination nothing is kept."""

    def __init__(self) -> None:
        self._spans: deque[Span] = deque(maxlen=0)
        self._measurements: deque[Measurement] = deque(maxlen=0)
        self._exporter: Exporter | None = None

    def open(self) -> None:
        """Keep what comes, because an exporter will."""
        self._spans = deque(maxlen=MOST_KEPT)
        self._measurements = deque(maxlen=MOST_KEPT)

    def close(self) -> None:
        """Keep nothing, and forget the exporter."""
        self._spans, self._measurements = deque(maxlen=0), deque(maxlen=0)
        self._exporter = None

    def deliver_to(self, exporter: Exporter) -> None:
        """From now on everything goes there, what was kept first. Called in any thread."""
        self._exporter = exporter
        while self._spans:
            exporter.span(self._spans.popleft())
        while self._measurements:
            exporter.measured(self._measurements.popleft())

    def span(self, span: Span) -> None:
        """A span that has ended."""
        if self._exporter:
            self._exporter.span(span)
        else:
            self._spans.append(span)

    def measured(self, measurement: Measurement) -> None:
        """One measurement."""
        if self._exporter:
            self._exporter.measured(measurement)
        else:
            self._measurements.append(measurement)


OUTBOX = Outbox()
"""That of this process."""
