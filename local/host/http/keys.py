"""Function keys: who may call what."""

import secrets
from dataclasses import dataclass, field

from aiohttp import web


def _new_key() -> str:
    return secrets.token_urlsafe(40)


@dataclass(frozen=True)
class Keys:
    """The host's default function key and its master key.

    Azure has more (named keys, keys of one function, system keys); one of each level is enough to
    tell who is refused.
    """

    function: str = field(default_factory=_new_key)
    master: str = field(default_factory=_new_key)

    def allows(self, request: web.Request, auth_level: str) -> bool:
        """Whether the request's key is good for a function of this level (any case)."""
        match auth_level.lower():
            case "anonymous":
                return True
            case "admin":
                return _same(_key_of(request), self.master)
            case _:
                key = _key_of(request)
                # Both are always compared, so that time tells nothing about which one was near.
                return any([_same(key, self.function), _same(key, self.master)])


def _key_of(request: web.Request) -> str:
    """The header wins over the query, and of several values the first counts (the .NET host)."""
    header = request.headers.get("x-functions-key")
    return request.query.get("code", "") if header is None else header


def _same(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())
