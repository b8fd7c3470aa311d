"""`python -m local.demo`: start the stack, send changes, show what became of each, stop.

Exits 0 when every change ended as it has to, else 1.
"""

import asyncio
import os
import sys
import time
from contextlib import suppress

import httpx

from local.demo.rotations import Rotations
from local.demo.run import Demo
from local.demo.sluice import Sluice
from local.demo.table import table
from local.demo.tickets import Tickets
from local.up.stack import running_stack

# Short waits: a device of the stand-in acts within half a second, not within an hour.
# And short claims: whoever takes over after the kill need not wait for two minutes.
SETTINGS = {
    "ACTION_CHECK_SECONDS": "1,1,2,4",
    "CLAIM_SECONDS": "6",
    "RETRY_FIRST_SECONDS": "1",
    "WEBHOOK_SOURCES": "freshservice,jira,servicenow",
}


async def main() -> int:
    """Run the demo; the exit status."""
    # The demo plans faults and adds devices, which only the stand-in lets it do.
    os.environ.pop("GRAPH_ENDPOINT", None)
    began = time.monotonic()
    print("starting the local stack: broker, identity, Key Vault, Graph, tables, tools, host …")
    async with (
        running_stack(settings=SETTINGS, itsm=True) as stack,
        httpx.AsyncClient(timeout=10) as http,
    ):
        print(f"ready after {time.monotonic() - began:.1f} s at {stack.endpoints.http}\n")
        sluice = Sluice(stack.endpoints, http)
        rows = await Demo(stack.endpoints, sluice, http).run()
        rows += await Tickets(stack.endpoints, sluice, http).run()
        rows += await Rotations(stack, sluice, http).run()
    print(table(rows))
    wrong = [row for row in rows if not row.as_expected]
    print(f"\n{len(rows) - len(wrong)} of {len(rows)} ended as they have to.")
    return 1 if wrong else 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(main()))
