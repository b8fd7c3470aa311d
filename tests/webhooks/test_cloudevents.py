"""CloudEvents 1.0 in both envelopes, over HTTP and over Service Bus."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from gate import DEVICE, GOOD, MINIMAL, SECRET, Gate, gate_of

from shared.changes.problems import RequestRefused
from shared.intake.asked import of_message, of_request
from shared.messaging.received import Received
from shared.webhooks.messages import SourceMessages

REQUEST = {
    "operation": "patchDevice",
    "target": {"deviceId": DEVICE},
    "set": {"displayName": "HUB-0042"},
}
CONTEXT = {
    "specversion": "1.0",
    "id": "A234-1234",
    "source": "/contoso/floorplan",
    "type": "com.contoso.device.moved",
    "time": "2026-11-20T10:15:31Z",
    "subject": "HUB-0042",
}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
KEY = {"X-Key": SECRET}


def structured(data: Any, **context: Any) -> bytes:
    return json.dumps({**CONTEXT, "data": data, **context}).encode()


def binary(**context: str) -> dict[str, str]:
    headers = {f"ce-{name}": value for name, value in {**CONTEXT, **context}.items()}
    return {"content-type": "application/json", **headers}


def message(
    body: bytes, properties: Mapping[Any, Any] | None = None, content_type: Any = None
) -> Received:
    return Received(
        queue="intake",
        id="message-1",
        body=body,
        session=None,
        subject=None,
        correlation=None,
        content_type=content_type,
        properties=properties or {},
    )


def of_amqp(**context: Any) -> list[Received]:
    """The same event as each client library and each prefix has it."""
    body, event = json.dumps(REQUEST).encode(), {**CONTEXT, **context}
    return [
        message(body, {f"{prefix}{name}": value for name, value in event.items()})
        for prefix in ("cloudEvents_", "cloudEvents:")
    ] + [
        message(body, {f"cloudEvents:{n}".encode(): v.encode() for n, v in event.items()}),
        message(structured(REQUEST, **context), content_type=STRUCTURED["content-type"]),
        message(structured(REQUEST, **context), content_type=b"application/cloudevents+json"),
    ]


def test_the_data_of_an_event_is_the_request_whatever_its_envelope() -> None:
    plain = of_request({"content-type": "application/json"}, json.dumps(REQUEST).encode())
    assert plain.event is None
    encoded = json.dumps(
        {**CONTEXT, "data_base64": base64.b64encode(json.dumps(REQUEST).encode()).decode()}
    )
    opened = [
        of_request(binary(), json.dumps(REQUEST).encode()),
        of_request(STRUCTURED, structured(REQUEST)),
        of_request(STRUCTURED, encoded.encode()),
        *map(of_message, of_amqp()),
        of_message(
            message(
                json.dumps(REQUEST).encode(),
                {f"cloudEvents_{name}": value for name, value in CONTEXT.items()}
                | {"cloudEvents_time": datetime(2026, 11, 20, tzinfo=UTC)},
            )
        ),
    ]
    for asked in opened:
        assert asked.request == plain.request
        assert asked.event == "/contoso/floorplan A234-1234"


def test_attributes_in_headers_are_percent_encoded() -> None:
    asked = of_request(binary(id="%E2%82%AC%201"), json.dumps(REQUEST).encode())
    assert asked.event == "/contoso/floorplan € 1"


BAD_CONTEXTS: list[tuple[dict[str, Any], str]] = [
    ({"specversion": "0.3"}, "/specversion"),
    ({"specversion": "1.1"}, "/specversion"),
    ({"id": ""}, "/id"),
    ({"id": "x" * 257}, "/id"),
    ({"id": "a\nb"}, "/id"),
    ({"source": ""}, "/source"),
    ({"type": ""}, "/type"),
    ({"time": "yesterday"}, "/time"),
    ({"time": "2026-11-20T10:15:31"}, "/time"),
    ({"Big": "x"}, ""),
    ({"datacontenttype": "text/xml"}, "/datacontenttype"),
]


@pytest.mark.parametrize(("context", "pointer"), BAD_CONTEXTS)
def test_a_malformed_event_is_refused_in_every_envelope(
    context: dict[str, Any], pointer: str
) -> None:
    attempts = [
        lambda: of_request(STRUCTURED, structured(REQUEST, **context)),
        *(lambda each=each: of_message(each) for each in of_amqp(**context)),  # type: ignore[misc]
    ]
    for attempt in attempts:
        with pytest.raises(RequestRefused) as refused:
            attempt()
        assert refused.value.first.pointer == pointer
        assert refused.value.status in (400, 415)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_nothing_that_is_missing_is_made_up(name: str) -> None:
    headers = binary()
    del headers[f"ce-{name}"]
    event = {key: value for key, value in CONTEXT.items() if key != name} | {"data": REQUEST}
    for said, body in ((headers, REQUEST), (STRUCTURED, event)):
        with pytest.raises(RequestRefused) as refused:
            of_request(said, json.dumps(body).encode())
        assert (refused.value.first.code, refused.value.first.pointer) == (
            "not-an-event",
            f"/{name}",
        )


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"content-type": "application/cloudevents-batch+json"}, b"[]", 415, "batch-of-events"),
        (STRUCTURED, b"[]", 400, "not-an-event"),
        (STRUCTURED, b'"x"', 400, "not-an-event"),
        (STRUCTURED, b"{", 400, "not-json"),
        (STRUCTURED, structured(REQUEST, data_base64="e30="), 400, "not-an-event"),
        (STRUCTURED, json.dumps({**CONTEXT, "data_base64": "é"}).encode(), 400, "not-an-event"),
        (
            STRUCTURED,
            json.dumps({**CONTEXT, "data_base64": "e!3!0="}).encode(),
            400,
            "not-an-event",
        ),
        (STRUCTURED, json.dumps({**CONTEXT, "data_base64": 7}).encode(), 400, "not-an-event"),
        (STRUCTURED, json.dumps(CONTEXT).encode(), 422, "wrong-type"),
        (STRUCTURED, structured("not json"), 422, "wrong-type"),
        (binary(id="%FF"), b"{}", 400, "not-an-event"),
        (binary(), b"not json", 400, "not-json"),
        (binary() | {"content-type": "text/plain"}, b"{}", 415, "wrong-media-type"),
        (binary() | {"content-encoding": "gzip"}, b"{}", 415, "wrong-media-type"),
        (
            {"content-type": f"application/json; charset*{'9' * 5000}=x"},
            b"{}",
            415,
            "wrong-media-type",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_no_event_is_refused_with_why(
    headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    with pytest.raises(RequestRefused) as refused:
        of_request(headers, body)
    assert (refused.value.status, refused.value.first.code) == (status, code)


def test_a_fault_of_the_data_is_told_where_it_is_in_the_event() -> None:
    with pytest.raises(RequestRefused) as refused:
        of_request(STRUCTURED, structured(REQUEST | {"set": {}}))
    assert refused.value.first.pointer == "/data/set"


@pytest.mark.parametrize(
    "content_type", ["application/cloudevents-batch+json", b"application/cloudevents-batch+json"]
)
def test_a_batch_in_a_message_is_refused(content_type: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        of_message(message(b"[]", content_type=content_type))
    assert refused.value.first.code == "batch-of-events"


EVENTS = MINIMAL | {
    "envelope": "cloudevents",
    "queue": True,
    "ticket": {"id": "data.ticket"},
    "accept": "type == 'com.contoso.device.moved'",
    "approved": "data.approved",
    "rules": [
        {
            "when": "data.deviceId != null",
            "operation": "patchDevice",
            "request": {"target": {"deviceId": "data.deviceId"}, "set": {"displayName": "subject"}},
        }
    ],
    "examples": [
        {
            "name": "moved",
            "payload": CONTEXT | {"data": GOOD},
            "changes": [REQUEST | {"ticket": {"source": "tool", "id": "T-1"}}],
        },
        {"name": "seen", "payload": CONTEXT | {"type": "seen", "data": GOOD}, "ignored": True},
    ],
}


async def test_the_id_of_a_structured_event_names_it_and_is_not_taken_for_another(
    tmp_path: Path,
) -> None:
    gate = gate_of(tmp_path, EVENTS)
    first, again, other = (
        structured(GOOD),
        structured(GOOD, extension="x"),
        structured(GOOD | {"deviceId": DEVICE.replace("6", "7")}),
    )
    assert (await gate.receive("tool", first, KEY | STRUCTURED)).status == "accepted"
    assert (await gate.receive("tool", again, KEY | STRUCTURED)).status == "duplicate"
    with pytest.raises(RequestRefused) as refused:
        await gate.receive("tool", other, KEY | STRUCTURED)
    assert (refused.value.status, refused.value.first.code) == (422, "key-reused")


async def test_the_same_binary_event_under_another_id_is_still_the_same(tmp_path: Path) -> None:
    # Its id is in a header, which no signature of the body covers.
    gate = gate_of(tmp_path, EVENTS)
    body = json.dumps(GOOD).encode()
    statuses = [
        (await gate.receive("tool", body, KEY | binary(id=event))).status for event in ("1", "2")
    ]
    assert statuses == ["accepted", "duplicate"]


@pytest.mark.parametrize("chained", [None, "anyOf", "allOf"])
async def test_attributes_that_no_signature_covers_are_not_believed(
    tmp_path: Path, chained: str | None
) -> None:
    # Whoever has seen one signed body could give it another subject, and so another name to set.
    signature: dict[str, Any] = {"hmac": {"secrets": ["sender"], "header": "X-Signature"}}
    verify = {chained: [signature]} if chained else signature
    gate = gate_of(tmp_path, EVENTS | {"verify": verify})

    def signed(body: bytes) -> dict[str, str]:
        return {"X-Signature": hmac.digest(SECRET.encode(), body, "sha256").hex()}

    body = json.dumps(GOOD).encode()
    with pytest.raises(RequestRefused) as refused:
        await gate.receive("tool", body, signed(body) | binary(subject="forged"))
    assert (refused.value.status, refused.value.first.code) == (415, "not-an-event")
    whole = structured(GOOD)
    assert (await gate.receive("tool", whole, signed(whole) | STRUCTURED)).status == "accepted"


async def test_a_source_of_events_takes_nothing_else(tmp_path: Path) -> None:
    gate = gate_of(tmp_path, EVENTS)
    with pytest.raises(RequestRefused) as refused:
        await gate.receive("tool", json.dumps(GOOD).encode(), KEY)
    assert (refused.value.status, refused.value.first.code) == (415, "not-an-event")


async def test_a_plain_source_takes_the_data_of_events(tmp_path: Path) -> None:
    gate = gate_of(tmp_path, MINIMAL)
    assert (await gate.receive("tool", structured(GOOD), KEY | STRUCTURED)).status == "accepted"


async def test_a_message_passes_the_same_mapping_as_a_webhook(tmp_path: Path) -> None:
    gate = gate_of(tmp_path, EVENTS)
    messages = SourceMessages(gate.sources, gate.admission)
    await messages.admit(
        "tool", message(structured(GOOD), content_type="application/cloudevents+json")
    )
    [change] = gate.changes
    assert (change.source, change.request["set"]) == ("tool", {"displayName": "HUB-0042"})
    with pytest.raises(RequestRefused) as refused:
        await messages.admit(
            "tool",
            message(
                structured(GOOD | {"approved": False}, id="2"),
                content_type="application/cloudevents+json",
            ),
        )
    assert refused.value.first.code == "not-approved"
    assert gate.outcomes[0]["ticket"]["id"] == "T-1"


@pytest.mark.parametrize("name", ["nobody", "../tool", "tool"])
async def test_a_message_names_a_source_that_takes_messages_or_is_refused(
    tmp_path: Path, name: str
) -> None:
    gate: Gate = gate_of(tmp_path, MINIMAL)
    with pytest.raises(RequestRefused) as refused:
        await SourceMessages(gate.sources, gate.admission).admit(name, message(b"{}"))
    assert refused.value.first.code == "unknown-source"
    assert gate.changes == []
