"""The REST operations on secrets: https://learn.microsoft.com/rest/api/keyvault/secrets."""

import re
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from .refusals import bad_parameter
from .safe import Safe
from .secret import Secret, SetParameters, UpdateParameters, Version

_DAY = 86_400
_RECOVERABLE_DAYS = 90
_LARGEST_PAGE = 25
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")


class Handlers:
    """One function for each operation; each returns the body of the answer, None for 204."""

    def __init__(self, safe: Safe) -> None:
        self._safe = safe

    async def set(self, request: web.Request) -> dict[str, Any]:
        """PUT /secrets/{name}."""
        given = await _parse(request, SetParameters)
        return _bundle(request, _name(request), self._safe.set(_name(request), given))

    async def get(self, request: web.Request) -> dict[str, Any]:
        """GET /secrets/{name}/{version}."""
        version = self._safe.get(_name(request), _version(request))
        return _bundle(request, _name(request), version)

    async def update(self, request: web.Request) -> dict[str, Any]:
        """PATCH /secrets/{name}/{version}: answers no value."""
        given = await _parse(request, UpdateParameters)
        version = self._safe.update(_name(request), _version(request), given)
        address = _address(request, "secrets", _name(request), version.id)
        return version.shown(address, with_value=False)

    async def find(self, request: web.Request) -> dict[str, Any]:
        """GET /secrets: every secret without version and value."""
        items = [
            one.versions[-1].shown(_address(request, "secrets", one.name), with_value=False)
            for one in self._safe.all(deleted=False)
        ]
        return _page(request, items)

    async def find_versions(self, request: web.Request) -> dict[str, Any]:
        """GET /secrets/{name}/versions."""
        secret = self._safe.secret(_name(request))
        items = [
            version.shown(_address(request, "secrets", secret.name, version.id), with_value=False)
            for version in secret.versions
        ]
        return _page(request, items)

    async def delete(self, request: web.Request) -> dict[str, Any]:
        """DELETE /secrets/{name}."""
        secret = self._safe.delete(_name(request))
        return _deleted(request, secret, secret.versions[-1].id)

    async def find_deleted(self, request: web.Request) -> dict[str, Any]:
        """GET /deletedsecrets."""
        deleted = self._safe.all(deleted=True)
        return _page(request, [_deleted(request, one) for one in deleted])

    async def get_deleted(self, request: web.Request) -> dict[str, Any]:
        """GET /deletedsecrets/{name}."""
        secret = self._safe.deleted_secret(_name(request))
        return _deleted(request, secret, secret.versions[-1].id)

    async def recover(self, request: web.Request) -> dict[str, Any]:
        """POST /deletedsecrets/{name}/recover."""
        secret = self._safe.recover(_name(request))
        address = _address(request, "secrets", secret.name, secret.versions[-1].id)
        return secret.versions[-1].shown(address, with_value=False)

    async def purge(self, request: web.Request) -> None:
        """DELETE /deletedsecrets/{name}."""
        self._safe.purge(_name(request))


async def _parse[B: BaseModel](request: web.Request, model: type[B]) -> B:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise bad_parameter(f"Property {path} has invalid value.") from None


def _name(request: web.Request) -> str:
    name = request.match_info["name"]
    if not _NAME.fullmatch(name):
        raise bad_parameter(f"The request URI contains an invalid name: {name}")
    return name


def _version(request: web.Request) -> str:
    return request.match_info.get("version", "")


def _address(request: web.Request, *segments: str) -> str:
    return f"{request.url.origin()}/{'/'.join(segments)}"


def _bundle(request: web.Request, name: str, version: Version) -> dict[str, Any]:
    return version.shown(_address(request, "secrets", name, version.id), with_value=True)


def _deleted(request: web.Request, secret: Secret, *segments: str) -> dict[str, Any]:
    deleted = secret.deleted or 0
    address = _address(request, "secrets", secret.name, *segments)
    return secret.versions[-1].shown(address, with_value=False) | {
        "recoveryId": _address(request, "deletedsecrets", secret.name),
        "deletedDate": deleted,
        "scheduledPurgeDate": deleted + _RECOVERABLE_DAYS * _DAY,
    }


def _page(request: web.Request, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    try:
        size = int(request.query.get("maxresults", _LARGEST_PAGE))
        start = int(request.query.get("$skiptoken", 0))
    except ValueError:
        raise bad_parameter("maxresults or $skiptoken is not a number.") from None
    if not 1 <= size <= _LARGEST_PAGE:
        raise bad_parameter("maxresults must be between 1 and 25.")
    end = start + size
    more = str(request.url.update_query({"$skiptoken": end})) if end < len(items) else None
    return {"value": items[start:end], "nextLink": more}
