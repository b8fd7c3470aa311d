"""Whatever arrives on the socket, the broker goes on serving everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.servicebus import ServiceBusMessage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.broker.amqp.decode import decode, end_of
from local.broker.amqp.encode import encode
from local.broker.amqp.frames import frame
from local.broker.amqp.performatives import (
    SOURCE,
    TARGET,
    Attach,
    Begin,
    Close,
    Detach,
    Disposition,
    End,
    Flow,
    Open,
    Performative,
    Transfer,
)
from local.broker.amqp.types import Array, Described, Int, Long, Symbol, Timestamp, UInt, ULong
from local.broker.clock import VirtualClock
from local.broker.engine.journal import NoJournal
from local.broker.engine.namespace import Namespace
from local.broker.engine.settings import QueueSettings
from local.broker.service import management
from local.broker.service.requests import Request
from tests.broker.wire_client import BEGIN, HELLO, exchange, signed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.servicebus import ServiceBusClient

    from local.broker.server import Broker


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.binary(max_size=20),
        st.text(max_size=20),
        st.uuids(),
        st.integers(0, 2**32 - 1).map(UInt),
        st.integers(0, 2**64 - 1).map(ULong),
        st.integers(-(2**31), 2**31 - 1).map(Int),
        st.integers(-(2**63), 2**63 - 1).map(Long),
        st.integers(-(2**63), 2**63 - 1).map(Timestamp),
        st.sampled_from(["$cbs", "put-token", "com.microsoft:session-filter"]).map(Symbol),
        st.lists(st.uuids(), max_size=3).map(Array),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
        st.builds(Described, st.integers(0x10, 0x80).map(ULong), inner),
    ),
    max_leaves=8,
)
addresses = st.sampled_from(["$cbs", "plain-19", "plain-19/$management", "unknown", ""])
small = st.integers(0, 3)


def terminus(code: int) -> st.SearchStrategy[Described]:
    return st.builds(
        lambda address, rest: Described(ULong(code), [address, *rest]),
        addresses,
        st.lists(values, max_size=8),
    )


performatives: st.SearchStrategy[Performative] = st.one_of(
    st.builds(Open, container_id=st.text(max_size=3), max_frame_size=st.integers(0, 2**32 - 1)),
    st.builds(Begin, next_outgoing_id=small, incoming_window=small),
    st.builds(
        Attach,
        name=st.text(max_size=3),
        handle=small,
        role=st.booleans(),
        source=terminus(SOURCE),
        target=terminus(TARGET),
        properties=st.dictionaries(st.text(max_size=3).map(str), values, max_size=2),
    ),
    st.builds(Flow, handle=small, link_credit=small, drain=st.booleans(), echo=st.booleans()),
    st.builds(Transfer, handle=small, delivery_id=small, more=st.booleans(), aborted=st.booleans()),
    st.builds(Disposition, role=st.booleans(), first=small, last=st.integers(0, 2**32 - 1)),
    st.builds(Detach, handle=small, closed=st.booleans()),
    st.builds(End),
    st.builds(Close),
)
plausible_frames = st.builds(
    lambda performative, channel, payload: frame(performative.encode() + payload, channel=channel),
    performatives,
    st.integers(0, 1),
    st.one_of(st.just(b""), values.map(encode), st.binary(max_size=40)),
)
composites = st.builds(
    lambda code, fields: frame(encode(Described(ULong(code), fields))),
    st.integers(0x10, 0x18),
    st.lists(values, max_size=8),
)


def test_the_hostile_client_really_signs_in(broker: Broker) -> None:
    assert b"Accepted" in exchange(broker, signed_in())


conversations = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=200).map(lambda tail: HELLO + tail),
    st.lists(st.one_of(plausible_frames, composites), max_size=12).map(
        lambda frames: signed_in() + b"".join(frames)
    ),
    st.binary(max_size=100).map(lambda body: HELLO + BEGIN + frame(b"\x00\x53\x14" + body)),
)


@pytest.fixture
def faults(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Collect what the broker itself calls its own fault."""
    found: list[str] = []
    yield found
    found += [
        record.message for record in caplog.get_records("call") if record.levelname == "ERROR"
    ]
    assert found == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(conversation=conversations)
def test_hostile_bytes_end_a_connection_at_most(
    broker: Broker, faults: list[str], conversation: bytes
) -> None:
    exchange(broker, conversation)


@pytest.mark.parametrize(
    "body",
    [
        b"\x00" * 60_000,
        b"\xc0\xff\xff" * 10_000,
        (b"\xd0\x00\x00\xea\x00\x00\x00\x00\x01") * 5_000,
        b"\x00\x53\x10\xf0\x00\x00\x00\x09\xff\xff\xff\xff\x40\x40\x40\x40\x40",
        b"\x00\x53\x10\xf0\x00\x00\x00\x09\x00\x00\x00\x04\x45\x40\x40\x40\x40",
    ],
    ids=["descriptors", "short lists", "nested lists", "counted nulls", "array of nothing"],
)
def test_crafted_values_are_refused_within_bounds(broker: Broker, body: bytes) -> None:
    assert b"amqp:decode-error" in exchange(broker, HELLO + frame(body))


operations = st.sampled_from([*management._OPERATIONS, "unknown", 7, []])
arguments = st.dictionaries(
    st.sampled_from(
        [
            *("from-sequence-number", "message-count", "sequence-numbers", "lock-tokens"),
            *("session-id", "session-state", "messages", "disposition-status", "skip", "top"),
            *("receiver-settle-mode", "last-updated-time"),
        ]
    ),
    st.one_of(values, st.just([{"message": b""}]), st.sampled_from(["completed", "defered"])),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(operation=operations, body=st.one_of(arguments, values), sessions=st.booleans())
def test_any_management_request_gets_an_answer(
    operation: object, body: object, sessions: bool
) -> None:
    queue = Namespace(
        [QueueSettings(name="q", requires_session=sessions)], VirtualClock(), NoJournal()
    ).find("q")
    request = Request("id", None, {"operation": operation}, body)
    response = management.handle(request, queue)
    assert response.properties["statusCode"] in (200, 204, 400, 404, 410, 501)
    assert response.encode(request)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(value=values)
def test_a_value_is_decoded_to_what_was_encoded(value: object) -> None:
    encoded = encode(value)
    assert decode(encoded) == (value, len(encoded))
    assert end_of(encoded, 0) == len(encoded)
    assert encode(decode(encoded)[0]) == encoded


def test_after_all_that_the_broker_serves_as_before(
    client: ServiceBusClient, new_queue: Callable[[str], str]
) -> None:
    with client.get_queue_sender(new_queue("plain")) as sender:
        sender.send_messages(ServiceBusMessage("x"))
