"""With an identity of its own for Graph, no other token can do what Graph's can."""

from typing import Any

import jwt
import pytest

from shared import composition

PARTS = (composition.settings, composition.credential, composition.graph_credential)
HOSTS, GRAPHS = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The parts of the app for two identities, and not for the tests that come after."""
    for name, value in {
        "AZURE_CLIENT_ID": HOSTS,
        "ServiceBus__fullyQualifiedNamespace": "contoso.servicebus.windows.net",
        "Records__tableServiceUri": "https://contoso.table.core.windows.net",
        "KEY_VAULT_URL": "https://contoso.vault.azure.net",
    }.items():
        monkeypatch.setenv(name, value)
    for part in PARTS:
        part.cache_clear()
    yield
    for part in PARTS:
        part.cache_clear()


def application(token: str) -> str:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return str(claims["appid"])


@pytest.mark.usefixtures("endpoint", "made_anew")
async def test_graph_is_called_with_its_own_identity_and_nothing_else_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRAPH_CLIENT_ID", GRAPHS)
    graphs = await composition.graph_credential().get_token()
    async with composition.credential() as credential:
        others = await credential.get_token("https://vault.azure.net/.default")
    assert (application(graphs.token), application(others.token)) == (GRAPHS, HOSTS)


@pytest.mark.usefixtures("endpoint", "made_anew")
async def test_without_one_there_is_one_identity_for_everything() -> None:
    graphs = await composition.graph_credential().get_token()
    assert application(graphs.token) == HOSTS
