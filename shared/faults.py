"""What a call to the outside can end in, as decisions.

Fault
├── Permanent         the same call will fail again: the change fails
│   ├── TokenRefused      … unless it is sent with a new token
│   └── NeedsApproval     … unless another administrator approves it
└── Transient         try again after a delay; `in_doubt` when the write may have happened
"""


class Fault(Exception):
    """A call that did not succeed. `code` is stable; `detail` is for people and holds no secret."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__()
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class Permanent(Fault):
    """Repeating the call changes nothing."""


class TokenRefused(Permanent):
    """The token was not accepted. Nothing happened; a new token may be accepted."""


class NeedsApproval(Permanent):
    """Intune's Multi Admin Approval holds the call back. Nothing happened.

    `approval_code` is what the identical call has to carry once it is approved; None when Intune
    has not made a request for approval.
    """

    def __init__(self, detail: str, approval_code: str | None) -> None:
        super().__init__("needs-approval", detail)
        self.approval_code = approval_code


class Transient(Fault):
    """The call may succeed later.

    `retry_after` is what the other side asked for, in seconds. `in_doubt` says that the effect
    may have happened although no success was reported: a timeout, a dropped connection, a
    gateway's error. `most_attempts` is for what seldom passes: so many tries of a step, the first
    included, may end in it. `waits` says that nothing was tried: it counts as no attempt.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        retry_after: float | None = None,
        in_doubt: bool = False,
        most_attempts: int | None = None,
        waits: bool = False,
    ) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after
        self.in_doubt = in_doubt
        self.most_attempts = most_attempts
        self.waits = waits
