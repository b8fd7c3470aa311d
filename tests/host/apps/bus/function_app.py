"""Service Bus functions that report what they see as lines of `RESULT <json>`."""

import asyncio
import json
from pathlib import Path
from typing import Any

import azure.functions as func

app = func.FunctionApp()
BUS = "Bus"


async def take_time(order: dict[str, Any]) -> None:
    """Go on when the message says so: after `sleep` seconds, once the file `until` is there."""
    await asyncio.sleep(order.get("sleep", 0))
    while "until" in order and not Path(order["until"]).exists():  # noqa: ASYNC110, ASYNC240 made by the test
        await asyncio.sleep(0.02)


def report(function: str, **facts: object) -> None:
    print("RESULT", json.dumps({"function": function} | facts, default=str), flush=True)  # noqa: T201


@app.service_bus_queue_trigger(arg_name="message", connection=BUS, queue_name="text")
async def text(message: func.ServiceBusMessage, context: func.Context) -> None:
    report(
        "text",
        body=message.get_body().decode("latin-1"),
        message_id=message.message_id,
        delivery_count=message.delivery_count,
        sequence_number=message.sequence_number,
        lock_token=message.lock_token,
        enqueued=message.enqueued_time_utc,
        expires=message.expires_at_utc,
        content_type=message.content_type,
        correlation_id=message.correlation_id,
        subject=message.subject,
        label=message.label,
        reply_to=message.reply_to,
        to=message.to,
        session_id=message.session_id,
        application_properties=message.application_properties,
        user_properties=message.user_properties,
        never_sent=[message.locked_until, message.state, message.time_to_live],
        keys=sorted(message._ServiceBusMessage__trigger_metadata or {})
        if hasattr(message, "_ServiceBusMessage__trigger_metadata")
        else None,
        trace=context.trace_context.trace_parent,
    )


@app.service_bus_queue_trigger(
    arg_name="message", connection=BUS, queue_name="binary", data_type=func.DataType.BINARY
)
def binary(message: func.ServiceBusMessage) -> None:
    report("binary", body=message.get_body().decode("latin-1"))


@app.service_bus_queue_trigger(arg_name="message", connection=BUS, queue_name="failing")
async def failing(message: func.ServiceBusMessage) -> None:
    report("failing", delivery_count=message.delivery_count)
    raise RuntimeError("not today")


@app.service_bus_queue_trigger(
    arg_name="message", connection=BUS, queue_name="kept", auto_complete_messages=False
)
async def kept(message: func.ServiceBusMessage) -> None:
    report("kept", delivery_count=message.delivery_count)


@app.service_bus_queue_trigger(arg_name="message", connection=BUS, queue_name="slow")
async def slow(message: func.ServiceBusMessage) -> None:
    report("slow", started=message.delivery_count)
    await take_time(json.loads(message.get_body()))
    report("slow", finished=message.delivery_count)


came_again = asyncio.Event()


@app.service_bus_queue_trigger(arg_name="message", connection=BUS, queue_name="outlived")
async def outlived(message: func.ServiceBusMessage) -> None:
    report("outlived", started=message.delivery_count)
    if message.delivery_count > 1:
        came_again.set()
    await came_again.wait()


together = asyncio.Barrier(2)


@app.service_bus_queue_trigger(arg_name="message", connection=BUS, queue_name="parallel")
async def parallel(message: func.ServiceBusMessage) -> None:
    await together.wait()
    report("parallel", parallel=message.message_id)


three_sessions = asyncio.Barrier(3)


@app.service_bus_queue_trigger(
    arg_name="message", connection=BUS, queue_name="lanes", is_sessions_enabled=True
)
async def lanes(message: func.ServiceBusMessage) -> None:
    order = json.loads(message.get_body())
    report("lanes", lane=message.session_id, begins=order["number"], count=message.delivery_count)
    if order.get("meets"):
        await three_sessions.wait()
    await take_time(order)
    if message.delivery_count <= order.get("failures", 0):
        raise RuntimeError("as told")
    report("lanes", lane=message.session_id, ends=order["number"], count=message.delivery_count)
