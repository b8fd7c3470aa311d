"""What somebody asks for who writes canonical requests: plain, or as the data of a CloudEvent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.changes.document import read_document
from shared.changes.problems import Problem, RequestRefused
from shared.changes.request import ChangeRequest, read_request
from shared.cloudevents.amqp import open_message
from shared.cloudevents.event import CloudEvent
from shared.cloudevents.http import open_request
from shared.messaging.received import Received


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what its event is called where it came in one."""

    request: ChangeRequest
    event: str | None


def of_request(headers: Mapping[str, str], body: bytes) -> Asked:
    """What an HTTP request asks for; header names in lower case. Raises RequestRefused."""
    return _asked(open_request(headers, body, read_document), body)


def of_message(message: Received) -> Asked:
    """What a message asks for; raises RequestRefused."""
    opened = open_message(message.content_type, message.properties, message.body, read_document)
    return _asked(opened, message.body)


def _asked(opened: CloudEvent | Any, body: bytes) -> Asked:
    if not isinstance(opened, CloudEvent):
        return Asked(read_request(body), None)
    try:
        return Asked(read_request(json.dumps(opened.data).encode()), opened.key)
    except RequestRefused as refused:
        problems = [Problem(p.code, f"/data{p.pointer}", p.detail) for p in refused.problems]
        raise RequestRefused(refused.status, problems) from None
