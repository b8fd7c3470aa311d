"""What the governor needs of a store, and what the Graph client needs of the governor."""

from dataclasses import dataclass
from typing import Protocol

from shared.graph.route import Route
from shared.quota.window import Window


@dataclass(frozen=True, slots=True)
class Stored:
    """A window as it was read; `etag` is None where there is none yet."""

    window: Window
    etag: str | None


class WindowChanged(Exception):
    """Somebody else took from the window since it was read."""


class Windows(Protocol):
    """The windows of all quotas, by name."""

    async def read(self, quota: str) -> Stored:
        """The window as it is."""

    async def write(self, quota: str, window: Window, etag: str | None) -> Stored:
        """Write it if it is still as it was read. Raises WindowChanged."""


class Gate(Protocol):
    """Who may call Graph now."""

    async def enter(self, route: Route) -> None:
        """Wait for a place, or raise Transient with the time after which there is one."""

    async def refused(self, route: Route, retry_after: float | None) -> None:
        """Graph answered 429 all the same."""

    async def heard(self, route: Route, used: float) -> None:
        """Graph says how much of the quota is used by all: 1.0 is all of it. Raises nothing."""


class Open:
    """Lets everybody pass: for commands and tests. Implements Gate."""

    async def enter(self, route: Route) -> None:
        """At once."""

    async def refused(self, route: Route, retry_after: float | None) -> None:
        """Nothing to learn."""

    async def heard(self, route: Route, used: float) -> None:
        """Nothing to learn."""
