"""`python -m local.broker.bench`: how fast the broker is, beside what is fast for the machine.

The broker runs in a process of its own, the Python SDK (aio) in this one. The SDK is the slower
half: the ratios to the two baselines, measured in the same run, say more than the numbers.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver

from local.broker.clock import VirtualClock
from local.broker.engine.journal import NoJournal
from local.broker.engine.message import Complete, Lock, Message, Publication
from local.broker.engine.queue import Queue
from local.broker.engine.settings import QueueSettings
from local.broker.server import HOST

QUEUE = "intake"
BODY = b"x" * 500
BATCH = 100
RECEIVERS = 16


class _Sink:
    """A receiver that keeps only the lock."""

    name = "bench"
    deletes = False
    credit = 0
    lock: Lock | None = None

    def deliver(self, _message: Message, lock: Lock | None) -> None:
        self.credit -= 1
        self.lock = lock


def engine_per_second(count: int) -> float:
    """Publish, receive and complete without any network: the ceiling of the semantics."""
    queue = Queue(QueueSettings(name=QUEUE), VirtualClock(), NoJournal())
    sink = _Sink()
    lane = queue.add_consumer(sink)
    start = time.perf_counter()
    for number in range(count):
        queue.publish([Publication(content=BODY, message_id=str(number))])
        sink.credit = 1
        queue.dispatch(lane)
        if sink.lock is not None:
            queue.settle(sink.lock.token, Complete())
    return count / (time.perf_counter() - start)


async def timings(count: int, step: Callable[[], Awaitable[object]]) -> list[float]:
    """Run `step` one after the other; the seconds that each took."""
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        await step()
        taken.append(time.perf_counter() - start)
    return taken


async def echo_timings(count: int) -> list[float]:
    """Send 500 bytes to an echo server on loopback and wait for them: the floor of latency."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                writer.write(await reader.readexactly(len(BODY)))
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())

        async def once() -> None:
            writer.write(BODY)
            await reader.readexactly(len(BODY))

        taken = await timings(count, once)
        writer.close()
        await writer.wait_closed()
    return taken


@contextlib.asynccontextmanager
async def broker_process(*options: str) -> AsyncIterator[str]:
    """Start a broker; its connection string."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.broker", *options), stdout=asyncio.subprocess.PIPE
    )
    try:
        ready = await process.stdout.readline() if process.stdout else b"{}"
        yield json.loads(ready)["serviceBusConnection"]
    finally:
        process.terminate()
        await process.wait()


async def drain(receivers: Sequence[ServiceBusReceiver], count: int) -> None:
    """Receive and complete `count` messages between the receivers."""
    left = count

    async def work(receiver: ServiceBusReceiver) -> None:
        nonlocal left
        while left > 0:
            for message in await receiver.receive_messages(10, max_wait_time=0.2):
                await receiver.complete_message(message)
                left -= 1

    await asyncio.gather(*map(work, receivers))


@contextlib.asynccontextmanager
async def receivers(
    client: ServiceBusClient, number: int
) -> AsyncIterator[list[ServiceBusReceiver]]:
    """Open receivers for one measurement.

    A receiver that has asked for more than it got would go on to take messages from the next one.
    """
    opened = [client.get_queue_receiver(QUEUE) for _ in range(number)]
    await asyncio.gather(*(receiver.__aenter__() for receiver in opened))
    yield opened
    await asyncio.gather(*(receiver.close() for receiver in opened))


async def measure(connection: str, count: int) -> dict[str, float | list[float]]:
    """Run all measurements against one broker: messages per second, or seconds for each."""
    results: dict[str, float | list[float]] = {}
    async with (
        ServiceBusClient.from_connection_string(connection) as client,
        client.get_queue_sender(QUEUE) as sender,
    ):

        async def send_one() -> None:
            await sender.send_messages(ServiceBusMessage(BODY))

        async def send_batch() -> None:
            await sender.send_messages([ServiceBusMessage(BODY) for _ in range(BATCH)])

        results["send single"] = count / sum(await timings(count, send_one))
        async with receivers(client, 1) as one:
            results["receive and complete, 1 receiver"] = await _rate(count, drain(one, count))
        results["send in batches of 100"] = count / sum(await timings(count // BATCH, send_batch))
        async with receivers(client, RECEIVERS) as many:
            results["receive and complete, 16 receivers"] = await _rate(count, drain(many, count))
        for number in (1, RECEIVERS):
            async with receivers(client, number) as some:
                both = asyncio.gather(timings(count, send_one), drain(some, count))
                name = f"send, receive and complete, {number} receiver{'s'[: number - 1]}"
                results[name] = await _rate(count, both)
        async with receivers(client, 1) as (receiver,):

            async def round_trip() -> None:
                await send_one()
                (message,) = await receiver.receive_messages(1)
                await receiver.complete_message(message)

            results["round trip"] = await timings(count // 2, round_trip)
    return results


async def _rate(count: int, work: Awaitable[object]) -> float:
    start = time.perf_counter()
    await work
    return count / (time.perf_counter() - start)


def percentiles(taken: list[float]) -> tuple[float, float]:
    """The median and the 95th percentile, in milliseconds."""
    cuts = statistics.quantiles(taken, n=100)
    return cuts[49] * 1000, cuts[94] * 1000


async def main(count: int) -> None:
    """Measure and print."""
    engine = engine_per_second(20 * count)
    echo50, echo95 = percentiles(await echo_timings(2 * count))
    print(f"{count} messages of {len(BODY)} bytes each; SDK and broker share this machine\n")
    print(f"baseline: engine alone  {engine:10.0f} msg/s")
    print(f"baseline: TCP echo      p50 {echo50:.2f} ms, p95 {echo95:.2f} ms")
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data", str(Path(folder) / "data")]
        for title, options in (("in memory", []), ("durable", data)):
            print(f"\n{title:40} {'msg/s':>8} {'of engine':>10}")
            async with broker_process(*options) as connection:
                for name, result in (await measure(connection, count)).items():
                    if isinstance(result, float):
                        print(f"{name:40} {result:8.0f} {result / engine:10.1%}")
                    else:
                        p50, p95 = percentiles(result)
                        print(f"{name:40} p50 {p50:.2f} ms ({p50 / echo50:.0f} echoes),", end=" ")
                        print(f"p95 {p95:.2f} ms ({p95 / echo95:.0f} echoes)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m local.broker.bench", description=__doc__)
    parser.add_argument("--messages", type=int, default=1000, help="in each measurement")
    asyncio.run(main(max(BATCH, parser.parse_args().messages)))
