"""Readiness: every dependency asked for something small, at once, with a time limit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from shared.faults import Fault

LONGEST = 3.0
"""Seconds a dependency has to answer."""

type Check = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check; `detail` is empty when all is well."""

    name: str
    ok: bool
    detail: str = ""


async def run_checks(checks: Mapping[str, Check]) -> list[Finding]:
    """Run all checks side by side; a failing or slow one is a finding, never an exception."""
    return list(await asyncio.gather(*(_run(name, check) for name, check in checks.items())))


async def _run(name: str, check: Check) -> Finding:
    try:
        async with asyncio.timeout(LONGEST):
            await check()
    except TimeoutError:
        return Finding(name, ok=False, detail=f"no answer within {LONGEST:g} s")
    except Fault as fault:
        return Finding(name, ok=False, detail=fault.detail)
    except Exception as error:  # noqa: BLE001  whatever is wrong is the finding
        return Finding(name, ok=False, detail=type(error).__name__)
    return Finding(name, ok=True)
