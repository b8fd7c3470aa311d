"""Azure Key Vault, through azure-keyvault-secrets and the managed identity.

Source: Azure Key Vault REST API, "Set Secret" and "Get Secret"; "Key Vault throttling guidance".
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.keyvault.secrets import KeyVaultSecret
from azure.keyvault.secrets.aio import SecretClient
from pydantic import SecretStr

from shared.clock import Clock
from shared.faults import Fault, Permanent, Transient
from shared.retry_after import retry_after
from shared.telemetry.line import count
from shared.telemetry.span import Kind
from shared.telemetry.tracing import spanning
from shared.vault.ports import Secret

CONTENT_TYPE = "password"
"""Tells people in the portal what a secret is; a policy of Azure may demand that there is one."""

_NOBODYS = "sluice-asks-whether-it-may-read"
_LOOPBACK = {"127.0.0.1", "localhost"}
_NOT_FOUND, _CONFLICT, _THROTTLED = 404, 409, 429
_PERMANENT = {400, 401, 403}
_DELETED = "ObjectIsDeletedButRecoverable"


class KeyVault:
    """Implements the port RotatingVault."""

    def __init__(self, url: str, credential: AsyncTokenCredential, clock: Clock) -> None:
        self._clock = clock
        self._client = SecretClient(
            url,
            credential,
            # The client checks that the challenge names its own domain; a loopback address has
            # none.
            verify_challenge_resource=urlsplit(url).hostname not in _LOOPBACK,
            retry_total=0,  # waiting is the queue's job
            connection_timeout=10,
            read_timeout=30,
        )

    async def read(self, name: str, version: str | None) -> Secret:
        """A version of a secret, the current one where none is named.

        Raises Permanent when it is missing, disabled or forbidden.
        """
        with self._faults(name):
            found = await self._client.get_secret(name, version)
        if not found.value:
            raise Permanent("secret-empty", f"The secret {name} has no value.")
        return _secret(found)

    async def find(self, name: str) -> Secret | None:
        """The current version of a secret; None when there is no secret of this name."""
        try:
            return await self.read(name, None)
        except Permanent as refusal:
            if refusal.code == "secret-not-found":
                return None
            raise

    async def ping(self) -> None:
        """Ask for a secret that nobody has. Raises what keeps the vault from answering."""
        await self.find(_NOBODYS)

    async def write(
        self, name: str, value: SecretStr, tags: Mapping[str, str], expires_at: datetime | None
    ) -> Secret:
        """Make a new current version; of at most 15 tags, with 256 characters each.

        Raises Permanent `secret-deleted` when a deleted secret keeps the name, and Transient in
        doubt when the reply is lost: then the version may be there.
        """
        with self._faults(name, writing=True):
            return _secret(
                await self._client.set_secret(
                    name,
                    value.get_secret_value(),
                    tags=dict(tags),
                    expires_on=expires_at,
                    content_type=CONTENT_TYPE,
                )
            )

    @contextmanager
    def _faults(self, name: str, *, writing: bool = False) -> Iterator[None]:
        """Turn the client's errors into faults, in words of ours: its own may repeat a value."""
        count("vault")
        try:
            with spanning("vault write" if writing else "vault read", Kind.CLIENT):
                yield
        except HttpResponseError as error:
            raise self._refusal(name, error, writing=writing) from None
        except AzureError as error:
            # The client's class of error does not tell whether the request was sent.
            detail = type(error).__name__
            raise Transient("vault-unavailable", detail, in_doubt=writing) from None

    def _refusal(self, name: str, error: HttpResponseError, *, writing: bool) -> Fault:
        if error.response is None:  # it was not the vault that refused
            return Transient("identity-unavailable", type(error).__name__)
        status = error.response.status_code
        detail = f"Key Vault answered {status} for the secret {name}."
        if status == _NOT_FOUND:
            return Permanent("secret-not-found", f"Key Vault has no secret {name}.")
        if status == _CONFLICT and error.error and _DELETED in str(error.error.innererror):
            detail = f"The secret {name} is deleted and keeps its name: recover it, or purge it."
            return Permanent("secret-deleted", detail)
        if status in _PERMANENT:
            return Permanent("secret-refused", detail)
        headers: Mapping[str, str] = getattr(error.response, "headers", {})  # absent in its type
        asked = retry_after(headers.get("Retry-After"), self._clock())
        in_doubt = writing and status not in {_CONFLICT, _THROTTLED}
        return Transient("vault-unavailable", detail, retry_after=asked, in_doubt=in_doubt)

    async def close(self) -> None:
        """Close the connection pool."""
        await self._client.close()


def _secret(found: KeyVaultSecret) -> Secret:
    properties = found.properties
    return Secret(SecretStr(found.value or ""), properties.version, dict(properties.tags or {}))
