"""The access tokens a service of Microsoft accepts: signed by the issuer it knows, for itself."""

from dataclasses import dataclass

import aiohttp
import jwt

_SCHEME = "Bearer "


class TokenRefusedError(Exception):
    """The request carries no acceptable token; the message is the one Microsoft's services give."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as the token says."""

    app_id: str
    roles: frozenset[str]


class TokenChecker:
    """Checks signature, audience and life time of bearer tokens against a published key set."""

    def __init__(self, key_set: str, audience: str) -> None:
        self._key_set = key_set
        self._audience = audience
        self._keys: dict[str, jwt.PyJWK] = {}

    async def check(self, authorization: str) -> Caller:
        """Return who calls.

        Raises TokenRefusedError when there is no token, or one that is malformed, signed by
        somebody else, expired or meant for another audience.
        """
        if not authorization.startswith(_SCHEME):
            raise TokenRefusedError("Access token is empty.")
        token = authorization.removeprefix(_SCHEME)
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid", ""))
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audience,
                options={"require": ["exp", "nbf", "aud", "iss"]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenRefusedError("Lifetime validation failed, the token is expired.") from None
        except jwt.InvalidAudienceError:
            raise TokenRefusedError("Access token validation failure. Invalid audience.") from None
        except jwt.PyJWTError:
            raise TokenRefusedError("Access token validation failure.") from None
        return Caller(claims.get("appid", ""), frozenset(claims.get("roles", ())))

    async def _key(self, kid: str) -> jwt.PyJWK:
        # The issuer makes new keys at each start, so an unknown key is a reason to look again.
        if kid not in self._keys:
            async with aiohttp.ClientSession() as http, http.get(self._key_set) as answer:
                published = jwt.PyJWKSet.from_dict(await answer.json())
            self._keys = {key.key_id: key for key in published.keys if key.key_id}
        if kid not in self._keys:
            raise TokenRefusedError("Access token validation failure. Unknown signing key.")
        return self._keys[kid]
