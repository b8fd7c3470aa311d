"""Objects are found by what they are, whatever a list answers."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from recording_graph import RecordingGraph

from shared.faults import Permanent
from shared.graph.client import GraphClient
from shared.graph.routes import ROUTES
from shared.graph.search import MOST_PAGES, search

DEVICES = ROUTES["list-managed-devices"]


def listed(*names: str, next_page: str | None = None) -> bytes:
    answer: dict[str, object] = {"value": [{"id": str(n), "deviceName": n} for n in names]}
    return json.dumps(answer | ({"@odata.nextLink": next_page} if next_page else {})).encode()


async def ids(client: GraphClient, name: str) -> list[str]:
    found = await search(client, DEVICES, "deviceName", name, select=["id"], calls=[])
    return [each["id"] for each in found]


@pytest.mark.parametrize(
    "name",
    [
        "HUB 1",
        "O'Brien's hub",
        "50% #1 & + = ?",
        "Größe 北京 😀",
        "a/b\\c",
        "x" * 256,
        "{id}",
        "''",
    ],
)
async def test_a_name_arrives_as_it_was_given_whatever_is_in_it(
    client: GraphClient, graph: RecordingGraph, name: str
) -> None:
    graph.will_answer(200, listed(name))
    assert await ids(client, name) == [name]
    path, _, query = graph.asked[0].line.split()[1].partition("?")
    assert path == "/v1.0/deviceManagement/managedDevices"
    assert "%27" in query or "'" in query
    assert parse_qs(query, strict_parsing=True) == {
        "$select": ["deviceName,id"],
        "$filter": [f"deviceName eq '{name.replace("'", "''")}'"],
        "$top": ["100"],
    }


async def test_what_is_not_called_so_is_not_found_although_graph_lists_it(
    client: GraphClient, graph: RecordingGraph
) -> None:
    answer = {"value": [{"id": "1", "deviceName": "MY-HUB"}, {"id": "2"}, {"deviceName": None}]}
    graph.will_answer(200, json.dumps(answer).encode())
    assert await ids(client, "HUB") == []


async def test_upper_and_lower_case_are_one_name(
    client: GraphClient, graph: RecordingGraph
) -> None:
    graph.will_answer(200, listed("Hub-1", "HUB-1", "hub-11"))
    assert await ids(client, "hub-1") == ["Hub-1", "HUB-1"]


async def test_all_pages_are_read_as_they_are_linked(
    client: GraphClient, graph: RecordingGraph
) -> None:
    link = f"{graph.root}/v1.0/deviceManagement/managedDevices?$filter=x&$skiptoken=a%2Fb%27"
    graph.will_answer(200, listed("other", next_page=link))
    graph.will_answer(200, listed("hub"))
    assert await ids(client, "hub") == ["hub"]
    [_, second] = graph.asked
    assert second.line.split()[1] == link.removeprefix(graph.root)
    assert second.token


async def test_the_token_goes_to_no_page_elsewhere(
    client: GraphClient, graph: RecordingGraph
) -> None:
    elsewhere = urlsplit(graph.root)._replace(netloc="graph.example").geturl()
    graph.will_answer(200, listed("hub", next_page=f"{elsewhere}/v1.0/deviceManagement"))
    with pytest.raises(Permanent) as refused:
        await ids(client, "hub")
    assert refused.value.code == "graph-elsewhere"
    assert len(graph.asked) == 1


async def test_a_list_that_goes_on_and_on_is_not_read_to_its_end(
    client: GraphClient, graph: RecordingGraph
) -> None:
    link = f"{graph.root}/v1.0/deviceManagement/managedDevices?$skiptoken=1"
    for _ in range(MOST_PAGES):
        graph.will_answer(200, listed("LOBBY", next_page=link))
    with pytest.raises(Permanent) as refused:
        await ids(client, "hub")
    assert refused.value.code == "not-searchable"
    assert "LOBBY" not in refused.value.detail
