"""Makes one change of each operation, and a refused one; prints what was imported on the way.

Run as a process of its own, because imports of other tests would count.
"""

import asyncio
import json
import sys

from expected_routes import EXPECTED
from graph_recorder import connected

from shared.changes.request import canonical, read_request
from shared.faults import Permanent


async def main() -> None:
    async with connected() as graph:
        for operation in sorted({expected.operation for expected in EXPECTED}):
            expected = next(each for each in EXPECTED if each.operation == operation)
            request = canonical(read_request(json.dumps(expected.request).encode()))
            graph.recorder.success, graph.recorder.refusal = expected.success, ""
            await graph.change(request)
            graph.recorder.refusal = "No."
            try:
                await graph.change(request)
            except Permanent:
                sys.stdout.write(f"{operation}\n")
    sys.stdout.write(" ".join(name for name in sys.modules if name.startswith("msgraph.")))


asyncio.run(main())
