"""What every kind of answer of Graph, and the lack of one, ends in."""

import json

import httpx
import pytest
from recording_graph import RecordingGraph

from shared.clock import utc_now
from shared.faults import Fault, NeedsApproval, Permanent, Transient
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.routes import ROUTES

TARGET = {"id": "6a59ea83-02bd-468f-a40b-f2c3d1821983", "managedDeviceId": "m"}
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


async def patch(client: GraphClient) -> None:
    await client.call(ROUTES["patch-device"], TARGET, body={"displayName": "HUB"}, calls=[])


async def fault_of(client: GraphClient, graph: RecordingGraph, status: int, body: bytes) -> Fault:
    graph.will_answer(status, body)
    with pytest.raises(Fault) as caught:
        await patch(client)
    return caught.value


def error(code: str, message: str = "No.") -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def intune(code: str, **members: object) -> bytes:
    return error(code, json.dumps({"_version": 3, "Message": "An error has occurred", **members}))


PERMANENT = [
    (302, b""),
    (400, error("Request_BadRequest")),
    (400, intune("BadRequest", Message="No method match route template")),
    (403, error("Authorization_RequestDenied")),
    (403, intune("Forbidden")),
    (404, error("Request_ResourceNotFound")),
    (404, intune("ResourceNotFound")),
    (405, b""),
    (406, b""),
    (409, error("Conflict")),
    (413, HTML),
    (415, b""),
    (422, b""),
    (501, b""),
    (505, b""),
]
TRANSIENT = [
    (409, error("Directory_ConcurrencyViolation")),
    (412, error("PreconditionFailed")),
    (423, error("Locked")),
    (429, error("TooManyRequests")),
    (429, error("activityLimitReached")),
    (429, intune("TooManyRequests")),
]
IN_DOUBT = [
    (408, b""),
    (500, error("InternalServerError")),
    (500, intune("InternalError")),
    (502, HTML),
    (503, b""),
    (504, HTML),
    (509, error("BandwidthLimitExceeded")),
    (520, HTML),
]


@pytest.mark.parametrize(("status", "body"), PERMANENT)
async def test_an_answer_that_will_be_the_same_next_time_is_permanent(
    client: GraphClient, graph: RecordingGraph, status: int, body: bytes
) -> None:
    assert type(await fault_of(client, graph, status, body)) is Permanent
    assert len(graph.asked) == 1


@pytest.mark.parametrize(("status", "body"), TRANSIENT)
async def test_an_answer_that_asks_to_come_again_leaves_no_doubt(
    client: GraphClient, graph: RecordingGraph, status: int, body: bytes
) -> None:
    fault = await fault_of(client, graph, status, body)
    assert isinstance(fault, Transient)
    assert not fault.in_doubt
    assert len(graph.asked) == 1


@pytest.mark.parametrize(("status", "body"), IN_DOUBT)
async def test_an_answer_that_a_gateway_may_have_given_leaves_the_request_in_doubt(
    client: GraphClient, graph: RecordingGraph, status: int, body: bytes
) -> None:
    fault = await fault_of(client, graph, status, body)
    assert isinstance(fault, Transient)
    assert fault.in_doubt
    assert len(graph.asked) == 1


@pytest.mark.parametrize("body", [error("Locked"), intune("Locked")])
async def test_the_code_of_a_fault_is_the_status_and_graphs_own_code(
    client: GraphClient, graph: RecordingGraph, body: bytes
) -> None:
    assert (await fault_of(client, graph, 423, body)).code == "graph-423-Locked"


@pytest.mark.parametrize(
    "body",
    [
        b"", HTML, b"null", b"[]", b'"error"', b"{}", b'{"error": null}', b'{"error": []}',
        b'{"error": "invalid_request"}', b'{"error": {"code": 7, "message": {"lang": "en"}}}',
        b'{"message": "not Graph"}', b"\xff\xfe", b"[" * 100_000, b'{"error": {"code": "No',
    ],
)  # fmt: skip
async def test_a_body_without_an_error_of_graphs_is_classified_by_its_status(
    client: GraphClient, graph: RecordingGraph, body: bytes
) -> None:
    fault = await fault_of(client, graph, 400, body)
    assert (type(fault), fault.code) == (Permanent, "graph-400")
    assert fault.detail == "Graph gave no message."


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("600", 600), ("2.128", 2.128), ("30,120", 120), ("0", None), ("-1", None), ("", None),
        ("soon", None), ("nan", None), ("inf", None), ("1e9", 24 * 3600),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None), ("Fri, 99 Foo 2015 99:99:99 GMT", None),
    ],
)  # fmt: skip
async def test_retry_after_is_understood_in_every_form(
    client: GraphClient, graph: RecordingGraph, header: str, seconds: float | None
) -> None:
    graph.will_answer(429, error("TooManyRequests"), Retry_After=header)
    with pytest.raises(Transient) as caught:
        await patch(client)
    assert caught.value.retry_after == seconds


async def test_a_retry_after_inside_intunes_message_counts_where_the_header_is_missing(
    client: GraphClient, graph: RecordingGraph
) -> None:
    fault = await fault_of(client, graph, 429, intune("TooManyRequests", RetryAfter=600))
    assert isinstance(fault, Transient)
    assert fault.retry_after == 600


