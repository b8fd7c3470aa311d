"""What a delivery says: strict JSON, out of its envelope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.changes.document import Limits, read_document
from shared.changes.problems import Problem, RequestRefused
from shared.cloudevents.amqp import open_message
from shared.cloudevents.event import CloudEvent, Read
from shared.cloudevents.http import open_request
from shared.messaging.received import Received
from shared.webhooks.delivery import MOST_BYTES, Delivery
from shared.webhooks.source import Source

MOST_LEVELS = 32


@dataclass(frozen=True, slots=True)
class Payload:
    """The document that a mapping sees.

    `event` is the sender's name for it, where nobody else can have given it that name.
    """

    document: Mapping[str, Any]
    event: str | None = None


class TicketRefused(RequestRefused):
    """What the tool has of a ticket cannot be read: the ticket, by its id, is to hear of it."""

    def __init__(self, ticket: str, problems: Sequence[Problem]) -> None:
        super().__init__(422, problems)
        self.ticket = ticket


def of_delivery(source: Source, delivery: Delivery) -> Payload:
    """The payload of a request; raises RequestRefused.

    The attributes of a binary event are headers, which no signature of a body covers: who repeats
    the body under another id must not have it done again. So they name nothing, and where the
    mapping would see them such an event is not taken.
    """
    opened = open_request(delivery.headers, delivery.body, _read(source))
    in_headers = any(name.startswith("ce-") for name in delivery.headers)
    if in_headers and source.envelope == "cloudevents" and source.verify.signs:
        detail = "Send the event structured: the signature does not cover attributes in headers."
        raise RequestRefused(415, [Problem("not-an-event", "", detail)])
    return _payload(source, opened, named=not in_headers)


def of_message(source: Source, message: Received) -> Payload:
    """The payload of a message on `intake`; raises RequestRefused."""
    opened = open_message(message.content_type, message.properties, message.body, _read(source))
    payload = _payload(source, opened, named=True)
    return Payload(payload.document, payload.event or message.id)


def _read(source: Source) -> Read:
    limits = Limits(
        bytes=MOST_BYTES,
        levels=MOST_LEVELS,
        control_characters=source.controlCharacters,
        unfilled_passwords=True,
    )
    return partial(read_document, limits=limits)


def _payload(source: Source, opened: CloudEvent | Any, *, named: bool) -> Payload:
    event = opened if isinstance(opened, CloudEvent) else None
    if source.envelope == "cloudevents":
        if event is None:
            detail = "This source takes CloudEvents only."
            raise RequestRefused(415, [Problem("not-an-event", "", detail)])
        return Payload(event.document, event.key if named else None)
    document = event.data if event else opened
    if not isinstance(document, dict):
        raise RequestRefused(422, [Problem("wrong-type", "", "Send a JSON object.")])
    return Payload(document, event.key if event and named else None)
