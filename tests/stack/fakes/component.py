"""A component of the supervisor's tests: follows local/serving.py and writes its life to a journal.

Its files live in the folder FAKE_HOME: `journal` gets a line for each start and end; `fail-NAME`
lets the next start of NAME end with 3; `identity-NAME` is shown in the ready line.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from local.serving import serve

HOME = Path(os.environ["FAKE_HOME"])


def journal(text: str) -> None:
    with (HOME / "journal").open("a") as file:
        file.write(text + "\n")


@asynccontextmanager
async def component(name: str, port: int) -> AsyncIterator[Mapping[str, object]]:
    if (HOME / f"fail-{name}").exists():
        journal(f"failed {name}")
        sys.exit(f"{name} cannot start today")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    shown = HOME / f"identity-{name}"
    journal(f"started {name}")
    sys.stderr.write(f"{name} says hello\n")
    yield {
        "address": f"fake://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        "identity": shown.read_text() if shown.exists() else "same",
        "noProxy": [os.environ.get("NO_PROXY"), os.environ.get("no_proxy")],
    }
    server.close()
    await asyncio.sleep(0.1)
    journal(f"stopped {name}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("name")
    chosen = parser.parse_args()
    serve(component(chosen.name, chosen.port))
