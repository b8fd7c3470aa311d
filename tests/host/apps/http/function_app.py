"""Every way to use the HTTP trigger that the tests look at."""

import asyncio
import json
import logging
import time
from pathlib import Path

import azure.functions as func

log = logging.getLogger("the.app")
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="echo/{kind?}")
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(
            {
                "method": req.method,
                "url": req.url,
                "headers": dict(req.headers),
                "params": dict(req.params),
                "route": dict(req.route_params),
                "body": req.get_body().decode("latin-1"),
            }
        ),
        mimetype="application/json",
    )


@app.route(route="items/{id:guid}", methods=["GET"])
def item(req: func.HttpRequest) -> str:
    return f"guid {req.route_params['id']}"


@app.route(route="items/{number:int}", methods=["GET"])
def number(req: func.HttpRequest) -> str:
    return f"int {req.route_params['number']}"


@app.route(route="items/{name}", methods=["GET", "HEAD"])
def name(req: func.HttpRequest) -> str:
    return f"name {req.route_params['name']}"


@app.route(route="items/special", methods=["GET"])
def special(req: func.HttpRequest) -> str:
    return "special"


@app.route(route="files/{*path}", methods=["GET"])
def files(req: func.HttpRequest) -> str:
    return req.route_params["path"]


@app.route(route="keyed", auth_level=func.AuthLevel.FUNCTION)
def keyed(req: func.HttpRequest) -> str:
    return "function"


@app.route(route="guarded", auth_level=func.AuthLevel.ADMIN)
def guarded(req: func.HttpRequest) -> str:
    return "admin"


@app.route(route="boom")
async def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError(req.params.get("text", "no reason"))


@app.route(route="surrogate")
async def surrogate(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("lone \ud800 surrogate")


@app.route(route="exit")
async def leave(req: func.HttpRequest) -> func.HttpResponse:
    raise SystemExit(3)


@app.route(route="cookies")
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("ok", status_code=201)
    response.headers.add("X-Twice", "one")
    response.headers.add("X-Twice", "two")
    response.headers.add("Set-Cookie", "a=b; Path=/x; HttpOnly; SameSite=Lax; Max-Age=5")
    response.headers.add("Set-Cookie", "c=d")
    return response


@app.function_name("nothing")
@app.generic_trigger(
    arg_name="req", type="httpTrigger", route="nothing", auth_level=func.AuthLevel.ANONYMOUS
)
@app.generic_output_binding(arg_name="out", type="http")
def nothing(req: func.HttpRequest, out: func.Out[func.HttpResponse]) -> None:
    if req.params.get("set"):
        out.set(func.HttpResponse("by out", status_code=202))


@app.route(route="trace")
def trace(req: func.HttpRequest, context: func.Context) -> str:
    return context.trace_context.trace_parent


@app.route(route="log/async")
async def log_async(req: func.HttpRequest, context: func.Context) -> str:
    await asyncio.sleep(0)
    log.info("from the async handler")
    print("printed by the handler")  # noqa: T201
    return context.invocation_id


@app.route(route="log/sync")
def log_sync(req: func.HttpRequest, context: func.Context) -> str:
    log.info("from the sync handler")
    return context.invocation_id


met = asyncio.Barrier(2)


@app.route(route="meet")
async def meet(req: func.HttpRequest) -> str:
    await met.wait()
    return "met"


@app.route(route="block")
async def block(req: func.HttpRequest) -> str:
    log.info("blocking the app's loop")
    while not Path(req.params["until"]).exists():  # noqa: ASYNC240 see below
        time.sleep(0.02)  # noqa: ASYNC251 the mistake that the test is about
    return "unblocked"


@app.route(route="off")
def off(req: func.HttpRequest) -> str:
    return "on"
