import os
import socket
from collections.abc import AsyncIterator

import pytest
from azure.identity.aio import ManagedIdentityCredential
from recording_graph import RecordingGraph, recording_graph

from local.identity.issuer import GRAPH, Issuer
from local.identity.server import identity
from shared.clock import utc_now
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential


@pytest.fixture(scope="session")
def keyed_issuer() -> Issuer:
    return Issuer(lifetime=3600)


@pytest.fixture
async def issuer(keyed_issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Issuer]:
    """The issuer behind an identity endpoint that the real credentials find."""
    issuer = Issuer(keyed_issuer.lifetime, _key=keyed_issuer._key, _key_id=keyed_issuer._key_id)
    async with identity(port=0, issuer=issuer) as ready:
        monkeypatch.setitem(os.environ, "IDENTITY_ENDPOINT", str(ready["identity"]))
        monkeypatch.setitem(os.environ, "IDENTITY_HEADER", str(ready["identityHeader"]))
        yield issuer


@pytest.fixture
def credential(issuer: Issuer) -> ForgetfulCredential:
    return ForgetfulCredential(ManagedIdentityCredential, f"{GRAPH}/.default")


@pytest.fixture
async def graph() -> AsyncIterator[RecordingGraph]:
    async with recording_graph() as graph:
        yield graph


@pytest.fixture
async def client(
    graph: RecordingGraph, credential: ForgetfulCredential
) -> AsyncIterator[GraphClient]:
    client = GraphClient(graph.root, credential, utc_now)
    yield client
    await client.close()


@pytest.fixture
def unused_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
