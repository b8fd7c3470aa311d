"""Key Vault from the outside, as whoever fills it uses it."""

import ssl

import httpx

from local.up.endpoints import Endpoints


async def store_secret(endpoints: Endpoints, name: str, value: str) -> None:
    """Make `value` the current version of a secret."""
    context = ssl.create_default_context(cafile=str(endpoints.vault_ca))
    async with httpx.AsyncClient(verify=context) as http:
        issued = await http.get(
            endpoints.identity,
            params={"api-version": "2019-08-01", "resource": "https://vault.azure.net"},
            headers={"X-IDENTITY-HEADER": endpoints.identity_header},
        )
        token = issued.raise_for_status().json()["access_token"]
        answer = await http.put(
            f"{endpoints.vault}/secrets/{name}?api-version=7.5",
            json={"value": value},
            headers={"Authorization": f"Bearer {token}"},
        )
        answer.raise_for_status()
