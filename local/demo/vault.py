"""Key Vault from the outside, as whoever fills and reads it uses it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from local.up.endpoints import Endpoints


async def store_secret(endpoints: Endpoints, name: str, value: str) -> None:
    """Make `value` the current version of a secret."""
    async with _vault(endpoints) as vault:
        answer = await vault.put(f"/secrets/{name}?api-version=7.5", json={"value": value})
        answer.raise_for_status()


async def current_secret(endpoints: Endpoints, name: str) -> str:
    """What whoever reads the secret gets."""
    async with _vault(endpoints) as vault:
        answer = await vault.get(f"/secrets/{name}?api-version=7.5")
        return str(answer.raise_for_status().json()["value"])


@asynccontextmanager
async def _vault(endpoints: Endpoints) -> AsyncIterator[httpx.AsyncClient]:
    context = ssl.create_default_context(cafile=str(endpoints.vault_ca))
    async with httpx.AsyncClient(base_url=endpoints.vault, verify=context) as http:
        issued = await http.get(
            endpoints.identity,
            params={"api-version": "2019-08-01", "resource": "https://vault.azure.net"},
            headers={"X-IDENTITY-HEADER": endpoints.identity_header},
        )
        token = issued.raise_for_status().json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http
