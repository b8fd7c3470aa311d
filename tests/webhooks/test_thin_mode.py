"""Thin mode: of the payload the id, and everything else from the tool itself."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from gate import DEVICE, GOOD, MINIMAL, SECRET, Gate, gate_of
from slowness import drips

from local.standins.listening import listening
from shared.changes.problems import RequestRefused
from shared.faults import Transient
from shared.webhooks import fetch
from shared.webhooks.sources import SourceError

KEY = {"X-Key": SECRET}


@dataclass
class Tool:
    """A ticketing tool with one ticket; `requests` are those that it got."""

    url: str = ""
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    requests: list[tuple[str, str]] = field(default_factory=list)

    async def ticket(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.raw_path, request.headers.get("Authorization", "")))
        if self.answer:
            return await self.answer(request)
        return web.json_response({"ticket": GOOD | {"ticket": request.match_info["id"]}})


@pytest.fixture
async def tool() -> AsyncIterator[Tool]:
    tool = Tool()
    app = web.Application()
    app.add_routes([web.get("/tickets/{id}", tool.ticket), web.get("/elsewhere", tool.ticket)])
    async with listening(app, 0) as base:
        tool.url = base
        yield tool


def thin(folder: Path, tool: Tool, **credential: Any) -> Gate:
    fetch = {
        "id": "text(ticket_id)",
        "pattern": "[A-Z]+-[0-9]{1,9}",
        "url": f"{tool.url}/tickets/{{id}}",
        "into": "ticket",
    } | (credential or {"bearer": ["tool-token"]})
    gate = gate_of(folder, MINIMAL | {"fetch": fetch})
    gate.vault.values["tool-token"] = "a token of Sluice's own"
    return gate


async def post(gate: Gate, payload: dict[str, Any]) -> Any:
    return await gate.receive("tool", json.dumps(payload).encode(), KEY)


async def test_a_forged_body_changes_nothing_of_what_the_ticket_says(
    tmp_path: Path, tool: Tool
) -> None:
    gate = thin(tmp_path, tool)
    forged = GOOD | {
        "ticket_id": "T-7",
        "deviceId": DEVICE.replace("6", "7"),
        "text": "forged",
        "url": f"{tool.url}/elsewhere",
        "self": f"{tool.url}/elsewhere",
        "link": "http://169.254.169.254/metadata/identity/oauth2/token",
        "callback_url": "http://localhost:1/",
    }
    admitted = await post(gate, forged)
    request = admitted.changes[0].operation.request
    assert request["target"] == {"deviceId": DEVICE}
    assert request["ticket"]["id"] == "T-7"
    assert tool.requests == [("/tickets/T-7", "Bearer a token of Sluice's own")]


@pytest.mark.parametrize(
    ("credential", "pair"),
    [
        (
            {"basic": {"user": "sluice", "secrets": ["tool-token"]}},
            ("sluice", "a token of Sluice's own"),
        ),
        ({"apiKey": ["tool-token"]}, ("a token of Sluice's own", "X")),
    ],
)
async def test_the_ticket_is_read_with_a_credential_of_our_own(
    tmp_path: Path, tool: Tool, credential: dict[str, Any], pair: tuple[str, str]
) -> None:
    await post(thin(tmp_path, tool, **credential), {"ticket_id": "T-7"})
    [(_, authorization)] = tool.requests
    scheme, _, said = authorization.partition(" ")
    assert (scheme, base64.b64decode(said).decode()) == ("Basic", ":".join(pair))


@pytest.mark.parametrize(
    "ticket_id",
    [
        None,
        "",
        "7",
        "T-7/../8",
        "T-7?x=1",
        "T-7#",
        "T-7\n",
        "T-" + "7" * 10,
        ["T-7"],
        {"a": 1},
        "%2e%2e",
    ],
)
async def test_an_id_that_is_none_goes_nowhere(tmp_path: Path, tool: Tool, ticket_id: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        await post(thin(tmp_path, tool), {"ticket_id": ticket_id})
    assert refused.value.first.code == "not-an-id"
    assert tool.requests == []


async def test_a_long_id_is_none_whatever_the_pattern_lets_through(
    tmp_path: Path, tool: Tool
) -> None:
    thin(tmp_path, tool)
    source = yaml.safe_load((tmp_path / "tool.yaml").read_text())
    source["fetch"]["pattern"] = "(T+)+"  # takes for ever over what is nearly right
    gate = gate_of(tmp_path, source)
    with pytest.raises(RequestRefused) as refused:
        await post(gate, {"ticket_id": "T" * 5_000 + "!"})
    assert refused.value.first.code == "not-an-id"
    assert tool.requests == []


async def test_an_id_stays_one_segment_of_the_address_whatever_the_pattern_lets_through(
    tmp_path: Path, tool: Tool
) -> None:
    gate = thin(tmp_path, tool)
    source = yaml.safe_load((tmp_path / "tool.yaml").read_text())
    source["fetch"]["pattern"] = ".*"
    gate = gate_of(tmp_path, source)
    gate.vault.values["tool-token"] = "a token of Sluice's own"
    with pytest.raises(RequestRefused):
        await post(gate, {"ticket_id": "7/../../elsewhere?x=1#y"})
    assert [path for path, _ in tool.requests] == ["/tickets/7%2F..%2F..%2Felsewhere%3Fx%3D1%23y"]


def status(code: int) -> Any:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=code, headers={"Location": "/elsewhere"})

    return answer


def said(text: str) -> Any:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json")

    return answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (status(404), "no-such-ticket"),
        (said("[]"), "no-such-ticket"),
        (said('{"ticket": []}'), "no-such-ticket"),
        (said(json.dumps({"ticket": GOOD | {"ticket": "T-8"}})), "another-ticket"),
        (said('{"ticket": {"a": 1, "a": 2}}'), "duplicate-member"),
        (said('{"ticket": {"user_password": "x"}}'), "password-in-request"),
        (said('{"a": "' + "x" * 1_100_000 + '"}'), "too-large"),
    ],
)
async def test_an_answer_that_is_not_the_ticket_is_refused(
    tmp_path: Path, tool: Tool, answer: Any, code: str
) -> None:
    tool.answer = answer
    with pytest.raises(RequestRefused) as refused:
        await post(thin(tmp_path, tool), {"ticket_id": "T-7"})
    assert (refused.value.status, refused.value.first.code) == (422, code)
    assert refused.value.first.pointer.startswith("/fetch")


async def test_a_ticket_that_tells_a_password_hears_why_nothing_comes_of_it(
    tmp_path: Path, tool: Tool
) -> None:
    tool.answer = said('{"ticket": {"user_password": "Kan4rien-v0gel"}}')
    gate = thin(tmp_path, tool)
    with pytest.raises(RequestRefused):
        await post(gate, {"ticket_id": "T-7"})
    [told] = gate.outcomes
    assert told["ticket"] == {"source": "tool", "id": "T-7"}
    assert told["failure"]["code"] == "password-in-request"
    assert "Kan4rien-v0gel" not in json.dumps(told)


async def test_a_ticket_that_is_not_there_is_told_nothing(tmp_path: Path, tool: Tool) -> None:
    tool.answer = status(404)
    gate = thin(tmp_path, tool)
    with pytest.raises(RequestRefused):
        await post(gate, {"ticket_id": "T-7"})
    assert gate.outcomes == []


@pytest.mark.parametrize(
    "answer",
    [*map(status, [301, 302, 307, 401, 403, 429, 500, 503]), said("<html>a gateway"), said("")],
)
async def test_a_tool_that_does_not_answer_is_asked_again_later_and_never_followed(
    tmp_path: Path, tool: Tool, answer: Any
) -> None:
    tool.answer = answer
    with pytest.raises(Transient, match="ticket-unavailable"):
        await post(thin(tmp_path, tool), {"ticket_id": "T-7"})
    assert [path for path, _ in tool.requests] == ["/tickets/T-7"]


async def test_a_tool_that_answers_drop_by_drop_is_not_waited_for(
    tmp_path: Path, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.answer = drips
    monkeypatch.setattr(fetch, "LONGEST", 0.2)
    async with asyncio.timeout(10):
        with pytest.raises(Transient, match="ticket-unavailable"):
            await post(thin(tmp_path, tool), {"ticket_id": "T-7"})


@pytest.mark.parametrize(
    "url",
    [
        "http://tool.example/tickets/{id}",
        "https://{id}/tickets",
        "https://tool{id}.example/tickets",
        "https://tool.example/tickets",
        "https://{id}.example/tickets/{id}",
        "file:///etc/passwd?{id}",
        "https://tool.example/{id}/{other}",
    ],
)
async def test_a_source_that_would_fetch_from_anywhere_is_not_used(
    tmp_path: Path, tool: Tool, url: str
) -> None:
    fetch = {"id": "ticket_id", "pattern": ".*", "url": url, "bearer": ["tool-token"]}
    gate = gate_of(tmp_path, MINIMAL | {"fetch": fetch})
    with pytest.raises(SourceError):
        gate.sources.find("tool")
