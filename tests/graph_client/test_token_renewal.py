"""A token that Graph refuses is replaced once, within the call."""

import time
from typing import Any

import jwt
import pytest
from recording_graph import RecordingGraph

from local.identity.issuer import Issuer
from shared.changes.operation import GraphCall
from shared.faults import Permanent, TokenRefused
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.routes import ROUTES

TARGET = {"id": "6a59ea83-02bd-468f-a40b-f2c3d1821983"}
EXPIRED = (
    b'{"error": {"code": "InvalidAuthenticationToken", "message": "Lifetime validation failed, '
    b'the token is expired."}}'
)
CLAIMS = 'Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'


def roles(token: str) -> list[str]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return list(claims["roles"])


async def patch(client: GraphClient) -> list[GraphCall]:
    calls: list[GraphCall] = []
    await client.call(ROUTES["patch-device"], TARGET, body={"displayName": "HUB"}, calls=calls)
    return calls


@pytest.mark.parametrize("challenge", ["Bearer", CLAIMS])
async def test_a_token_refused_in_mid_flight_is_replaced_and_the_call_repeated_once(
    client: GraphClient, graph: RecordingGraph, issuer: Issuer, challenge: str
) -> None:
    graph.will_answer(204)
    await patch(client)
    issuer.roles["https://graph.microsoft.com"] = ["Device.ReadWrite.All"]
    graph.will_answer(401, EXPIRED, WWW_Authenticate=challenge)
    graph.will_answer(204)

    calls = await patch(client)

    assert [call.status for call in calls] == [401, 204]
    first, refused, renewed = graph.asked
    assert refused.token == first.token
    assert roles(renewed.token) == ["Device.ReadWrite.All"]
    assert len({call.client_request_id for call in calls}) == 2


@pytest.mark.parametrize("challenge", ["Bearer", CLAIMS])
async def test_a_second_refusal_is_permanent(
    client: GraphClient, graph: RecordingGraph, challenge: str
) -> None:
    for _ in range(2):
        graph.will_answer(401, EXPIRED, WWW_Authenticate=challenge)
    with pytest.raises(Permanent) as caught:
        await patch(client)
    assert isinstance(caught.value, TokenRefused)
    assert caught.value.code == "graph-401-InvalidAuthenticationToken"
    assert "expired" in caught.value.detail
    assert len(graph.asked) == 2


async def test_a_token_is_kept_until_shortly_before_its_end(
    credential: ForgetfulCredential, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    first = await credential.get_token()
    issuer.roles.clear()
    monkeypatch.setattr(time, "time", lambda: now + 3600 - 301)
    assert await credential.get_token() == first
    monkeypatch.setattr(time, "time", lambda: now + 3600 - 299)
    assert roles((await credential.get_token()).token) == []
