"""Go over the register and report what has drifted, a page at a time.

A run that is cut short, by its limit or because somebody cannot be asked, tells where the next one
goes on. What it repairs is safe to repeat, so that it does not matter where a run dies.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from shared.faults import Transient
from shared.register.entry import Entry
from shared.register.side_by_side import side_by_side
from shared.rotation.dependencies import Dependencies
from shared.rotation.drift import Finding, findings

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
    """Reconcile the next so many accounts, from the beginning again behind the last."""
    report = await reconcile(use, after=await bookmark.read(), most=most)
    await bookmark.write(report.after)
    return report


async def reconcile(
    use: Dependencies, *, after: str | None = None, most: int | None = None
) -> Report:
    """Examine the accounts behind `after`, whole pages of them, at least `most` if there are."""
    report = Report(after=after)
    async for page in _pages(use.register.all(after)):
        found: list[Finding] = []

        async def examine(entry: Entry, found: list[Finding] = found) -> None:
            found += await findings(use, entry)

        try:
            await side_by_side(_each(page), examine, AT_ONCE)
        except Transient as fault:
            report.stopped = str(fault)
            return report
        report.examined += len(page)
        report.findings += sorted(found, key=lambda finding: (finding.account, finding.code))
        report.after = page[-1].id
        if most is not None and report.examined >= most:
            return report
    report.after = None
    return report


async def _pages(entries: AsyncIterator[Entry]) -> AsyncIterator[list[Entry]]:
    page: list[Entry] = []
    async for entry in entries:
        page.append(entry)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


async def _each(page: list[Entry]) -> AsyncIterator[Entry]:
    for entry in page:
        yield entry
