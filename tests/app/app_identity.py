"""The app's identity, outside the app's process."""

from typing import Any

import httpx
from azure.core.credentials import AccessToken

from local.up.endpoints import Endpoints


class AppIdentity:
    """A credential that asks the stack's identity endpoint.

    The SDK's own would look for it in the environment of the whole test run, and elsewhere.
    """

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        answer = httpx.get(
            self._endpoints.identity,
            params={"api-version": "2019-08-01", "resource": scopes[0].removesuffix("/.default")},
            headers={"X-IDENTITY-HEADER": self._endpoints.identity_header},
            trust_env=False,
        )
        token = answer.raise_for_status().json()
        return AccessToken(token["access_token"], int(token["expires_on"]))
