import os
from collections.abc import AsyncIterator

import httpx
import pytest
from tenants import Clock, Tenant, seed

from local.graph.server import graph
from local.identity.issuer import GRAPH, Issuer
from local.identity.server import identity
from local.standins.tokens import TokenChecker


@pytest.fixture(scope="session")
def keyed_issuer() -> Issuer:
    return Issuer(lifetime=3600)


@pytest.fixture
async def tenant(keyed_issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tenant]:
    """The default seed in a fresh tenant, and an identity endpoint the real credentials find."""
    issuer = Issuer(keyed_issuer.lifetime, _key=keyed_issuer._key, _key_id=keyed_issuer._key_id)
    clock = Clock()
    async with identity(port=0, issuer=issuer) as known:
        monkeypatch.setitem(os.environ, "IDENTITY_ENDPOINT", str(known["identity"]))
        monkeypatch.setitem(os.environ, "IDENTITY_HEADER", str(known["identityHeader"]))
        tokens = TokenChecker(str(known["jwks"]), GRAPH)
        async with (
            graph(port=0, seed=seed(), tokens=tokens, quotas={}, clock=clock) as ready,
            httpx.AsyncClient(timeout=60) as http,
        ):
            yield Tenant(str(ready["graph"]), issuer, clock, http)
