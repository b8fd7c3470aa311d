"""A client that says what it likes on the wire, without any library's help."""

from __future__ import annotations

import base64
import hmac
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from local.broker.amqp.encode import encode
from local.broker.amqp.frames import (
    AMQP_HEADER,
    SASL_FRAME,
    SASL_HEADER,
    FrameReader,
    frame,
)
from local.broker.amqp.performatives import (
    SOURCE,
    TARGET,
    Attach,
    Begin,
    Flow,
    Open,
    Performative,
    Transfer,
    decode_performative,
)
from local.broker.amqp.sections import APPLICATION_PROPERTIES, PROPERTIES, VALUE, section
from local.broker.amqp.types import Described, Symbol, ULong
from local.broker.server import DEVELOPMENT_KEY

if TYPE_CHECKING:
    from local.broker.server import Broker

SASL_INIT = frame(encode(Described(ULong(0x41), [Symbol("ANONYMOUS")])), kind=SASL_FRAME)
HELLO = SASL_HEADER + SASL_INIT + AMQP_HEADER + frame(Open(container_id="x").encode())
BEGIN = frame(Begin(next_outgoing_id=0, incoming_window=100).encode())


def termini(address: str) -> dict[str, Described]:
    """A source and a target with the same address, as arguments of `Attach`."""
    return {
        "source": Described(ULong(SOURCE), [address]),
        "target": Described(ULong(TARGET), [address]),
    }


def signed_in(path: str = "", *, asked: str | None = None, seconds: int = 3600) -> bytes:
    """Begin a session and put a token for `path`, or claim that it is for `asked`."""
    resource = quote_plus(f"sb://here/{path}")
    expiry = int(time.time()) + seconds
    digest = hmac.new(DEVELOPMENT_KEY.key.encode(), f"{resource}\n{expiry}".encode(), "sha256")
    signature = quote_plus(base64.b64encode(digest.digest()))
    token = f"SharedAccessSignature sr={resource}&sig={signature}&se={expiry}"
    token += f"&skn={DEVELOPMENT_KEY.name}"
    name = f"sb://here/{path if asked is None else asked}"
    request = (
        section(PROPERTIES, encode(["id"]))
        + section(APPLICATION_PROPERTIES, encode({"operation": "put-token", "name": name}))
        + section(VALUE, encode(token))
    )
    cbs = termini("$cbs")
    steps = [
        Attach(name="responses", handle=10, role=True, **cbs).encode(),
        Attach(name="requests", handle=11, role=False, initial_delivery_count=0, **cbs).encode(),
        Flow(handle=10, incoming_window=100, link_credit=10).encode(),
        Transfer(handle=11, delivery_id=0, delivery_tag=b"0").encode() + request,
    ]
    return HELLO + BEGIN + b"".join(map(frame, steps))


def exchange(broker: Broker, conversation: bytes) -> bytes:
    """Say something, and hear everything that comes until the broker hangs up."""
    with socket.create_connection(("127.0.0.1", broker.port)) as connection:
        connection.settimeout(60)
        connection.sendall(conversation)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def performatives(received: bytes) -> list[Performative]:
    """Read what the broker said, from its first SASL frame on."""
    reader = FrameReader(65_536)
    reader.feed(received.replace(SASL_HEADER, b"").replace(AMQP_HEADER, b""))
    return [decode_performative(each.body)[0] for each in reader.frames() if each.kind == 0]
