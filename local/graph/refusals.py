"""Refusals, and how the two services behind Graph word them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Service(StrEnum):
    """Which service behind Graph answers: they differ in error bodies, quotas and rules."""

    DIRECTORY = "directory"
    INTUNE = "intune"


_CODES = {
    Service.DIRECTORY: {
        400: "Request_BadRequest",
        401: "InvalidAuthenticationToken",
        403: "Authorization_RequestDenied",
        404: "Request_ResourceNotFound",
        409: "Directory_ConcurrencyViolation",
        429: "TooManyRequests",
        500: "InternalServerError",
        503: "ServiceUnavailable",
        504: "GatewayTimeout",
    },
    Service.INTUNE: {
        400: "BadRequest",
        401: "InvalidAuthenticationToken",
        403: "Forbidden",
        404: "ResourceNotFound",
        429: "TooManyRequests",
        500: "InternalError",
        503: "ServiceUnavailable",
        504: "GatewayTimeout",
    },
}

UNAUTHORIZED = 401
NO_PRIVILEGE = "Insufficient privileges to complete the operation."


@dataclass
class RefusalError(Exception):
    """A request that Graph answers with an error; `code` defaults to the service's usual one."""

    status: int
    message: str
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ids:
    """The identifiers of one exchange, which Graph repeats in headers and errors."""

    request: str
    client: str


def error_body(refusal: RefusalError, service: Service, ids: Ids) -> dict[str, object]:
    """Return the error object; what Intune itself refuses has JSON in its `message`.

    Shapes: https://learn.microsoft.com/graph/errors, and what Intune really sends.
    """
    code = refusal.code or _CODES[service].get(refusal.status, "UnknownError")
    # A bad token or a malformed request never gets as far as Intune.
    by_intune = (
        service is Service.INTUNE and refusal.code is None and refusal.status != UNAUTHORIZED
    )
    message = _intune_message(refusal.message, ids) if by_intune else refusal.message
    return {
        "error": {
            "code": code,
            "message": message,
            "innerError": {
                "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
                "request-id": ids.request,
                "client-request-id": ids.client,
            },
        }
    }


def _intune_message(message: str, ids: Ids) -> str:
    text = (
        f"{message} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000"
        f" - Activity ID: {ids.client} - Url: https://fef.amsub0102.manage.microsoft.com/"
        "DeviceFE/StatelessDeviceFEService"
    )
    return json.dumps(
        {
            "_version": 3,
            "Message": text,
            "CustomApiErrorPhrase": "",
            "RetryAfter": None,
            "ErrorSourceService": "",
            "HttpHeaders": "{}",
        }
    )
