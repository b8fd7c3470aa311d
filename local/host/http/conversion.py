"""HTTP requests and responses as the .NET host exchanges them with a language worker."""

import logging
import urllib.parse
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web
from multidict import CIMultiDict

from local.host.functions import Function
from local.host.protos import rpc_pb2 as rpc

_log = logging.getLogger(__name__)

# The platform sets these after signing a caller in, and strips what comes from outside.
_EASY_AUTH = "x-ms-client-principal"
# The server writes these itself.
_HOP_BY_HOP = {"content-length", "transfer-encoding", "connection"}
_SAME_SITE = {
    rpc.RpcHttpCookie.Lax: "lax",
    rpc.RpcHttpCookie.Strict: "strict",
    rpc.RpcHttpCookie.ExplicitNone: "none",
}


async def to_rpc(request: web.Request, route_values: Mapping[str, str]) -> rpc.TypedData:
    """The request as trigger data. Header names are lower case; empty query values are dropped."""
    http = rpc.RpcHttp(
        method=request.method,
        url=f"{request.scheme}://{request.host}{request.raw_path}",
        headers={
            name.lower(): ",".join(request.headers.getall(name))
            for name in request.headers
            if not name.lower().startswith(_EASY_AUTH)
        },
        query={
            name: value for name in request.query if (value := ",".join(request.query.getall(name)))
        },
        params=route_values,
    )
    # The .NET host forwards a body only when Content-Length announces one (its issue 4926).
    if request.content_length:
        http.body.bytes = await request.read()
    elif request.body_exists:
        _log.warning("body without Content-Length: the function gets an empty one, as in Azure")
    return rpc.TypedData(http=http)


def to_response(function: Function, result: rpc.InvocationResponse) -> web.Response:
    """The worker's answer as a response: a failure is 500 without a body, no output is 204."""
    if result.result.status != rpc.StatusResult.Success:
        return web.Response(status=500)
    output = _output(function, result)
    match output.WhichOneof("data"):
        case "http":
            return _from_http(output.http)
        case "string":
            return web.Response(text=output.string)
        case _:
            return web.Response(status=204)


def _output(function: Function, result: rpc.InvocationResponse) -> rpc.TypedData:
    binding = function.output("http")
    if binding is None or binding.name == "$return":
        return result.return_value
    outputs = (item.data for item in result.output_data if item.name == binding.name)
    return next(outputs, rpc.TypedData())


def _from_http(http: rpc.RpcHttp) -> web.Response:
    headers = CIMultiDict(
        (name, value) for name, value in http.headers.items() if name.lower() not in _HOP_BY_HOP
    )
    for cookie in http.cookies:
        headers.add("Set-Cookie", _set_cookie(cookie))
    return web.Response(status=int(http.status_code), headers=headers, body=http.body.bytes)


def _set_cookie(cookie: rpc.RpcHttpCookie) -> str:
    """The cookie as ASP.NET Core writes it: its order, its escaping, its empty attributes."""
    parts = [f"{cookie.name}={urllib.parse.quote(cookie.value, safe='')}"]
    if cookie.HasField("expires"):
        expires = datetime.fromtimestamp(cookie.expires.value.seconds, UTC)
        parts.append(f"expires={expires:%a, %d %b %Y %H:%M:%S} GMT")
    if cookie.HasField("max_age"):
        parts.append(f"max-age={int(cookie.max_age.value)}")
    if cookie.HasField("domain"):
        parts.append(f"domain={cookie.domain.value}")
    if cookie.HasField("path"):
        parts.append(f"path={cookie.path.value}")
    if cookie.secure.value:
        parts.append("secure")
    if cookie.same_site in _SAME_SITE:
        parts.append(f"samesite={_SAME_SITE[cookie.same_site]}")
    if cookie.http_only.value:
        parts.append("httponly")
    return "; ".join(parts)
