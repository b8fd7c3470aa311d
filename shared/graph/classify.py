"""What an error answer of Graph means.

Sources: Microsoft Graph, "Error responses" and "Throttling guidance"; Microsoft Intune, "Use Multi
Admin Approval with the Microsoft Graph API". Intune's errors carry a JSON document in their
message.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from shared.faults import Fault, NeedsApproval, Permanent, TokenRefused, Transient
from shared.graph.approval import CODE, JUSTIFICATION
from shared.graph.errors import read_object
from shared.retry_after import retry_after

LONGEST_DETAIL = 500

_NO_EFFECT = frozenset({412, 423, 429})
"""Worth trying again, and the request was not carried out."""
_MOST_ATTEMPTS = {423: 4, 500: 3}
"""Of a step that ends so: a lock that stays is no passing one, and Intune says 500 to bad input."""
_PERMANENT_SERVER_ERRORS = frozenset({501, 505})
_TRANSIENT_CONFLICT = "Directory_ConcurrencyViolation"
_CODE = re.compile(r"[\w.~+/=-]{1,128}", re.ASCII)
_BAD_PASSWORD = re.compile(
    r"password.*(comply|complexity|weak|strong|banned|guess|used before|history)", re.IGNORECASE
)
"""Seen: "The specified password does not comply with password complexity requirements."."""
PASSWORD_REJECTED = "password-rejected"  # noqa: S105  a code, no password
_NO_ROUTE = re.compile(r"No OData route exists|No method match route template", re.IGNORECASE)
_NOISE = re.compile(
    r"(?:\s*-\s*Url:\s*)?https?://\S+|\s*-\s*Operation ID \(for customer support\): [0-9a-f-]+",
    re.IGNORECASE,
)
"""Addresses hold ids and names; Intune's operation id is all zeros, its activity id is not."""


def classify(
    status: int, code: str | None, message: str | None, headers: Mapping[str, str], now: datetime
) -> Fault:
    """The fault that an answer with this status and error stands for.

    `headers` are named in lower case, or in any case by a mapping that does not mind.
    """
    nested = read_object(message or "")
    text = str(nested.get("Message") or nested.get("message") or message or "")
    if phrase := nested.get("CustomApiErrorPhrase"):
        text = f"{phrase}: {text}"
    detail = " ".join(_NOISE.sub("", text).split())[:LONGEST_DETAIL] or "Graph gave no message."
    name = f"graph-{status}" + (f"-{code}" if code and code.isidentifier() else "")
    if status == 400 and _NO_ROUTE.search(text):  # noqa: PLR2004
        # In our words: Graph's repeat the path, which may hold a person's name.
        return Permanent("route-not-served", "Graph does not serve this route.")
    if status == 400 and _BAD_PASSWORD.search(text):  # noqa: PLR2004
        return Permanent(PASSWORD_REJECTED, "The directory's password policy refuses the password.")
    if held := _held_back(status, detail, headers):
        return held
    if status == 401:  # noqa: PLR2004
        return TokenRefused(name, detail)
    in_doubt = _may_have_happened(status)
    conflict = status == 409 and code == _TRANSIENT_CONFLICT  # noqa: PLR2004
    if in_doubt or conflict or status in _NO_EFFECT:
        asked = retry_after(headers.get("retry-after"), now)
        if asked is None and nested.get("RetryAfter") is not None:
            asked = retry_after(str(nested["RetryAfter"]), now)
        most = _MOST_ATTEMPTS.get(status)
        return Transient(name, detail, retry_after=asked, in_doubt=in_doubt, most_attempts=most)
    return Permanent(name, detail)


def _may_have_happened(status: int) -> bool:
    """Answers that a gateway may give for a request that was carried out behind it."""
    return status == 408 or (status >= 500 and status not in _PERMANENT_SERVER_ERRORS)  # noqa: PLR2004


def _held_back(status: int, detail: str, headers: Mapping[str, str]) -> NeedsApproval | None:
    """Multi Admin Approval: 412 with a code once it was asked for, 400 or 403 until then."""
    approval = headers.get(CODE, "")
    if status == 412 and _CODE.fullmatch(approval):  # noqa: PLR2004
        wanted = f"An administrator has to approve this in Intune; its approval code is {approval}."
        return NeedsApproval(wanted, approval)
    if status in {400, 403} and JUSTIFICATION in detail.lower():
        wanted = (
            "Intune lets this happen only with another administrator's approval, which is asked "
            "for with the reason of the change."
        )
        return NeedsApproval(wanted, None)
    return None
