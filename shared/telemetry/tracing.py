"""Spans around what takes time, each below the one that is open where it begins."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared.telemetry.outbox import OUTBOX
from shared.telemetry.span import Kind, Span, Value
from shared.telemetry.trace_context import TraceContext

_OPEN: ContextVar[TraceContext | None] = ContextVar("open span", default=None)


def current() -> TraceContext | None:
    """The span that is open; None outside of all work, for example in the operator's command."""
    return _OPEN.get()


@contextmanager
def invocation(name: str, traceparent: str | None) -> Iterator[Span]:
    """The span of a whole invocation, below the host's, or the first of a trace of its own."""
    parent = TraceContext.read(traceparent)
    context = parent.child() if parent else TraceContext.new()
    with _opened(_begun(name, Kind.INTERNAL, context, parent)) as span:
        yield span


@contextmanager
def spanning(name: str, kind: Kind = Kind.INTERNAL, **attributes: Value) -> Iterator[Span | None]:
    """A span below the open one; None where none is."""
    parent = _OPEN.get()
    if parent is None:
        yield None
        return
    span = _begun(name, kind, parent.child(), parent)
    span.attributes |= attributes
    with _opened(span):
        yield span


@contextmanager
def apart(name: str) -> Iterator[None]:
    """The first span of a new trace that links to the open one.

    For work of which one invocation begins many pieces: a trace tells the way of one.
    """
    link = _OPEN.get()
    if link is None:
        yield
        return
    span = _begun(name, Kind.INTERNAL, TraceContext.new(), None)
    span.link = link
    with _opened(span):
        yield


def _begun(name: str, kind: Kind, context: TraceContext, parent: TraceContext | None) -> Span:
    return Span(name, kind, context, parent, time.time_ns())


@contextmanager
def _opened(span: Span) -> Iterator[Span]:
    before = _OPEN.set(span.context)
    try:
        yield span
    except BaseException as error:
        # Only the kind: the text of an exception may hold anything.
        span.failed = span.failed or type(error).__name__
        raise
    finally:
        _OPEN.reset(before)
        span.ended = time.time_ns()
        OUTBOX.span(span)
