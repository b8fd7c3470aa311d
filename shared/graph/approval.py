"""Intune's Multi Admin Approval, as its headers say it.

A write to a protected resource asks for an approval with a justification, is answered 412 with a
code, and is carried out when the identical request comes again with that code, once another
administrator has approved it. Source: Microsoft Intune, "Use Multi Admin Approval with the
Microsoft Graph API". Which resources are protected is the tenant's choice and may change at any
time, so every write says why.
"""

import base64

CODE = "x-msft-approval-code"
JUSTIFICATION = "x-msft-approval-justification"
"""The header that asks for an approval; without it Intune refuses and names it."""


def approval_headers(reason: str | None, code: str | None) -> dict[str, str]:
    """The headers of a write that is made for this reason, and of one that was approved."""
    headers: dict[str, str] = {}
    if reason:
        headers[JUSTIFICATION] = base64.b64encode(reason.encode()).decode()
    if code:
        headers[CODE] = code
    return headers
