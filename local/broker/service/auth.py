"""Shared access signatures: who may use which part of the namespace."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from local.broker.clock import Clock
from local.broker.service.address import path_of

_PREFIX = "SharedAccessSignature "


class InvalidTokenError(Exception):
    """A token that proves nothing."""


@dataclass(frozen=True, slots=True)
class SharedAccessKey:
    """A shared access policy with all rights on the namespace."""

    name: str
    key: str

    def check(self, token: str, now: int) -> tuple[str, int]:
        """Verify a token. Returns the path that it is for and when it expires (ms).

        The signature is HMAC-SHA256 over the resource as it is written in the token, a new line
        and the expiry (Microsoft: "Service Bus access control with Shared Access Signatures").
        Raises InvalidTokenError.
        """
        if not token.startswith(_PREFIX):
            raise InvalidTokenError("the token is not a shared access signature")
        fields = dict(part.partition("=")[::2] for part in token.removeprefix(_PREFIX).split("&"))
        resource, expiry = fields.get("sr", ""), fields.get("se", "")
        signed = f"{resource}\n{expiry}".encode()
        digest = hmac.new(self.key.encode(), signed, hashlib.sha256).digest()
        signature = unquote_plus(fields.get("sig", "")).encode()
        if unquote_plus(fields.get("skn", "")) != self.name:
            raise InvalidTokenError("the token names an unknown policy")
        if not hmac.compare_digest(base64.b64encode(digest), signature):
            raise InvalidTokenError("the token's signature is wrong")
        if not expiry.isascii() or not expiry.isdigit() or int(expiry) * 1000 <= now:
            raise InvalidTokenError("the token has expired")
        return path_of(unquote_plus(resource)).lower(), int(expiry) * 1000


@dataclass(slots=True)
class Claims:
    """What one connection has proved that it may use."""

    clock: Clock
    _expiries: dict[str, int] = field(default_factory=dict)

    def add(self, path: str, expires_at: int) -> None:
        """Allow a path, and all below it, until then."""
        self._expiries[path] = expires_at

    def allow(self, path: str) -> bool:
        """Tell whether a path may be used now."""
        now = self.clock.now()
        return any(
            covers(allowed, path) and expires_at > now
            for allowed, expires_at in self._expiries.items()
        )


def covers(scope: str, path: str) -> bool:
    """Tell whether `path` is `scope` or lies below it."""
    return scope in ("", path) or path.startswith(scope + "/")
