"""What goes over the wire for every change, through the real client.

Held against Microsoft's description where that has the route, against its pages elsewhere.
"""

import json
import re
import uuid
from typing import Any
from urllib.parse import unquote

import pytest
from expected_routes import ACCOUNT_SET, EXPECTED, MANAGED, Expected
from graph_recorder import PASSWORD, Connected, Recorded
from official_description import body_schema, errors_in

from shared.changes.request import canonical, read_request
from shared.faults import Permanent
from shared.graph.route import Body
from shared.graph.routes import write_to
from shared.graph.way import way_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

EACH = pytest.mark.parametrize("expected", EXPECTED, ids=str)
OFFICIAL = [each for each in EXPECTED if write_to(each.operation, each.target).official]
ACCOUNTS = [
    {"userPrincipalName": "hub@contoso.example"},
    {"domainName": "CONTOSO", "userName": "hub"},
    {"@odata.type": "#microsoft.graph.windowsDeviceAccount"},
]


def accepted(expected: Expected) -> dict[str, Any]:
    """The request as Sluice takes it over HTTP and keeps it."""
    return canonical(read_request(json.dumps(expected.request).encode()))


async def written(graph: Connected, expected: Expected) -> Recorded:
    graph.recorder.success = expected.success
    await graph.change(accepted(expected))
    [write] = [each for each in graph.recorder.requests if each.method != "GET"]
    return write


@EACH
async def test_a_change_goes_to_the_path_that_microsoft_s_page_prints(
    graph: Connected, expected: Expected
) -> None:
    write = await written(graph, expected)
    assert write.method == expected.method
    assert _plain(write.target) == _plain(f"/{expected.version}{expected.path}")


def _plain(path: str) -> str:
    """A quote or a colon may be sent as it is or encoded."""
    return path.replace("%27", "'").replace("%3A", ":")


@EACH
async def test_a_change_carries_the_headers_of_a_json_request_and_a_token(
    graph: Connected, expected: Expected
) -> None:
    write = await written(graph, expected)
    assert write.headers["Content-Type"] == "application/json"
    assert write.headers["Accept"] == "application/json"
    assert write.headers["Authorization"] == "Bearer token"
    assert uuid.UUID(write.headers["client-request-id"])
    assert "Retry-Attempt" not in write.headers


@EACH
async def test_a_body_has_exactly_what_was_asked_for(graph: Connected, expected: Expected) -> None:
    body = (await written(graph, expected)).body
    if expected.operation == "updateDeviceAccount":
        account = {
            "@odata.type": "#microsoft.graph.windowsDeviceAzureADAccount",
            "userPrincipalName": "hub@contoso.example",
            "password": PASSWORD,
        }
        parameter = {**ACCOUNT_SET, "deviceAccount": account}
        assert body == {Body.ACCOUNT: parameter}
    else:
        assert body == expected.request["set"]


@pytest.mark.parametrize("expected", OFFICIAL, ids=str)
async def test_microsoft_s_description_finds_no_fault_with_a_request(
    graph: Connected, expected: Expected
) -> None:
    body = (await written(graph, expected)).body
    if expected.operation == "patchDevice" and expected.version == "v1.0":
        # The one documented exception: the page has it and the description of v1.0 has not.
        assert body.pop("extensionAttributes")
    assert faults(expected, body) == []


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: next(iter(account)))
async def test_microsoft_s_description_finds_no_fault_with_any_type_of_account(
    graph: Connected, account: dict[str, str]
) -> None:
    expected = next(each for each in OFFICIAL if each.operation == "updateDeviceAccount")
    request = accepted(expected)
    request["set"]["deviceAccount"] = {**account, "passwordSecret": {"name": "hub"}}
    await graph.change(request)
    body = graph.recorder.requests[-1].body
    assert body[Body.ACCOUNT]["deviceAccount"]["password"] == PASSWORD
    assert faults(expected, body) == []


def faults(expected: Expected, body: Any) -> list[str]:
    write = write_to(expected.operation, expected.target)
    schema = body_schema(expected.version, write.method, write.path)
    assert schema is not None
    return errors_in(expected.version, schema, body)


@EACH
async def test_a_change_is_read_on_an_official_route_with_what_it_sets_selected(
    graph: Connected, expected: Expected
) -> None:
    await graph.change(accepted(expected))
    reads = [each for each in graph.recorder.requests if each.method == "GET"]
    way = way_of(accepted(expected))
    assert len(reads) == 2
    for read in reads:
        path, _, query = read.target.partition("?")
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(f"/{way.read.version}{way.read.path}"))
        assert re.fullmatch(pattern, unquote(path))
        assert query.startswith("$select=")
    selected = set(unquote(reads[1].target.partition("select=")[2]).split(","))
    wanted = {"deviceActionResults"} if "Account" in expected.operation else expected.request["set"]
    assert selected >= set(wanted)


async def test_the_two_devices_on_the_way_through_an_app_and_a_user_stay_two(
    graph: Connected,
) -> None:
    [expected] = [e for e in EXPECTED if "userManagedDeviceId" in e.target]
    write = await written(graph, expected)
    assert re.findall("managedDevices/([^/]+)", write.target) == [
        expected.target["managedDeviceId"],
        expected.target["userManagedDeviceId"],
    ]
    read = graph.recorder.requests[0]
    assert MANAGED in read.target
    assert expected.target["managedDeviceId"] not in read.target


@pytest.mark.parametrize(
    "words",
    [
        "No OData route exists that match template ~/deviceManagement/deviceHealthScripts/x",
        "No method match route template",
        json.dumps({"_version": 3, "Message": "No OData route exists that match template ~/x"}),
    ],
)
@pytest.mark.parametrize("operation", ["patchManagedDevice", "updateDeviceAccount"])
async def test_a_route_that_graph_does_not_serve_is_refused_for_good(
    graph: Connected, operation: str, words: str
) -> None:
    graph.recorder.refusal = words
    expected = next(e for e in EXPECTED if e.operation == operation)
    with pytest.raises(Permanent) as refused:
        await graph.change(accepted(expected))
    assert refused.value.code == "route-not-served"
    assert "~/" not in refused.value.detail
