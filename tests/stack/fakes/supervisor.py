"""A supervisor of its own process, to be killed: prints the process ids and runs until then."""

import asyncio
import json
import os
import sys
from pathlib import Path

from local.up.components import Component, Launch
from local.up.supervisor import Supervisor


async def main() -> None:
    launch = Launch("tests.stack.fakes.component", ("store",))
    fake = Component("store", lambda _: launch, "address")
    async with Supervisor([fake], Path(os.environ["FAKE_HOME"])) as supervisor:
        sys.stdout.write(json.dumps(supervisor.pids) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
