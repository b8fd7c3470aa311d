"""Calls to Microsoft Graph through msgraph-sdk's request adapter.

One client per process: one connection pool and one token. The SDK's own retries and redirects are
off: waiting is the queue's job, and a write that follows a redirect becomes a read. Answers are
read as bytes, because deserialising an SDK entity costs seconds and tens of megabytes the first
time.
"""

import json
import logging
import sys
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx
from azure.core.exceptions import AzureError
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from kiota_http.middleware.options import (
    RedirectHandlerOption,
    ResponseHandlerOption,
    RetryHandlerOption,
)
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory

from shared.changes.operation import GraphCall, Json
from shared.clock import Clock
from shared.faults import Fault, Permanent, TokenRefused, Transient
from shared.graph.classify import classify
from shared.graph.credential import ForgetfulCredential
from shared.graph.errors import read_error, read_object
from shared.graph.route import Route, Version
from shared.graph.telling import graph_call
from shared.quota.ports import Gate, Open

_TOO_MANY = 429
_MOST_USED = 1.8
_WITHHELD = "Graph's words are not kept, because the request carried a password."
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

if find_spec("sniffio") is None:
    # httpcore imports it for each request, if it is there; where it is known not to be, the folders
    # of all packages are not searched for it again, which takes a fifth of a millisecond.
    sys.modules["sniffio"] = None  # type: ignore[assignment]
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every URL, ids and names included


class GraphClient:
    """Sends requests to one Graph with one identity."""

    def __init__(
        self, root: str, credential: ForgetfulCredential, clock: Clock, gate: Gate | None = None
    ) -> None:
        self._clock, self._credential, self._gate = clock, credential, gate or Open()
        # To another host the SDK sends no token.
        authentication = AzureIdentityAuthenticationProvider(
            credential, allowed_hosts=[urlsplit(root).hostname or ""]
        )
        self._http = GraphClientFactory.create_with_default_middleware(
            client=httpx.AsyncClient(
                timeout=httpx.Timeout(30.0, connect=10.0),
                http2=False,
                # As many connections as are needed: the lanes bound that, and of those that hang in
                # one service none may be missing in the other.
                limits=httpx.Limits(keepalive_expiry=60.0),
            ),
            options={
                **options,
                RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0),
                RedirectHandlerOption.get_key(): RedirectHandlerOption(should_redirect=False),
            },
        )
        # One adapter a version, over one connection pool and one token.
        self._adapters = {
            version: GraphRequestAdapter(authentication, client=self._http) for version in Version
        }
        for version, adapter in self._adapters.items():
            # A refused token is replaced here; the SDK would repeat the call with the same one.
            adapter.retry_cae_response_if_required = _as_it_is
            # No slash at the end: the templates begin with one.
            adapter.base_url = f"{root}/{version}"

    async def call(
        self,
        route: Route,
        parameters: Json,
        *,
        select: Collection[str] = (),
        where: str | None = None,
        top: int | None = None,
        page: str | None = None,
        between: tuple[str, str] | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        secrets: Collection[str] = (),
        calls: list[GraphCall],
    ) -> Json:
        """Send one request; the object that a GET answers with, nothing for a write.

        A list takes `where` (an OData filter, see `shared.graph.search`) and `top`, the size of a
        page; `page` is the link of an earlier answer to the next one, and stands for all of them.
        A calendar view takes the times that it is `between`.
        A refused token is replaced once. Every answered call is appended to `calls`. With
        `secrets` in the body, the words of an error are not kept: they may repeat them, in any
        form. Raises Fault.
        """
        options: Json = {"%24select": list(select), "%24filter": where, "%24top": top}
        if between:
            options["startDateTime"], options["endDateTime"] = between
        ask = _Ask(route, parameters, options, page, body, headers, secrets)
        try:
            return await self._exchange(ask, calls)
        except TokenRefused:
            self._credential.forget()
            return await self._exchange(ask, calls)

    async def _exchange(self, ask: "_Ask", calls: list[GraphCall]) -> Json:
        call_id = str(uuid.uuid4())
        adapter = self._adapters[ask.route.version]
        if ask.page and not ask.page.startswith(f"{adapter.base_url}/"):
            raise Permanent("graph-elsewhere", "Graph's next page is not at this Graph.")
        request = ask.request(call_id)
        await self._gate.enter(ask.route)
        with graph_call(ask.route, call_id) as answered:
            response = await _sent(adapter, request)
            answered(response.status_code)
        status, request_id = response.status_code, response.headers.get("request-id")
        calls.append(GraphCall(self._clock(), ask.route.line, status, request_id, call_id))
        if (used := _used(response.headers)) is not None:
            await self._gate.heard(ask.route, used)
        if not response.is_success:
            fault = self._fault(response, ask.secrets)
            if status == _TOO_MANY and isinstance(fault, Transient):
                await self._gate.refused(ask.route, fault.retry_after)
            raise fault
        return _found(response.content) if ask.route.method == "GET" else {}

    def _fault(self, response: httpx.Response, secrets: Collection[str]) -> Fault:
        code, message = read_error(response.content)
        if any(secret in str(code) for secret in secrets):
            code = None
        fault = classify(response.status_code, code, message, response.headers, self._clock())
        if secrets and fault.code.startswith("graph-"):  # the words of the others are ours
            fault.detail = _WITHHELD
        return fault

    async def close(self) -> None:
        """Close the connection pool."""
        await self._http.aclose()


@dataclass(frozen=True, slots=True)
class _Ask:
    """What `call` was asked for."""

    route: Route
    parameters: Json
    options: Json
    page: str | None
    body: Json | None = field(repr=False)
    headers: Mapping[str, str]
    secrets: Collection[str] = field(repr=False)

    def request(self, call_id: str) -> RequestInformation:
        template = "{+baseurl}" + self.route.path + f"{{?{','.join(self.options)}}}"
        request = RequestInformation(Method(self.route.method), template, dict(self.parameters))
        request.query_parameters.update(
            {name: value for name, value in self.options.items() if value}
        )
        if self.page:
            request.url = self.page
        request.headers.try_add("Accept", "application/json")
        request.headers.try_add("client-request-id", call_id)
        for name, value in self.headers.items():
            request.headers.try_add(name, value)
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        if self.body is not None:
            request.set_stream_content(json.dumps(self.body).encode(), "application/json")
        return request


async def _sent(adapter: GraphRequestAdapter, request: RequestInformation) -> httpx.Response:
    try:
        response: httpx.Response = await adapter.send_primitive_async(request, "bytes", None)
    except httpx.RequestError as error:
        in_doubt = not isinstance(error, _NOT_SENT)
        name = type(error).__name__
        raise Transient("graph-unreachable", name, in_doubt=in_doubt) from None
    except AzureError as error:
        raise Transient("identity-unavailable", type(error).__name__) from None
    return response


def _used(headers: httpx.Headers) -> float | None:
    """How much of its quota the directory says is used; it does so from 0.8 on."""
    try:
        used = float(headers["x-ms-throttle-limit-percentage"])
    except (KeyError, ValueError):
        return None
    return used if 0 <= used <= _MOST_USED else None


def _found(content: bytes) -> Json:
    """What was read; a page of a gateway's, or nothing, is not taken for an object."""
    if found := read_object(content):
        return found
    raise Transient("graph-unreadable", "Graph answered with success and without an object.")


async def _as_it_is(response: httpx.Response, *_: Any) -> httpx.Response:
    return response
