"""Calls to a tool, at the address that its source file has and nowhere else."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from shared.clock import Clock
from shared.faults import Permanent, Transient
from shared.retry_after import retry_after
from shared.webhooks.credential import Bearer, proof
from shared.webhooks.tool import ClientCredentials, Reached
from shared.webhooks.verifiers.secrets import SenderSecrets
from shared.writeback.throttle import THROTTLED

LONGEST = 20.0
"""Seconds for one call in all."""
_PASSES = frozenset((httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY))


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()  # costs 30 ms, once


async def send(
    request: httpx.Request, clock: Clock, auth: httpx.Auth | None = None
) -> httpx.Response:
    """The answer, if it is a good one; raises Permanent or Transient for every other.

    Redirects are not followed. Of a bad answer only the status is told: it may repeat what it got.
    """
    try:
        async with (
            asyncio.timeout(LONGEST),
            httpx.AsyncClient(timeout=LONGEST, verify=_trusted(), follow_redirects=False) as http,
        ):
            answer = await http.send(request, auth=auth)
    except (httpx.HTTPError, TimeoutError) as error:
        detail = f"The tool did not answer ({type(error).__name__})."
        raise Transient("tool-unavailable", detail, in_doubt=True) from None
    if answer.is_success:
        return answer
    told = f"The tool answered {answer.status_code} to {request.method} {request.url.path}."
    wait = retry_after(answer.headers.get("Retry-After"), clock())
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise Transient(THROTTLED, told, retry_after=wait)
    if answer.is_server_error or answer.status_code in _PASSES:
        raise Transient("tool-unavailable", told, retry_after=wait, in_doubt=True)
    if answer.is_redirect:
        raise Permanent("tool-redirects", told)
    raise Permanent(_REFUSED.get(answer.status_code, "tool-refused"), told)


_REFUSED: Mapping[int, str] = {
    httpx.codes.UNAUTHORIZED: "tool-credential",
    httpx.codes.FORBIDDEN: "tool-forbids",
    httpx.codes.NOT_FOUND: "no-such-ticket",
}


@dataclass(frozen=True, slots=True)
class ToolClient:
    """JSON to and from one tool."""

    tool: Reached
    secrets: SenderSecrets
    clock: Clock

    async def read[T](self, path: str, query: Mapping[str, str], find: Callable[[Any], T]) -> T:
        """What is found in the answer to a GET; raises Fault."""
        return _found(await self._call("GET", path, query), find)

    async def write(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        """Send JSON; raises Fault."""
        await self._call(method, path, body=body)

    async def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """One call; the next of two secrets is tried where the first is not accepted any more."""
        url, headers = f"{self.tool.url}{path}", {"Accept": "application/json"}
        request = httpx.Request(method, url, params=query, json=body, headers=headers)
        *others, last = await self.secrets.read(self.tool.slots)
        for secret in others:
            try:
                return await send(request, self.clock, await self._auth(secret))
            except Permanent as fault:
                if fault.code != _REFUSED[httpx.codes.UNAUTHORIZED]:
                    raise
        return await send(request, self.clock, await self._auth(last))

    async def _auth(self, secret: bytes) -> httpx.Auth:
        if self.tool.clientCredentials:
            return Bearer(await self._token(self.tool.clientCredentials, secret))
        return proof(self.tool, secret)

    async def _token(self, form: ClientCredentials, secret: bytes) -> bytes:
        asked = {
            "grant_type": "client_credentials",
            "client_id": form.client,
            "client_secret": secret.decode(),
        }
        request = httpx.Request("POST", f"{self.tool.url}{form.path}", data=asked)
        answer = await send(request, self.clock)
        return _found(answer, lambda said: str(said["access_token"]).encode())


def _found[T](answer: httpx.Response, find: Callable[[Any], T]) -> T:
    """A gateway's page, or half an answer, is no answer of the tool."""
    try:
        return find(answer.json())
    except (ValueError, KeyError, TypeError):
        detail = f"The answer to {answer.request.url.path} is not what the tool answers."
        raise Transient("tool-unavailable", detail) from None
