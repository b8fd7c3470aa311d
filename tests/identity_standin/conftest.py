import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from local.identity.issuer import Issuer
from local.identity.server import identity


@pytest.fixture(scope="session")
def keyed_issuer() -> Issuer:
    return Issuer(lifetime=3600)


@pytest.fixture
async def endpoint(
    keyed_issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, Any]]:
    """A running endpoint, found by the clients as App Service tells them."""
    async with identity(port=0, issuer=keyed_issuer) as ready:
        monkeypatch.setitem(os.environ, "IDENTITY_ENDPOINT", str(ready["identity"]))
        monkeypatch.setitem(os.environ, "IDENTITY_HEADER", str(ready["identityHeader"]))
        yield dict(ready)
