"""What the .NET host checks of an indexed app and the Python runtime does not."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from local.host.errors import StartupError
from local.host.functions import (
    HTTP_TRIGGER,
    SERVICE_BUS_TRIGGER,
    TIMER_TRIGGER,
    Function,
)
from local.host.http.routes import Router
from local.host.servicebus.connection import Connection
from local.host.settings import Settings
from local.host.timers.ncrontab import Schedule

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,127}", re.IGNORECASE)
_OUTPUTS = {"http"}
"""The output bindings that this host carries out."""


def check_app(
    functions: Sequence[Function],
    settings: Settings,
    prefix: str,
    expected: Sequence[str] | None = None,
) -> None:
    """Raise StartupError with every reason why this app would not run as it is meant to.

    Azure drops a function in error and runs the others, and runs even an app without functions;
    on one machine that only hides the mistake.
    """
    reasons = list(_app_reasons(functions, expected))
    for function in functions:
        reasons.extend(
            f"function '{function.name}': {reason}"
            for reason in _function_reasons(function, settings, prefix)
        )
    if reasons:
        raise StartupError(*reasons)


def _app_reasons(functions: Sequence[Function], expected: Sequence[str] | None) -> Iterator[str]:
    if not functions:
        yield "no functions found: no function_app.py, or nothing is registered on its app"
    counts = Counter(function.name.lower() for function in functions)
    yield from (
        f"{n} functions are named '{name}' (ignoring case)" for name, n in counts.items() if n > 1
    )
    if expected is not None:
        names = {function.name for function in functions}
        if missing := sorted(set(expected) - names):
            yield f"expected functions are missing: {', '.join(missing)}"
        if unexpected := sorted(names - set(expected)):
            yield f"functions that nobody expects: {', '.join(unexpected)}"


def _function_reasons(function: Function, settings: Settings, prefix: str) -> Iterator[str]:
    if not _NAME.fullmatch(function.name) or function.name.lower() == "host":
        yield "the name must match [A-Za-z][A-Za-z0-9_-]{0,127} and not be 'host'"
    names = Counter(binding.name.lower() for binding in function.bindings)
    yield from (f"{n} bindings are named '{name}'" for name, n in names.items() if n > 1)
    for binding in function.bindings:
        if not binding.is_trigger and binding.type not in _OUTPUTS:
            yield f"binding type '{binding.type}' is not supported by this host"
    if function.has_retry_policy:
        # Azure ignores it for Service Bus (supported for Timer, Event Hubs, Kafka, Cosmos DB only).
        yield "a retry policy has no effect on this trigger or is not supported by this host"
    if len(function.triggers) != 1:
        yield f"a function has exactly one trigger, this one has {len(function.triggers)}"
        return
    check = _TRIGGER_CHECKS.get(function.trigger.type)
    if check is None:
        yield f"trigger type '{function.trigger.type}' is not supported by this host"
        return
    try:
        check(function, settings, prefix)
    except (ValueError, StartupError) as error:
        yield str(error)


def _check_http(function: Function, _settings: Settings, prefix: str) -> None:
    if re.match("(admin|runtime)(/|$)", function.trigger.text("route"), re.IGNORECASE):
        raise ValueError("the route conflicts with one or more built in routes")
    Router([function], prefix)


def _check_timer(function: Function, settings: Settings, _prefix: str) -> None:
    Schedule(settings.resolve(function.trigger.text("schedule")))


def _check_service_bus(function: Function, settings: Settings, _prefix: str) -> None:
    trigger = function.trigger
    if trigger.text("cardinality", "one").lower() != "one":
        raise ValueError("cardinality 'many' is not supported by this host")
    if "properties" in trigger.properties:
        raise ValueError("the Service Bus SDK types (deferred binding) are not supported here")
    if not trigger.text("queueName"):
        raise ValueError("the trigger names no queue (topics are not supported by this host)")
    settings.resolve(trigger.text("queueName"))
    Connection.from_settings(trigger.text("connection"), settings)


_TRIGGER_CHECKS: dict[str, Callable[[Function, Settings, str], None]] = {
    HTTP_TRIGGER: _check_http,
    TIMER_TRIGGER: _check_timer,
    SERVICE_BUS_TRIGGER: _check_service_bus,
}