async def test_intunes_nested_message_is_unwrapped_without_its_address(
    client: GraphClient, graph: RecordingGraph
) -> None:
    message = (
        "No. - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - "
        "Activity ID: 823bede1 - Url: https://fef.msub06.manage.microsoft.com/users('a@b.c')"
    )
    body = intune("BadRequest", Message=message, CustomApiErrorPhrase="NotEnrolled")
    fault = await fault_of(client, graph, 400, body)
    assert fault.detail == "NotEnrolled: No. - Activity ID: 823bede1"


async def test_a_call_that_waits_for_an_administrator_keeps_the_approval_code(
    client: GraphClient, graph: RecordingGraph
) -> None:
    graph.will_answer(412, error("PreconditionFailed"), X_MSFT_Approval_Code="3f1c-77")
    with pytest.raises(NeedsApproval) as caught:
        await patch(client)
    assert caught.value.code == "needs-approval"
    assert caught.value.approval_code == "3f1c-77"
    assert "3f1c-77" in caught.value.detail


async def test_a_call_that_never_asked_for_the_approval_it_needs_is_told_apart(
    client: GraphClient, graph: RecordingGraph
) -> None:
    message = "Header 'x-msft-approval-justification' is required to request approval"
    fault = await fault_of(client, graph, 400, intune("BadRequest", Message=message))
    assert isinstance(fault, NeedsApproval)
    assert fault.approval_code is None


async def test_nothing_that_graph_says_to_a_password_is_kept_but_an_approval_code(
    client: GraphClient, graph: RecordingGraph
) -> None:
    async def account_fault() -> Fault:
        with pytest.raises(Fault) as caught:
            await client.call(
                ROUTES["update-account"], TARGET, body={"p": "Qx7"}, secrets=["Qx7"], calls=[]
            )
        return caught.value

    graph.will_answer(400, error("Qx7", "Qx7 is too short"))
    refused = await account_fault()
    assert "Qx7" not in str(refused)
    graph.will_answer(412, error("Qx7", "Qx7"), X_MSFT_Approval_Code="3f1c-77")
    held = await account_fault()
    assert "3f1c-77" in held.detail
    assert "Qx7" not in str(held)


@pytest.mark.parametrize(
    "said",
    [
        None,
        b"",
        b"HTTP/1.1 204",
        b"HTTP/1.1 500 X\r\nContent-Length: 100\r\n\r\nshort",
        b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
        b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ],
    ids=["reset", "closed", "half a head", "half a body", "other protocol", "undecodable"],
)
async def test_a_request_that_went_out_and_was_not_answered_is_in_doubt(
    client: GraphClient, graph: RecordingGraph, said: bytes | None
) -> None:
    graph.will_say(said)
    with pytest.raises(Transient) as caught:
        await patch(client)
    assert caught.value.code == "graph-unreachable"
    assert caught.value.in_doubt


async def test_a_connection_that_a_server_of_http_2_retires_leaves_the_request_in_doubt(
    client: GraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def retired(*_: object, **__: object) -> httpx.Response:
        # What httpx raises for GOAWAY; this client speaks HTTP/1.1, a proxy may bring it back.
        raise httpx.RemoteProtocolError("<ConnectionTerminated error_code:0, last_stream_id:1999>")

    monkeypatch.setattr(client._http, "send", retired)
    with pytest.raises(Transient) as caught:
        await patch(client)
    assert (caught.value.code, caught.value.in_doubt) == ("graph-unreachable", True)


async def test_a_request_that_never_went_out_is_not_in_doubt(
    credential: ForgetfulCredential, unused_port: int
) -> None:
    client = GraphClient(f"http://127.0.0.1:{unused_port}", credential, utc_now)
    with pytest.raises(Transient) as caught:
        await patch(client)
    assert (caught.value.code, caught.value.in_doubt) == ("graph-unreachable", False)
    await client.close()


async def test_without_an_identity_nothing_is_sent(
    client: GraphClient, graph: RecordingGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises(Transient) as caught:
        await patch(client)
    assert (caught.value.code, caught.value.in_doubt) == ("identity-unavailable", False)
    assert graph.asked == []


@pytest.mark.parametrize("body", [b"", HTML, b"[]", b"null"])
async def test_a_read_that_brings_no_object_is_tried_again(
    client: GraphClient, graph: RecordingGraph, body: bytes
) -> None:
    graph.will_answer(200, body)
    with pytest.raises(Transient) as caught:
        await client.call(ROUTES["get-device"], TARGET, calls=[])
    assert caught.value.code == "graph-unreadable"


@pytest.mark.parametrize("body", [b"", HTML, b'{"id": "x"}'])
async def test_a_write_succeeds_whatever_body_its_answer_has(
    client: GraphClient, graph: RecordingGraph, body: bytes
) -> None:
    graph.will_answer(200, body)
    await patch(client)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    client: GraphClient, graph: RecordingGraph, status: int
) -> None:
    graph.will_answer(status, b"", Location=f"{graph.root}/v1.0/elsewhere")
    with pytest.raises(Permanent):
        await patch(client)
    assert len(graph.asked) == 1
