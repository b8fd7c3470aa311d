"""Calls to Microsoft Graph through msgraph-sdk's request adapter.

One client per process: one connection pool and one token cache. The SDK's own retries are off:
waiting is the queue's job. Answers are read as bytes, because deserialising an SDK entity costs
seconds and tens of megabytes the first time.
"""

import json
import logging
import uuid
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from kiota_abstractions.api_error import APIError
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from kiota_http.middleware.options import HeadersInspectionHandlerOption, RetryHandlerOption
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory

from shared.changes.operation import GraphCall, Json
from shared.clock import Clock
from shared.faults import Fault, Transient
from shared.graph.classify import classify
from shared.graph.route import Route, Version

_ERRORS = {"XXX": ODataError}
_WITHHELD = "Graph's words are not kept, because the request carried a password."
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every URL, ids and names included


class GraphClient:
    """Sends requests to one Graph with one identity."""

    def __init__(
        self, root: str, audience: str, credential: AsyncTokenCredential, clock: Clock
    ) -> None:
        self._clock = clock
        host = urlsplit(root).hostname or ""
        authentication = AzureIdentityAuthenticationProvider(
            credential, scopes=[f"{audience}/.default"], allowed_hosts=[host]
        )
        self._http = GraphClientFactory.create_with_default_middleware(
            client=httpx.AsyncClient(
                timeout=httpx.Timeout(30.0, connect=10.0),
                http2=False,
                limits=httpx.Limits(max_connections=32, keepalive_expiry=60.0),
            ),
            options={**options, RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0)},
        )
        # One adapter a version, over one connection pool and one token cache.
        self._adapters = {
            version: GraphRequestAdapter(authentication, client=self._http) for version in Version
        }
        for version, adapter in self._adapters.items():
            # Making the service client registers the parsers that error bodies need.
            GraphServiceClient(request_adapter=adapter)
            # No slash at the end: the templates begin with one.
            adapter.base_url = f"{root}/{version}"

    async def call(
        self,
        route: Route,
        parameters: Json,
        *,
        select: Collection[str] = (),
        body: Json | None = None,
        secrets: Collection[str] = (),
        calls: list[GraphCall],
    ) -> Any:
        """Send one request; the parsed body of the answer, or None where it has none.

        Every answered call is appended to `calls`. With `secrets` in the body, the words of an
        error are not kept: they may repeat them, in any form. Raises Fault.
        """
        request, headers, call_id = self._request(route, parameters, select, body)
        status = 0
        try:
            adapter = self._adapters[route.version]
            answer = await adapter.send_primitive_async(request, "bytes", _ERRORS)
            status = 200 if answer else 204  # the adapter does not tell which success it was
        except (APIError, httpx.TransportError, AzureError) as error:
            fault, status = self._fault(error, secrets)
            raise fault from None
        finally:
            if status:
                request_id = _first(headers.response_headers, "request-id")
                calls.append(GraphCall(self._clock(), route.line, status, request_id, call_id))
        return json.loads(answer) if answer else None

    def _request(
        self, route: Route, parameters: Json, select: Collection[str], body: Json | None
    ) -> tuple[RequestInformation, HeadersInspectionHandlerOption, str]:
        template = "{+baseurl}" + route.path + "{?%24select}"
        request = RequestInformation(Method(route.method), template, dict(parameters))
        if select:
            request.query_parameters["%24select"] = list(select)
        call_id = str(uuid.uuid4())
        request.headers.try_add("Accept", "application/json")
        request.headers.try_add("client-request-id", call_id)
        # An option of its own for each call: the default one is shared by concurrent calls.
        headers = HeadersInspectionHandlerOption(inspect_response_headers=True)
        request.add_request_options([headers])
        if body is not None:
            request.set_stream_content(json.dumps(body).encode(), "application/json")
        return request, headers, call_id

    def _fault(self, error: Exception, secrets: Collection[str]) -> tuple[Fault, int]:
        if isinstance(error, httpx.TransportError):
            in_doubt = not isinstance(error, _NOT_SENT)
            return Transient("graph-unreachable", type(error).__name__, in_doubt=in_doubt), 0
        if not isinstance(error, APIError):
            return Transient("identity-unavailable", type(error).__name__), 0
        # A body that is not Graph's own error document leaves `error` out or empty.
        main = getattr(error, "error", None)
        status, headers = error.response_status_code or 0, error.response_headers or {}
        lower = {str(name).lower(): str(value) for name, value in headers.items()}
        code, message = (main.code, main.message) if main else (None, None)
        if any(secret in str(code) for secret in secrets):
            code = None
        fault = classify(status, code, message, lower, self._clock())
        if secrets:
            fault.detail = _WITHHELD
        return fault, status

    async def close(self) -> None:
        """Close the connection pool."""
        await self._http.aclose()


def _first(headers: Any, name: str) -> str | None:
    values = headers.get(name) if headers is not None else None
    return next(iter(values), None) if values else None
