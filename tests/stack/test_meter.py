"""The meter counts what passes, however it is cut into pieces."""

from collections.abc import Callable

import pytest

from local.broker.amqp.encode import encode
from local.broker.amqp.frames import AMQP_HEADER, frame
from local.broker.amqp.performatives import TARGET, Attach, Open, Transfer
from local.broker.amqp.sections import DATA, section
from local.broker.amqp.types import Described, ULong
from local.broker.service.incoming_message import BATCH_FORMAT
from local.meter.amqp import AmqpMessages
from local.meter.http import HttpRequests

SENT = (
    b"POST /table HTTP/1.1\r\nHost: x\r\nContent-Length: 24\r\n\r\nGET /not HTTP/1.1\r\n\r\n123"
    b"GET /table(1)?$top=1 HTTP/1.1\r\nHost: x\r\n\r\n"
)


def in_pieces(data: bytes, size: int, read: Callable[[bytes], None]) -> None:
    for start in range(0, len(data), size):
        read(data[start : start + size])


@pytest.mark.parametrize("size", [1, 7, len(SENT)])
def test_requests_are_told_from_bodies_whatever_the_pieces(size: int) -> None:
    seen: list[tuple[str, str]] = []
    reading = HttpRequests(lambda what, where: seen.append((what, where)))
    in_pieces(SENT, size, reading.sent)
    assert seen == [("POST", "/table"), ("GET", "/table(1)?$top=1")]


def test_a_body_whose_end_is_not_announced_is_an_error_not_a_guess() -> None:
    reading = HttpRequests(lambda *_: None)
    with pytest.raises(ValueError, match="chunks"):
        reading.sent(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")


def transfer(payload: bytes, *, message_format: int | None = None, more: bool = False) -> bytes:
    said = Transfer(handle=3, delivery_id=0, message_format=message_format, more=more)
    return frame(said.encode() + payload)


MESSAGE = section(DATA, encode(b"{}"))
BATCH = section(DATA, encode(MESSAGE)) * 3
CONVERSATION = (
    AMQP_HEADER
    + frame(Open(container_id="SBSender-1").encode())
    + frame(
        Attach(
            name="x", handle=3, role=False, target=Described(ULong(TARGET), ["changes"])
        ).encode()
    )
    + transfer(MESSAGE)
    + transfer(BATCH[:10], message_format=BATCH_FORMAT, more=True)
    + transfer(BATCH[10:])
    + transfer(MESSAGE)
)


@pytest.mark.parametrize("size", [1, 7, len(CONVERSATION)])
def test_each_message_of_a_batch_counts_whatever_the_pieces(size: int) -> None:
    seen: list[tuple[str, str]] = []
    reading = AmqpMessages(lambda what, where: seen.append((what, where)))
    in_pieces(CONVERSATION, size, reading.sent)
    assert seen == [("open", "SBSender"), *[("send", "changes")] * 5]
