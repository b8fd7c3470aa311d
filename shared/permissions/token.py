"""The permissions that an access token of our own holds.

Clients are not meant to look into access tokens, and nothing here trusts what it finds: it explains
to people why Graph refuses. The signature is Graph's to check.
"""

import base64
import json
from typing import Any


class NotOurToken(Exception):
    """The token is not readable, or one of a person, whose permissions are another matter."""


def roles_of(token: str) -> frozenset[str]:
    """The application permissions in a token, claim `roles`. Raises NotOurToken."""
    claims = _claims(token)
    if "scp" in claims:
        raise NotOurToken("The token is that of a signed-in person, not of the managed identity.")
    roles = claims.get("roles", [])
    if not isinstance(roles, list):
        raise NotOurToken("The roles in the token are no list.")
    return frozenset(role for role in roles if isinstance(role, str))


def _claims(token: str) -> dict[str, Any]:
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        raise NotOurToken("The token is not a JSON Web Token.")
    return claims
