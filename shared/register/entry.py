"""A row of the register with what is known of its rotations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.register.document import DeviceAccountDocument, secret_name_of


class EntryState(StrEnum):
    """What became of the last rotation of an account."""

    NEW = "new"
    """Never rotated by Sluice."""
    QUEUED = "queued"
    """A rotation is accepted and has not ended."""
    VERIFIED = "verified"
    REVERSED = "reversed"
    """The previous password is in force again."""
    FAILED = "failed"
    """The rotation failed before anything was changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One device account. `due` is when its next rotation may begin; None: on request only.

    `scheduled` is when it was to begin by its schedule: behind a rotation that failed, `due` is
    the next try, and `scheduled` stays where it was until one is verified.

    `operation` is the id of the rotation that is under way, or of the last one. `etag` is the
    store's version, None before the first write.
    """

    id: str
    document: DeviceAccountDocument
    state: EntryState
    due: datetime | None
    scheduled: datetime | None = None
    operation: str | None = None
    verified_at: datetime | None = None
    ended_at: datetime | None = None
    """When the last rotation ended, however it did."""
    detail: str = ""
    """Why the last rotation did not end verified; a code."""
    etag: str | None = None

    @property
    def under_way(self) -> bool:
        """Whether a rotation was asked for and has not ended."""
        return self.state is EntryState.QUEUED

    @property
    def secret_name(self) -> str:
        """The secret that holds the verified password, and its older versions."""
        return self.document.secretName or secret_name_of(self.document.account)


def entry_id(account: str) -> str:
    """The id of an account in URLs and table keys, which take neither a backslash nor a "#"."""
    return account.lower().replace("\\", "!").replace("#", "=")
