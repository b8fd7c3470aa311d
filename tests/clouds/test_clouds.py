"""One setting says which cloud a tenant is in: Graph, its tokens, its hosts and its routes."""

import time
from typing import Any, Self

import httpx
import pytest
from azure.core.credentials import AccessToken

from shared.clock import utc_now
from shared.clouds import CLOUDS, Cloud
from shared.graph import availability
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.routes import ROUTES, WRITES
from shared.policy.offer import EVERYTHING, Offer
from shared.settings import Settings, SettingsError

DEVICE = {"id": "6a59ea83-02bd-468f-a40b-f2c3d1821983"}
GRAPHS = {
    "global": "https://graph.microsoft.com",
    "usgov": "https://graph.microsoft.us",
    "usgov-dod": "https://dod-graph.microsoft.us",
    "china": "https://microsoftgraph.chinacloudapi.cn",
}


def settings(cloud: Cloud, **more: str) -> Settings:
    return Settings.read(
        {
            "ServiceBus__fullyQualifiedNamespace": f"contoso.{cloud.service_bus}",
            "Records__tableServiceUri": f"https://contoso.{cloud.tables}",
            "KEY_VAULT_URL": f"https://contoso.{cloud.vaults}/",
            "CLOUD": cloud.name,
            **more,
        }
    )


class Scopes:
    """A credential that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.asked += scopes
        return AccessToken("our-token", int(time.time()) + 3600)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


async def sent(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch, base: str | None = None
) -> tuple[httpx.Request, Scopes]:
    """The request that a read of a device becomes, to another base if one is given."""
    scopes, requests = Scopes(), list[httpx.Request]()
    credential = ForgetfulCredential(lambda: scopes, f"{chosen.graph_audience}/.default")
    client = GraphClient(chosen.graph_root, credential, utc_now)

    async def send(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"id": "x"}, request=request)

    monkeypatch.setattr(client._http, "send", send)
    for version, adapter in client._adapters.items():
        adapter.base_url = f"{base}/{version}" if base else adapter.base_url
    await client.call(ROUTES["get-device"], DEVICE, calls=[])
    await client.close()
    return requests[0], scopes


@pytest.mark.parametrize("name", GRAPHS)
async def test_a_cloud_has_its_own_graph_and_its_own_tokens(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, scopes = await sent(settings(CLOUDS[name]), monkeypatch)
    assert str(request.url) == f"{GRAPHS[name]}/v1.0/devices/{DEVICE['id']}"
    assert scopes.asked == [f"{GRAPHS[name]}/.default"]
    assert request.headers["Authorization"] == "Bearer our-token"


@pytest.mark.parametrize("other", [*GRAPHS.values(), "https://graph.microsoft.com.example"])
@pytest.mark.parametrize("name", GRAPHS)
async def test_no_other_host_gets_a_token(
    name: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, scopes = await sent(settings(CLOUDS[name]), monkeypatch, base=other)
    inside = other == GRAPHS[name]
    assert ("Authorization" in request.headers) is inside
    assert bool(scopes.asked) is inside


def test_another_root_takes_the_place_of_the_clouds_and_the_tokens_stay_the_clouds() -> None:
    chosen = settings(CLOUDS["china"], GRAPH_ENDPOINT="https://gateway.contoso.cn/v1.0/")
    assert chosen.graph_root == "https://gateway.contoso.cn"
    assert chosen.graph_audience == GRAPHS["china"]


@pytest.mark.parametrize("name", GRAPHS)
def test_the_root_of_a_cloud_names_the_cloud(name: str) -> None:
    cloud = CLOUDS[name]
    assert settings(cloud, CLOUD="", GRAPH_ENDPOINT=GRAPHS[name]).offer.cloud is cloud


def test_a_root_and_a_cloud_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(SettingsError, match="GRAPH_ENDPOINT"):
        settings(CLOUDS["china"], GRAPH_ENDPOINT=GRAPHS["usgov"])


@pytest.mark.parametrize(
    "root", ["http://graph.microsoft.com", "graph.microsoft.com", "http://127.0.0.1.example"]
)
def test_a_root_without_encryption_is_refused(root: str) -> None:
    with pytest.raises(SettingsError, match="GRAPH_ENDPOINT takes https"):
        settings(CLOUDS["global"], GRAPH_ENDPOINT=root)


@pytest.mark.parametrize("root", ["http://127.0.0.1:7100", "http://localhost:7100", "http://[::1]"])
def test_on_this_machine_a_root_needs_no_encryption(root: str) -> None:
    assert settings(CLOUDS["global"], GRAPH_ENDPOINT=root).graph_root == root


def test_an_unknown_cloud_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(SettingsError, match="CLOUD takes global or usgov or usgov-dod or china"):
        settings(CLOUDS["global"], CLOUD="germany")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("KEY_VAULT_URL", "https://contoso.vault.azure.net"),
        ("Records__tableServiceUri", "https://contoso.table.core.windows.net"),
        ("ServiceBus__fullyQualifiedNamespace", "contoso.servicebus.windows.net"),
    ],
)
@pytest.mark.parametrize("name", ["usgov", "usgov-dod", "china"])
def test_a_service_of_another_cloud_is_refused(name: str, setting: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{setting} is in another cloud than {name}"):
        settings(CLOUDS[name], **{setting: value})


@pytest.mark.parametrize("url", ["https://127.0.0.1:8443", "https://vault.contoso.example"])
def test_a_service_of_no_cloud_is_taken_as_it_is(url: str) -> None:
    assert settings(CLOUDS["china"], KEY_VAULT_URL=url).key_vault_url == url


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="KEY_VAULT_URL is no address"):
        settings(CLOUDS["global"], KEY_VAULT_URL="https://[x")


REQUEST = {"operation": "patchDevice", "target": DEVICE, "set": {"displayName": "HUB"}}


@pytest.mark.parametrize("absent", ["patch-device", "get-device"])
def test_a_change_whose_write_or_read_the_cloud_lacks_is_refused(
    absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(availability.ABSENT, absent, frozenset({"china"}))
    refusal = Offer(cloud=CLOUDS["china"]).refusal(REQUEST)
    assert refusal is not None
    assert (refusal.code, refusal.pointer) == ("not-in-this-cloud", "/target")
    assert ROUTES[absent].line in refusal.detail
    assert Offer(cloud=CLOUDS["usgov"]).refusal(REQUEST) is None


def test_everything_is_offered_unless_said_otherwise() -> None:
    assert EVERYTHING.refusal(REQUEST) is None
    for cloud in CLOUDS.values():
        assert all(availability.exists_in(cloud, route) for route in WRITES)
