"""Around every function: its span, and its one line in the log."""

import functools
import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import azure.functions as func

from shared import composition
from shared.composition.warming import WARMING
from shared.telemetry.line import Line, noting
from shared.telemetry.tracing import invocation

_log = logging.getLogger("sluice")

type Function = Callable[..., Awaitable[Any]]


def observing(event: str) -> Callable[[Function], Function]:
    """Tell what became of each invocation as an event of this kind, see `shared.telemetry.line`.

    The host's `context` is taken here, so that no function needs to.
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        async def observed(*args: Any, context: func.Context | None = None, **bindings: Any) -> Any:
            began, name = time.perf_counter(), function.__name__
            await WARMING.ready()
            exporter, line = composition.telemetry(), Line(event, function=name)
            try:
                with invocation(name, _parent(context)) as span, noting(line):
                    line.note(trace=span.context.trace_id)
                    span.attributes = line.fields
                    return await function(*args, **bindings)
            except Exception as error:
                if "outcome" not in line.fields:
                    line.note(outcome="fault", fault=type(error).__name__)
                raise
            finally:
                line.note(ms=round((time.perf_counter() - began) * 1000))
                _log.info("%s", line)
                exporter.start()

        return _taking_context(observed, function)

    return decorate


def _parent(context: func.Context | None) -> str | None:
    """The host's own span of this invocation; none where the function is called without a host."""
    return context.trace_context.trace_parent if context else None


def _taking_context(observed: Function, function: Function) -> Function:
    """`observed` with the parameters of `function` and `context`: the worker looks at them."""
    signature = inspect.signature(function)
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY)
    parameters = [*signature.parameters.values(), context]
    vars(observed)["__signature__"] = signature.replace(parameters=parameters)
    return observed
