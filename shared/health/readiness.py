"""Whether Sluice can do its work: what it depends on answers, and its identity may do it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from shared.health.checks import LONGEST, Check, Finding, run_checks
from shared.permissions.report import Report


@dataclass(frozen=True, slots=True)
class Readiness:
    """All findings; `permissions` is None when there was no token to examine."""

    findings: list[Finding]
    permissions: Report | None = None

    @property
    def ready(self) -> bool:
        """Whether all is well."""
        return all(finding.ok for finding in self.findings)


async def readiness(
    checks: Mapping[str, Check], examine: Callable[[], Awaitable[Report]]
) -> Readiness:
    """Run the checks and examine the permissions, side by side. Raises nothing.

    Without a token there is no finding on permissions: a check of its own tells why.
    """
    findings, report = await asyncio.gather(run_checks(checks), _examined(examine))
    if report:
        lacks = f"the identity lacks {', '.join(report.missing)}" if report.missing else ""
        findings.append(Finding("permissions", ok=not lacks, detail=lacks))
    return Readiness(findings, report)


async def _examined(examine: Callable[[], Awaitable[Report]]) -> Report | None:
    try:
        async with asyncio.timeout(LONGEST):
            return await examine()
    except Exception:  # noqa: BLE001  health has to answer whatever is wrong
        return None
