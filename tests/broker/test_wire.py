"""Promises of the wire that no SDK puts to the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.broker.amqp.frames import AMQP_HEADER, SASL_HEADER, frame
from local.broker.amqp.performatives import Attach, Flow
from tests.broker.wire_client import BEGIN, HELLO, exchange, performatives, signed_in, termini

if TYPE_CHECKING:
    from local.broker.server import Broker


def attach(queue: str) -> bytes:
    return frame(Attach(name="link", handle=0, role=True, **termini(queue)).encode())


def test_nobody_attaches_without_a_token(broker: Broker) -> None:
    for address in ("plain-19", "plain-19/$management", "plain-19/$DeadLetterQueue", ""):
        assert b"amqp:unauthorized-access" in exchange(broker, HELLO + BEGIN + attach(address))


def test_a_token_opens_its_queue_and_all_below_it_and_no_other(broker: Broker) -> None:
    token = signed_in("plain-1")
    for address in ("plain-1", "PLAIN-1/$deadletterqueue", "amqps://any/plain-1/$management"):
        assert b"amqp:" not in exchange(broker, token + attach(address))
    for address in ("plain-2", "plain-19"):
        assert b"amqp:unauthorized-access" in exchange(broker, token + attach(address))


def test_a_token_cannot_be_put_for_more_than_it_was_signed_for(broker: Broker) -> None:
    assert b"the token is not for 'plain-2'" in exchange(
        broker, signed_in("plain-1", asked="plain-2")
    )
    assert b"the token is not for ''" in exchange(broker, signed_in("plain-1", asked=""))


def test_an_expired_token_is_refused(broker: Broker) -> None:
    assert b"the token has expired" in exchange(broker, signed_in("plain-1", seconds=-1))


def test_a_token_for_an_unknown_queue_is_refused(broker: Broker) -> None:
    assert b"could not be found" in exchange(broker, signed_in("unknown"))


def test_a_peer_that_drains_gets_its_unused_credit_back(broker: Broker) -> None:
    flow = Flow(handle=0, incoming_window=9, delivery_count=0, link_credit=5, drain=True)
    received = exchange(broker, signed_in() + attach("plain-19") + frame(flow.encode()))
    answer = performatives(received)[-1]
    assert isinstance(answer, Flow)
    assert (answer.handle, answer.drain) == (0, True)
    assert (answer.delivery_count, answer.link_credit) == (5, 0)


def test_without_sasl_a_peer_is_told_to_use_it(broker: Broker) -> None:
    assert exchange(broker, AMQP_HEADER) == SASL_HEADER
