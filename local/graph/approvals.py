"""Multi Admin Approval: https://learn.microsoft.com/intune/fundamentals/role-based-access-control.

A write to a protected path asks for an approval with its justification and is answered 412 with a
code. Once that is approved, the identical write with the code passes, one time.
"""

import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .refusals import RefusalError

CODE, JUSTIFICATION = "x-msft-approval-code", "x-msft-approval-justification"


@dataclass(slots=True)
class Asked:
    """One request for an approval: what for, by a digest, and whether somebody approved it."""

    what: str
    approved: bool = False


class Approvals:
    """The access policies of a tenant, and the approvals under way."""

    def __init__(self) -> None:
        self._protected: list[str] = []
        self._asked: dict[str, Asked] = {}
        self._numbers = itertools.count(1)

    def protect(self, path: str) -> None:
        """Let writes to matching paths happen with an approval only."""
        self._protected.append(path)

    def approve(self, code: str) -> bool:
        """Say yes to a request; false when there is none with that code."""
        asked = self._asked.get(code)
        if asked:
            asked.approved = True
        return asked is not None

    def admit(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Let the write pass, or raise RefusalError: 412 with a new code, 400 without reason."""
        if not any(re.search(protected, path) for protected in self._protected):
            return
        what = hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()
        asked = self._asked.get(headers.get(CODE, ""))
        if asked and asked.approved and asked.what == what:
            del self._asked[headers[CODE]]
            return
        if not headers.get(JUSTIFICATION):
            raise RefusalError(400, f"Header '{JUSTIFICATION}' is required to request approval")
        code = f"approval-{next(self._numbers)}"
        self._asked[code] = Asked(what)
        raise RefusalError(412, "The request needs an approval.", headers={CODE: code})
