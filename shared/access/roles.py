"""What callers may do, by the roles of the API that Microsoft Entra ID gave them.

App Service checks a caller's token before a request gets here, and tells what is in it in a header
that it takes away from whatever comes from outside ("Access user claims in app code"). The roles
are those of infra/graph/api.bicep.
"""

import base64
import json
from collections.abc import Callable, Collection
from typing import Any

from shared.changes.problems import Problem, RequestRefused

HEADER = "x-ms-client-principal"
SUBMIT, OPERATE = "Changes.Submit", "Changes.Operate"

SOURCES: Collection[str] = (SUBMIT, OPERATE)
"""Who may ask for changes and see what became of them."""
OPERATORS: Collection[str] = (OPERATE,)
"""Who may do everything."""
ANYBODY: Collection[str] = ()
"""Senders that prove themselves in another way."""


def require(wanted: Collection[str], principal: str | None) -> None:
    """Let a caller pass that has one of the roles. Raises RequestRefused (403)."""
    if wanted and not roles_of(principal) & set(wanted):
        detail = f"It takes the app role {' or '.join(wanted)} of the API in Microsoft Entra ID."
        raise RequestRefused(403, [Problem("role-missing", "", detail)])


def application_of(principal: str | None) -> str | None:
    """The id of the application in the header; None where it is missing or unreadable."""
    return next(iter(_claims(principal, lambda _: {"azp", "appid"})), None)


def roles_of(principal: str | None) -> frozenset[str]:
    """The roles in the header; none where it is missing or unreadable."""
    return _claims(principal, lambda told: {"roles", told.get("role_typ")})


def _claims(
    principal: str | None, kinds_in: Callable[[dict[str, Any]], Collection[object]]
) -> frozenset[str]:
    """The values of the claims of some kinds."""
    try:
        told = json.loads(base64.b64decode(principal or "", validate=True))
        kinds = kinds_in(told)
        return frozenset(str(claim["val"]) for claim in told["claims"] if claim.get("typ") in kinds)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return frozenset()
