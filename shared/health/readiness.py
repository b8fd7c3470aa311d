"""Whether Sluice can do its work: what it depends on answers, and its identity may do it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.changes.operation import Json
from shared.clock import Clock
from shared.health.checks import LONGEST, Check, Finding, run_checks
from shared.permissions.report import Report

LATELY = timedelta(seconds=5)
"""How long a finding will do for anybody: asking costs calls to everything Sluice depends on."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """All findings; `permissions` is None when there was no token to examine.

    `overdue` accounts, None when they cannot be counted, are no reason to take nothing more.
    """

    findings: list[Finding]
    permissions: Report | None = None
    overdue: int | None = None

    @property
    def ready(self) -> bool:
        """Whether all is well."""
        return all(finding.ok for finding in self.findings)

    @property
    def summary(self) -> Json:
        """For anybody: what works and what does not, and nothing of why."""
        return {
            "status": "ok" if self.ready else "unavailable",
            "checks": [{"name": each.name, "ok": each.ok} for each in self.findings],
        }

    @property
    def details(self) -> Json:
        """For those who operate Sluice: with reasons, and what its identity may do."""
        return {
            "status": "ok" if self.ready else "unavailable",
            "checks": [
                {"name": each.name, "ok": each.ok, "detail": each.detail} for each in self.findings
            ],
            "permissions": self.permissions and self.permissions.view,
            "overdue": self.overdue,
        }


class Health:
    """Runs the checks and examines the permissions, side by side. Raises nothing.

    Without a token there is no finding on permissions: a check of its own tells why.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        examine: Callable[[], Awaitable[Report]],
        overdue: Callable[[], Awaitable[int]],
        clock: Clock,
    ) -> None:
        self._checks, self._examine, self._overdue = checks, examine, overdue
        self._clock = clock
        self._found: tuple[datetime, Readiness] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def now(self) -> Readiness:
        """How it is now."""
        findings, report, overdue = await asyncio.gather(
            run_checks(self._checks), _found_out(self._examine), _found_out(self._overdue)
        )
        if report:
            lacks = f"the identity lacks {', '.join(report.missing)}" if report.missing else ""
            findings.append(Finding("permissions", ok=not lacks, detail=lacks))
        readiness = Readiness(findings, report, overdue)
        self._found = self._clock(), readiness
        return readiness

    async def lately(self) -> Readiness:
        """How it was a moment ago at the earliest, however many ask at once."""
        async with self._one_at_a_time:
            if self._found and self._clock() - self._found[0] < LATELY:
                return self._found[1]
            return await self.now()


async def _found_out[T](ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with asyncio.timeout(LONGEST):
            return await ask()
    except Exception:  # noqa: BLE001  health has to answer whatever is wrong
        return None
