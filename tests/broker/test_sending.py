"""What Sluice sends at the same time goes out in batches, and arrives as if sent one by one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from azure.servicebus.aio import ServiceBusClient, ServiceBusSender

from shared.messaging.messages import Message, SendFailed
from shared.messaging.servicebus import ServiceBusQueues

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def queues(aio: ServiceBusClient) -> AsyncIterator[ServiceBusQueues]:
    queues = ServiceBusQueues(aio)
    yield queues
    await queues.close()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many messages went together, of each time that something was sent."""
    sizes: list[int] = []
    send = ServiceBusSender.send_messages

    async def counting(sender: ServiceBusSender, message: Any, **options: Any) -> None:
        sizes.append(len(message) if isinstance(message, list) else 1)
        await send(sender, message, **options)

    monkeypatch.setattr(ServiceBusSender, "send_messages", counting)
    return sizes


def messages(queue: str, count: int, size: int = 100) -> list[Message]:
    return [
        Message(queue, f"id-{n}", bytes([n]) * size, session=f"lane-{n % 4}", properties={"n": n})
        for n in range(count)
    ]


async def arrived(client: ServiceBusClient, queue: str, count: int) -> dict[str, Any]:
    found = {}
    for lane in range(4):
        async with client.get_queue_receiver(queue, session_id=f"lane-{lane}") as receiver:
            for each in await receiver.peek_messages(max_message_count=250):
                found[str(each.message_id)] = each
    assert len(found) == count
    return found


async def test_messages_of_one_moment_share_a_send_and_keep_session_time_and_properties(
    aio: ServiceBusClient, queues: ServiceBusQueues, sent: list[int], new_queue: Any
) -> None:
    name = new_queue("sessions")
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    some = messages(name, 40)
    some[7] = some[7].scheduled(later)
    await asyncio.gather(*(queues.send(message) for message in some))
    assert sent == [1, 39]
    found = await arrived(aio, name, 40)
    for number, message in enumerate(some):
        each = found[message.id]
        assert (each.session_id, b"".join(each.body)) == (message.session, message.body)
        assert each.application_properties == {b"n": number}
        assert each.scheduled_enqueue_time_utc == (later if number == 7 else None)


async def test_a_message_that_is_too_large_fails_alone(
    aio: ServiceBusClient, queues: ServiceBusQueues, sent: list[int], new_queue: Any
) -> None:
    name = new_queue("sessions")
    some = messages(name, 5)
    some[2] = Message(name, "large", b"x" * 300 * 1024, session="lane-0")
    came = await asyncio.gather(*(queues.send(each) for each in some), return_exceptions=True)
    assert [type(each) for each in came] == [
        type(None),
        type(None),
        SendFailed,
        type(None),
        type(None),
    ]
    assert sent == [1, 1, 1, 2]
    await arrived(aio, name, 4)


async def test_what_does_not_fit_one_batch_goes_in_several(
    aio: ServiceBusClient, queues: ServiceBusQueues, sent: list[int], new_queue: Any
) -> None:
    name = new_queue("sessions")
    await asyncio.gather(*(queues.send(each) for each in messages(name, 9, 50 * 1024)))
    assert sent == [1, 3, 3, 2]
    await arrived(aio, name, 9)


async def test_a_message_goes_over_the_link_that_is_being_opened(
    aio: ServiceBusClient,
    queues: ServiceBusQueues,
    new_queue: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[ServiceBusSender] = []
    get = aio.get_queue_sender

    def counting(queue: str) -> ServiceBusSender:
        opened.append(get(queue))
        return opened[-1]

    monkeypatch.setattr(aio, "get_queue_sender", counting)
    name = new_queue("sessions")
    [message] = messages(name, 1)
    await asyncio.gather(queues.open(name), queues.send(message))
    await queues.open(name)
    assert len(opened) == 1
    await arrived(aio, name, 1)


async def test_a_queue_that_is_not_there_cannot_be_opened(queues: ServiceBusQueues) -> None:
    with pytest.raises(SendFailed):
        await queues.open("nowhere")
