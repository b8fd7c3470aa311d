"""The functions of an app as a table for people."""

from collections.abc import Sequence

from local.host.functions import HTTP_TRIGGER, TIMER_TRIGGER, Function
from local.host.settings import Settings


def table(functions: Sequence[Function], settings: Settings, prefix: str) -> str:
    """One line per function: name, trigger, and what makes it run."""
    rows = [("FUNCTION", "TRIGGER", "RUNS ON")]
    rows += [
        (
            function.name + (" (disabled)" if function.disabled else ""),
            function.trigger.type,
            _cause(function, settings, prefix),
        )
        for function in sorted(functions, key=lambda function: function.name)
    ]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(
        f"{name:{first}}  {trigger:{second}}  {cause}" for name, trigger, cause in rows
    )


def _cause(function: Function, settings: Settings, prefix: str) -> str:
    trigger = function.trigger
    if trigger.type == HTTP_TRIGGER:
        methods = ",".join(trigger.texts("methods")) or "any method"
        path = "/".join(filter(None, (prefix, trigger.text("route") or function.name)))
        return f"{methods} /{path} [{trigger.text('authLevel', 'function').lower()}]"
    if trigger.type == TIMER_TRIGGER:
        return settings.resolve(trigger.text("schedule"))
    sessions = " [sessions]" if trigger.flag("isSessionsEnabled") else ""
    return f"queue {settings.resolve(trigger.text('queueName'))}{sessions}"
