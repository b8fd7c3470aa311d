"""What a change is on Graph, as the steps of a change need it: read, write, judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from shared.changes.known_as import KnownAs
from shared.changes.operation import GraphCall, Json, Submission
from shared.faults import Permanent
from shared.graph.way import Way


class Verdict(Enum):
    """What a reading says about a write."""

    ABSENT = auto()
    """No trace of it."""
    RUNNING = auto()
    """It was taken and is not done yet."""
    CONFIRMED = auto()
    REFUSED = auto()
    """The device reported that it did not do it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The part of the target that the change is about, as it is now.

    `values` are recorded as before or after. `marker` tells this state from a later one where
    values cannot. `code` and `detail` explain a refusal.
    """

    values: Json
    marker: str | None = None
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SecretCheck:
    """Whether a secret that a write needs can be read: why not, in `refusal`. Never its value."""

    name: str
    version: str | None
    refusal: Permanent | None = None


class Effect(Protocol):
    """One change on Graph. All methods raise Fault."""

    way: Way
    checks_at_once: bool
    """Whether a read-back right after the write can confirm it."""
    settle_seconds: float
    """How long a write in doubt is given to show before it is sent again."""
    calls: list[GraphCall]
    """The calls made so far, oldest first."""
    sent: Json
    """The last write as it was sent, a password by the version of its secret."""

    async def device(self) -> str | None:
        """The address of the device or user behind the target, see `shared.changes.addresses`.

        None when Graph tells no more than the target does.
        """

    async def known_as(self) -> KnownAs:
        """The ids and names that Graph knows the target by."""

    async def read(self) -> Reading:
        """Read the target now."""

    def needed(self, reading: Reading) -> Json:
        """What has to be written; empty when the target is so already. Raises Permanent."""

    async def check_secret(self) -> SecretCheck | None:
        """Whether the secret that the write needs can be read now; None when it needs none."""

    async def write(self, needed: Json, approval_code: str | None = None) -> None:
        """Send the write, once, with the code of its approval where there is one.

        Raises NeedsApproval where Graph wants one.
        """

    def judge(self, submission: Submission, reading: Reading) -> Verdict:
        """Whether the reading proves that the write took effect."""


class Graph(Protocol):
    """Makes the effect of a canonical request."""

    async def target(self, request: Mapping[str, Any], calls: list[GraphCall]) -> Json:
        """The target in the members of its route, looked up where the request names it.

        Every answered call is appended to `calls`. Raises Fault; Permanent `target-not-found`,
        `target-ambiguous` and `identifiers-disagree`.
        """

    def effect(self, request: Mapping[str, Any]) -> Effect:
        """The effect of this request, whose target is in the members of its route."""
