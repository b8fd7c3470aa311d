"""The real asynchronous client, connected to a running vault."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from azure.identity.aio import ManagedIdentityCredential
from azure.keyvault.secrets.aio import SecretClient

type Ready = dict[str, Any]
type StartVault = Callable[..., AbstractAsyncContextManager[Ready]]


@asynccontextmanager
async def connected(ready: Ready) -> AsyncIterator[SecretClient]:
    async with (
        ManagedIdentityCredential() as credential,
        SecretClient(
            ready["vault"],
            credential,
            verify_challenge_resource=False,
            connection_verify=ready["vaultCa"],
            retry_total=0,
        ) as client,
    ):
        yield client
