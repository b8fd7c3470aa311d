"""`python -m local.bench.worker DIR`: index the app in DIR, then invoke what standard input names.

Every line in and out is JSON. The first one out comes when the app is indexed; each further one
answers a line in, `{"function": NAME, "data": …, "metadata": {…}}` with the bytes of `TypedData` in
base64, and tells what the process is by then. It ends with standard input.
"""

import asyncio
import base64
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from local.host.logs import set_up_logging
from local.host.protos import rpc_pb2 as rpc
from local.host.settings import Settings
from local.host.tracing import continue_trace
from local.host.worker import Worker


async def main() -> None:
    """Work until standard input ends."""
    set_up_logging()
    worker = Worker(Path(sys.argv[1]), None)
    worker.start()
    functions = {function.name: function for function in worker.index(Settings(os.environ))}
    _say()
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        response = await worker.invoke(
            functions[asked["function"]],
            _typed(asked["data"]),
            metadata={name: _typed(data) for name, data in asked["metadata"].items()},
            trace_parent=continue_trace(None),
        )
        succeeded = response.result.status == rpc.StatusResult.Success
        _say(succeeded=succeeded, status=response.return_value.http.status_code)
    worker.stop()


def _typed(text: str) -> rpc.TypedData:
    data = rpc.TypedData()
    data.ParseFromString(base64.b64decode(text))
    return data


def _say(**fields: Any) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE")
    process = {"cpu": time.process_time(), "modules": len(sys.modules), "memory": memory}
    print(json.dumps(fields | process), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
