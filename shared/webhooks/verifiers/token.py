"""Access tokens of Microsoft Entra ID: signature, issuer, audience, time, application, role.

Source: Microsoft identity platform, "Secure applications and APIs by validating claims".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jwt

from shared.webhooks.delivery import Delivery
from shared.webhooks.verifiers.forms import EntraToken
from shared.webhooks.verifiers.ports import SigningKeys
from shared.webhooks.verifiers.verdict import NotConvinced

LEEWAY = 60
"""Seconds that clocks may differ."""
LONGEST = 16 * 1024


async def check_token(
    form: EntraToken, delivery: Delivery, keys: SigningKeys, authority: str
) -> None:
    """Raises NotConvinced, or Transient when the keys cannot be had."""
    scheme, _, token = delivery.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST:
        raise NotConvinced("there is no Authorization header of the scheme Bearer")
    key = await keys.key(
        form.keys or f"{authority}/{form.tenant}/discovery/v2.0/keys", _key_id(token)
    )
    if key is None:
        raise NotConvinced("the token is signed with a key that the tenant does not have")
    try:
        claims = jwt.decode(
            token,
            jwt.PyJWK(dict(key), algorithm="RS256"),
            algorithms=["RS256"],
            audience=list(form.audience),
            issuer=list(_issuers(form.tenant, authority)),
            leeway=LEEWAY,
            options={"require": ["exp", "nbf", "iat", "iss", "aud"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise NotConvinced(f"the token is not good: {type(error).__name__}") from None
    _check_claims(form, claims)


def _key_id(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise NotConvinced("the token is not a JSON Web Token") from None
    key_id = header.get("kid")
    if header.get("alg") != "RS256" or not isinstance(key_id, str):
        raise NotConvinced("the token is not signed with RS256 and a key that it names")
    return key_id


def _issuers(tenant: str, authority: str) -> Iterator[str]:
    """Of v2 and of v1 tokens; which kind it is, the API's registration says."""
    yield f"{authority}/{tenant}/v2.0"
    china = re.search(r"\.chinacloudapi\.cn$", authority)
    yield f"https://sts.{'chinacloudapi.cn' if china else 'windows.net'}/{tenant}/"


def _check_claims(form: EntraToken, claims: Mapping[str, Any]) -> None:
    if claims.get("tid") != form.tenant:
        raise NotConvinced("the token is of another tenant")
    if "scp" in claims:
        raise NotConvinced("the token is that of a person, not of an application")
    if claims.get("azp", claims.get("appid")) not in form.applications:
        raise NotConvinced("the application is not one of those that may send")
    roles = claims.get("roles")
    if not isinstance(roles, list) or form.role not in roles:
        raise NotConvinced("the application does not hold the role")
