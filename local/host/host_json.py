"""host.json with its overrides from app settings (`AzureFunctionsJobHost__path__to__value`)."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local.host.errors import StartupError
from local.host.settings import Settings

_TIME_SPAN = re.compile(
    r"(?P<sign>-)?(?:(?P<days>\d+)\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})"
    r"(?::(?P<seconds>\d{1,2}(?:\.\d{1,7})?))?"
)
_UNLIMITED = timedelta(milliseconds=-1)
_CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class RetryOptions:
    """`clientRetryOptions`: retries of one Service Bus operation, not of a message."""

    exponential: bool
    max_retries: int
    delay: timedelta
    max_delay: timedelta

    def wait(self, attempt: int) -> float:
        """Seconds to wait before retry number `attempt` (from 1)."""
        factor = 2 ** (attempt - 1) if self.exponential else 1
        return min(self.delay * factor, self.max_delay).total_seconds()


@dataclass(frozen=True)
class ServiceBusOptions:
    """`extensions.serviceBus` (extension 5.x); the defaults are Microsoft's.

    `max_auto_lock_renewal` is None when renewal never ends.
    """

    prefetch_count: int
    auto_complete_messages: bool
    max_auto_lock_renewal: timedelta | None
    max_concurrent_calls: int
    max_concurrent_sessions: int
    session_idle_timeout: timedelta
    try_timeout: timedelta
    retry: RetryOptions


@dataclass(frozen=True)
class HostConfig:
    """What the host takes from host.json. `function_timeout` is None when there is no limit."""

    route_prefix: str
    function_timeout: timedelta | None
    service_bus: ServiceBusOptions


def load_host_config(app: Path, settings: Settings) -> HostConfig:
    """Read `app`/host.json under the overrides in `settings`.

    Raises StartupError for a missing or broken file and for a value of the wrong kind.
    """
    file = app / "host.json"
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise StartupError(f"host.json: {error}") from error
    values = _Values(dict(_flatten(document)) | settings.under("AzureFunctionsJobHost"))
    if values.text("version", "") != "2.0":
        raise StartupError('host.json: "version" must be "2.0"')
    return HostConfig(
        route_prefix=values.text("extensions:http:routePrefix", "api").strip("/"),
        # 30 minutes is the default of every plan but the old Consumption plan.
        function_timeout=values.limit("functionTimeout", timedelta(minutes=30)),
        service_bus=_service_bus(values),
    )


def _service_bus(values: "_Values") -> ServiceBusOptions:
    section = "extensions:serviceBus:"
    retry = section + "clientRetryOptions:"
    try_timeout = values.span(retry + "tryTimeout", timedelta(minutes=1))
    if values.number(section + "maxConcurrentCallsPerSession", 1, least=1) != 1:
        raise StartupError("host.json: maxConcurrentCallsPerSession above 1 is not supported here")
    return ServiceBusOptions(
        prefetch_count=values.number(section + "prefetchCount", 0, least=0),
        auto_complete_messages=values.flag(section + "autoCompleteMessages", default=True),
        max_auto_lock_renewal=values.limit(
            section + "maxAutoLockRenewalDuration", timedelta(minutes=5)
        ),
        max_concurrent_calls=values.number(section + "maxConcurrentCalls", 16 * _CORES, least=1),
        max_concurrent_sessions=values.number(section + "maxConcurrentSessions", 8, least=1),
        session_idle_timeout=values.span(section + "sessionIdleTimeout", try_timeout),
        try_timeout=try_timeout,
        retry=RetryOptions(
            exponential=values.text(retry + "mode", "exponential").lower() == "exponential",
            max_retries=values.number(retry + "maxRetries", 3, least=0),
            delay=values.span(retry + "delay", timedelta(seconds=0.8)),
            max_delay=values.span(retry + "maxDelay", timedelta(minutes=1)),
        ),
    )


class _Values:
    """Values by path; a path is written with `:` and compared in lower case, as .NET does."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, path: str, default: str) -> str:
        return self._values.get(path.lower(), default)

    def number(self, path: str, default: int, *, least: int) -> int:
        text = self.text(path, str(default))
        try:
            number = int(text)
        except ValueError as error:
            raise StartupError(f"host.json: {path} must be a whole number, not {text!r}") from error
        if number < least:
            raise StartupError(f"host.json: {path} must be at least {least}, not {number}")
        return number

    def flag(self, path: str, *, default: bool) -> bool:
        text = self.text(path, str(default)).lower()
        if text not in {"true", "false"}:
            raise StartupError(f"host.json: {path} must be true or false, not {text!r}")
        return text == "true"

    def span(self, path: str, default: timedelta) -> timedelta:
        text = self._values.get(path.lower())
        return default if text is None else _time_span(path, text)

    def limit(self, path: str, default: timedelta) -> timedelta | None:
        """A time limit. None is unlimited, which is written -1 or -00:00:00.0010000."""
        if self.text(path, "") == "-1":
            return None
        span = self.span(path, default)
        return None if span == _UNLIMITED else span


def _time_span(path: str, text: str) -> timedelta:
    match = _TIME_SPAN.fullmatch(text)
    if match is None:
        raise StartupError(f"host.json: {path} must be a time span (hh:mm:ss), not {text!r}")
    span = timedelta(
        days=int(match["days"] or 0),
        hours=int(match["hours"]),
        minutes=int(match["minutes"]),
        seconds=float(match["seconds"] or 0),
    )
    return -span if match["sign"] else span


def _flatten(node: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _flatten(child, f"{path}:{name}".lower().lstrip(":"))
    elif node is not None:
        yield path, str(node)
