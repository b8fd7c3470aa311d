"""Azure Key Vault, through azure-keyvault-secrets and the managed identity."""

from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.keyvault.secrets.aio import SecretClient
from pydantic import SecretStr

from shared.faults import Permanent, Transient
from shared.vault.ports import Secret

_LOOPBACK = {"127.0.0.1", "localhost"}
_PERMANENT = {400, 401, 403, 404, 409}


class KeyVault:
    """Implements the port Vault."""

    def __init__(self, url: str, credential: AsyncTokenCredential) -> None:
        # The client checks that the challenge names its own domain; a loopback address has none.
        ours = urlsplit(url).hostname not in _LOOPBACK
        self._client = SecretClient(url, credential, verify_challenge_resource=ours, retry_total=2)

    async def read(self, name: str, version: str | None) -> Secret:
        """A version of a secret, the current one where none is named.

        Raises Permanent when it is missing, disabled or forbidden.
        """
        try:
            secret = await self._client.get_secret(name, version)
        except ResourceNotFoundError:
            raise Permanent("secret-not-found", f"Key Vault has no secret {name}.") from None
        except HttpResponseError as error:
            status = error.status_code or 0
            detail = f"Key Vault answered {status} for the secret {name}."
            if status in _PERMANENT:
                raise Permanent("secret-refused", detail) from None
            raise Transient("vault-unavailable", detail) from None
        except AzureError as error:
            raise Transient("vault-unavailable", type(error).__name__) from None
        if not secret.value:
            raise Permanent("secret-empty", f"The secret {name} has no value.")
        return Secret(SecretStr(secret.value), secret.properties.version)

    async def close(self) -> None:
        """Close the connection pool."""
        await self._client.close()
