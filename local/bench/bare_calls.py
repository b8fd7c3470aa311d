"""`python -m local.bench.bare_calls GRAPH`: read, write, read each device, by the SDK alone.

Standard input is JSON: the token and the device ids. Prints the CPU milliseconds of one round.
"""

import asyncio
import json
import resource
import sys

from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from msgraph.graph_request_adapter import GraphRequestAdapter

_AT_ONCE = 16
_BODY = b'{"extensionAttributes":{"extensionAttribute1":"bare"}}'


async def _calls(graph: str, token: str, devices: list[str]) -> float:
    adapter = GraphRequestAdapter(AnonymousAuthenticationProvider())
    adapter.base_url = f"{graph}/v1.0"
    waiting = iter(devices)

    async def call(method: Method, device: str) -> None:
        template = "{+baseurl}/devices(deviceId='{id}'){?%24select}"
        request = RequestInformation(method, template, {"id": device})
        request.headers.try_add("Authorization", f"Bearer {token}")
        if method is Method.GET:
            request.query_parameters["%24select"] = ["extensionAttributes"]
        else:
            request.set_stream_content(_BODY, "application/json")
        await adapter.send_primitive_async(request, "bytes", {})

    async def work() -> None:
        for device in waiting:
            for method in (Method.GET, Method.PATCH, Method.GET):
                await call(method, device)

    await call(Method.GET, devices[0])
    began = _cpu()
    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return (_cpu() - began) * 1000 / len(devices)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(asyncio.run(_calls(sys.argv[1], given["token"], given["devices"])))
