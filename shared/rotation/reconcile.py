"""Go over the register and report what has drifted, a page at a time.

A run that is cut short, by its limit, its time or because somebody cannot be asked, tells where the
next one goes on; the timer keeps that with every page. What it repairs is safe to repeat, so that
it does not matter where a run dies.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Protocol

from shared.faults import Transient
from shared.quota.priority import working_for
from shared.register.entry import Entry
from shared.register.tick import LONGEST, SOURCE
from shared.rotation.dependencies import Dependencies
from shared.rotation.drift import Finding, findings
from shared.side_by_side import side_by_side

AT_ONCE = 8
PAGE = 100


@dataclass(slots=True)
class Report:
    """What a run found.

    `after` is the account behind which the next run goes on, None at the end of the register;
    `stopped` says why it ended before its time, if it did.
    """

    examined: int = 0
    findings: list[Finding] = field(default_factory=list)
    after: str | None = None
    stopped: str = ""

    @property
    def numbers(self) -> dict[str, int]:
        """How many were examined, found by code, and repaired."""
        repaired = sum(finding.repaired for finding in self.findings)
        kinds = Counter(finding.code for finding in self.findings)
        return {"examined": self.examined, "repaired": repaired, **dict(sorted(kinds.items()))}


class Bookmark(Protocol):
    """Where the last run ended."""

    async def read(self) -> str | None:
        """The account behind which to go on; None: from the beginning."""

    async def write(self, after: str | None) -> None:
        """Keep it for the next run."""


async def go_on(use: Dependencies, bookmark: Bookmark, most: int) -> Report:
    """Reconcile the next so many accounts, from the beginning again behind the last.

    It ends in time for the host, and leaves to others what a timer leaves of the quotas.
    """
    until, after = use.clock() + LONGEST, await bookmark.read()

    async def keep(report: Report) -> None:
        await bookmark.write(report.after)

    with working_for(SOURCE, until):
        return await reconcile(use, keep, after=after, most=most, until=until)


async def reconcile(
    use: Dependencies,
    tell: Callable[[Report], Awaitable[None]],
    *,
    after: str | None = None,
    most: int | None = None,
    until: datetime | None = None,
) -> Report:
    """Examine the accounts behind `after`, whole pages of them, at least `most` if there are.

    None is begun any more once it is `until`. `tell` hears after each page how far it came.
    """
    report = Report(after=after)
    async for page in _pages(use.register.all(after)):
        await _examine(use, page, report, until)
        await tell(report)
        if report.stopped or (most is not None and report.examined >= most):
            return report
    report.after = None
    await tell(report)
    return report


async def _examine(
    use: Dependencies, page: list[Entry], report: Report, until: datetime | None
) -> None:
    """Report what is found of a page, as far as it gets: the next run goes on behind that."""
    examined: dict[str, list[Finding]] = {}

    async def examine(entry: Entry) -> None:
        examined[entry.id] = await findings(use, entry)

    async def in_time() -> AsyncIterator[Entry]:
        for entry in page:
            if until and use.clock() >= until:
                report.stopped = "its time is over"
                return
            yield entry

    try:
        await side_by_side(in_time(), examine, AT_ONCE)
    except Transient as fault:
        report.stopped = str(fault)
    found = [finding for each in examined.values() for finding in each]
    report.findings += sorted(found, key=lambda finding: (finding.account, finding.code))
    # Behind one that could not be examined, others may have been: they are examined again.
    for entry in takewhile(lambda entry: entry.id in examined, page):
        report.examined += 1
        report.after = entry.id


async def _pages(entries: AsyncIterator[Entry]) -> AsyncIterator[list[Entry]]:
    page: list[Entry] = []
    async for entry in entries:
        page.append(entry)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page
