"""The accounts that have drifted, for people."""

import json
import sys
from dataclasses import asdict

from shared import composition
from shared.faults import Transient
from shared.register.entry import entry_id
from shared.rotation.drift import Finding, findings
from shared.rotation.reconcile import Report, reconcile


async def show(account: str | None, *, after: str | None, as_json: bool) -> int:
    """Print what is found in the register as it is found, or of one account; 1 when anything is."""
    printed = 0

    async def tell(report: Report) -> None:
        nonlocal printed
        for finding in report.findings[printed:]:
            print(json.dumps(asdict(finding)) if as_json else _line(finding), flush=True)
        printed = len(report.findings)

    try:
        if account:
            await tell(report := await _one(account))
        else:
            behind = entry_id(after) if after else None
            report = await reconcile(composition.rotating(), tell, after=behind)
    finally:
        await composition.close()
    if not as_json:
        print("  ".join(f"{name}: {number}" for name, number in report.numbers.items()))
    if report.stopped:
        go_on = f"; go on with --after {report.after}" if report.after else ""
        print(f"stopped: {report.stopped}{go_on}", file=sys.stderr)
    return 1 if report.findings or report.stopped else 0


async def _one(account: str) -> Report:
    use = composition.rotating()
    entry = await use.register.get(entry_id(account))
    if entry is None:
        detail = "It is not in the register."
        return Report(findings=[Finding(account, "account-not-registered", detail)])
    try:
        return Report(examined=1, findings=await findings(use, entry))
    except Transient as fault:
        return Report(stopped=str(fault))


def _line(finding: Finding) -> str:
    repaired = "  (repaired)" if finding.repaired else ""
    return f"{finding.account}  {finding.code}  {finding.detail}{repaired}"
