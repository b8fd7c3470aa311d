"""Permissions for people: what the identity lacks on Graph, and what it does not need."""

import json
import sys

from shared import composition
from shared.permissions.report import Report
from shared.permissions.token import NotOurToken


async def show(*, as_json: bool) -> int:
    """Print the report; 0 when nothing is missing."""
    doctor = composition.doctor()
    try:
        report = await doctor.examine()
    except NotOurToken as error:
        print(f"{error} GET /api/health/details examines the managed identity.", file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001  whatever the identity endpoint has
        print(f"no token for Graph: {type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        await composition.close()
    print(json.dumps(report.view) if as_json else _lines(report))
    return 1 if report.missing else 0


def _lines(report: Report) -> str:
    lines = [
        *(f"missing      {name}" for name in report.missing),
        *(f"superfluous  {name}" for name in report.superfluous),
        *(
            f"broader      {name}: {', '.join(least)} would do"
            for name, least in report.broader.items()
        ),
        *(
            f"needed       {name}"
            for name in report.granted
            if name not in report.superfluous and name not in report.broader
        ),
    ]
    return "\n".join(lines)
