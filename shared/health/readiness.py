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
    """All findings; `permissions` is None when there was no token to examine."""

    findings: list[Finding]
    permissions: Report | None = None

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
        }


class Health:
    """Runs the checks and examines the permissions, side by side. Raises nothing.

    Without a token there is no finding on permissions: a check of its own tells why.
    """

    def __init__(
        self, checks: Mapping[str, Check], examine: Callable[[], Awaitable[Report]], clock: Clock
    ) -> None:
        self._checks, self._examine, self._clock = checks, examine, clock
        self._found: tuple[datetime, Readiness] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def now(self) -> Readiness:
        """How it is now."""
        findings, report = await asyncio.gather(run_checks(self._checks), self._examined())
        if report:
            lacks = f"the identity lacks {', '.join(report.missing)}" if report.missing else ""
            findings.append(Finding("permissions", ok=not lacks, detail=lacks))
        readiness = Readiness(findings, report)
        self._found = self._clock(), readiness
        return readiness

    async def lately(self) -> Readiness:
        """How it was a moment ago at the earliest, however many ask at once."""
        async with self._one_at_a_time:
            if self._found and self._clock() - self._found[0] < LATELY:
                return self._found[1]
            return await self.now()

    async def _examined(self) -> Report | None:
        try:
            async with asyncio.timeout(LONGEST):
                return await self._examine()
        except Exception:  # noqa: BLE001  health has to answer whatever is wrong
            return None
