import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from azure.keyvault.secrets.aio import SecretClient
from vault_connection import Ready, StartVault, connected

from local.identity.issuer import Issuer
from local.identity.server import identity
from local.standins.tokens import TokenChecker
from local.vault.front_door import AUDIENCE
from local.vault.secret import SetParameters
from local.vault.server import vault


@pytest.fixture(scope="session")
def keyed_issuer() -> Issuer:
    return Issuer(lifetime=3600)


@pytest.fixture
async def key_set(keyed_issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The address of the keys of a running identity endpoint, which the clients find."""
    async with identity(port=0, issuer=keyed_issuer) as ready:
        monkeypatch.setitem(os.environ, "IDENTITY_ENDPOINT", str(ready["identity"]))
        monkeypatch.setitem(os.environ, "IDENTITY_HEADER", str(ready["identityHeader"]))
        yield str(ready["jwks"])


@pytest.fixture
def start_vault(key_set: str, tmp_path: Path) -> StartVault:
    """Starts a vault on this test's own data, with what the seed says."""

    @asynccontextmanager
    async def start(**seed: dict[str, Any]) -> AsyncIterator[Ready]:
        given = {n: SetParameters.model_validate(parameters) for n, parameters in seed.items()}
        tokens = TokenChecker(key_set, AUDIENCE)
        async with vault(port=0, data=tmp_path, seed=given, tokens=tokens) as ready:
            yield dict(ready)

    return start


@pytest.fixture
async def ready(start_vault: StartVault) -> AsyncIterator[Ready]:
    async with start_vault() as running:
        yield running


@pytest.fixture
async def client(ready: Ready) -> AsyncIterator[SecretClient]:
    async with connected(ready) as connection:
        yield connection
