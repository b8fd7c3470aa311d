"""How Sluice proves itself to a tool, as httpx has it."""

from collections.abc import Generator

import httpx

from shared.webhooks.tool import Access


def proof(access: Access, secret: bytes) -> httpx.Auth:
    """The secret in the form that the tool wants."""
    if access.basic:
        return httpx.BasicAuth(access.basic.user, secret)
    return Bearer(secret) if access.bearer else httpx.BasicAuth(secret, "X")


class Bearer(httpx.Auth):
    """A token."""

    def __init__(self, token: bytes) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Send it along."""
        request.headers["Authorization"] = f"Bearer {self._token.decode()}"
        yield request
