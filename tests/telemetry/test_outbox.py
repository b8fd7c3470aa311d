"""Spans and measurements, before there is an exporter and after."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from shared.telemetry.background import BackgroundExporter
from shared.telemetry.line import LONGEST_TEXT, Line
from shared.telemetry.measurement import DEVICES_BETWEEN, Measurement
from shared.telemetry.metrics import measure
from shared.telemetry.outbox import MOST_KEPT, OUTBOX
from shared.telemetry.span import Span
from shared.telemetry.trace_context import TraceContext
from shared.telemetry.tracing import apart, current, invocation, spanning

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Recorder:
    """An exporter that keeps what it takes."""

    spans: list[Span] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)

    def span(self, span: Span) -> None:
        self.spans.append(span)

    def measured(self, measurement: Measurement) -> None:
        self.measurements.append(measurement)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    OUTBOX.close()


def test_what_happened_before_the_exporter_was_loaded_is_told_as_well() -> None:
    recorder = Recorder()
    loaded = threading.Event()

    def make() -> Recorder:
        loaded.wait()
        return recorder

    exporter = BackgroundExporter(make)
    with invocation("first", PARENT):
        measure(DEVICES_BETWEEN, 3)
    exporter.start()
    exporter.start()
    loaded.set()
    for thread in threading.enumerate():
        if thread.name == "telemetry":
            thread.join()
    with invocation("second", None):
        pass
    assert [span.name for span in recorder.spans] == ["first", "second"]
    assert [each.value for each in recorder.measurements] == [3]
    assert recorder.spans[0].parent == TraceContext.read(PARENT)
    assert recorder.spans[1].parent is None


def test_without_a_destination_nothing_is_kept() -> None:
    BackgroundExporter(None).start()
    with invocation("untold", None):
        measure(DEVICES_BETWEEN, 1)
    recorder = Recorder()
    OUTBOX.deliver_to(recorder)
    assert recorder == Recorder()


def test_an_exporter_that_cannot_be_loaded_leaves_the_app_alone() -> None:
    def make() -> Recorder:
        raise ImportError("psutil")

    BackgroundExporter(make).start()
    for thread in threading.enumerate():
        if thread.name == "telemetry":
            thread.join()
    test_without_a_destination_nothing_is_kept()


def test_an_exporter_that_never_comes_costs_little() -> None:
    OUTBOX.open()
    for number in range(MOST_KEPT + 10):
        measure(DEVICES_BETWEEN, number)
    recorder = Recorder()
    OUTBOX.deliver_to(recorder)
    assert [each.value for each in recorder.measurements] == list(range(10, MOST_KEPT + 10))


def test_one_of_many_has_a_trace_of_its_own_with_a_link_to_where_it_began() -> None:
    recorder = Recorder()
    OUTBOX.deliver_to(recorder)
    with invocation("rotate_due", PARENT) as tick:
        with apart("rotation due"), spanning("accept"):
            pass
        assert current() == tick.context
    accept, due, _ = recorder.spans
    assert due.link == tick.context
    assert due.parent is None
    assert accept.parent == due.context
    assert accept.context.trace_id != tick.context.trace_id


def test_a_span_tells_the_kind_of_an_error_and_never_its_words() -> None:
    recorder = Recorder()
    OUTBOX.deliver_to(recorder)
    with pytest.raises(ValueError, match="Hunter2"), invocation("failing", None):
        raise ValueError("Hunter2")
    assert recorder.spans[0].failed == "ValueError"
    assert "Hunter2" not in repr(recorder.spans)


@pytest.mark.parametrize(
    "text",
    [
        *("", "00", f"{PARENT} ", PARENT.replace("0a", "0A")),
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
    ],
)
def test_what_is_no_trace_context_is_none(text: str) -> None:
    assert TraceContext.read(text) is None


def test_a_line_stays_one_line_whatever_is_in_it() -> None:
    line = Line("message", function="intake_message", message='a "b"\nrequest function=x', n=None)
    line.note(long="x" * 1000, ok=True)
    line.count("graph")
    line.count("graph")
    assert str(line) == (
        'message function=intake_message message="a \\"b\\"\\nrequest function=x"'
        f" long={'x' * LONGEST_TEXT} ok=true graph=2"
    )
