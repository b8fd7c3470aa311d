"""The canonical change request: every way in ends in one of these."""

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared.changes.device_account import ACCOUNT_TYPES, DeviceAccountSettings
from shared.changes.document import read_document
from shared.changes.problems import PathPart, Problem, pointer
from shared.changes.properties import (
    SETS_SOMETHING,
    UNWRITABLE,
    DeviceProperties,
    ManagedDeviceProperties,
)
from shared.changes.targets import (
    AccountTarget,
    EntraDeviceTarget,
    ManagedDeviceTarget,
    Model,
    RegisteredAccount,
    UserTarget,
)
from shared.changes.times import Instant
from shared.changes.user_properties import UNWRITABLE_USER, UserProperties
from shared.changes.validation import problem_at, refused

type Line = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Ticket(Model):
    """Where the wish came from, for people and for the way back."""

    source: Line
    id: Line
    number: Line | None = None


type PlanHash = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")]


class Request(Model):
    """What every request may say beside its operation and target."""

    notBefore: Instant | None = None
    notAfter: Instant | None = None
    reason: Annotated[str, StringConstraints(max_length=1024)] | None = None
    ticket: Ticket | None = None

    @model_validator(mode="after")
    def _window_opens_before_it_closes(self) -> Self:
        if self.notBefore and self.notAfter and self.notBefore >= self.notAfter:
            raise PydanticCustomError("contradictory_window", "notBefore must be before notAfter.")
        return self


class Common(Request):
    """What a request for one write may say beside its operation, target and set.

    `version` is that of Graph, where the route of the target exists in both. Routes that
    Microsoft's description of Graph does not have are taken only with `allowUnofficialRoute`, or
    exchanged for the official one with `rewriteToOfficialRoute`, where the target tells enough.
    `dryRun` asks for the plan instead of the change. With `plan`, the hash of one, the change is
    made as planned or not at all.
    """

    version: Literal["v1.0", "beta"] | None = None
    allowUnofficialRoute: bool = False
    rewriteToOfficialRoute: bool = False
    dryRun: bool = False
    plan: PlanHash | None = None


class PatchDevice(Common):
    """Change properties of an Entra device: PATCH devices/{id} or devices(deviceId='…')."""

    operation: Literal["patchDevice"]
    target: EntraDeviceTarget
    set: Annotated[DeviceProperties, SETS_SOMETHING]


class PatchManagedDevice(Common):
    """Change properties of an Intune device: PATCH deviceManagement/managedDevices/{id}."""

    operation: Literal["patchManagedDevice"]
    target: ManagedDeviceTarget
    set: Annotated[ManagedDeviceProperties, SETS_SOMETHING]


class UpdateDeviceAccount(Common):
    """Set the account of a Windows device: POST …/{id}/updateWindowsDeviceAccount."""

    operation: Literal["updateDeviceAccount"]
    target: AccountTarget
    set: DeviceAccountSettings


class PatchUser(Common):
    """Change properties of a user: PATCH users/{id}."""

    operation: Literal["patchUser"]
    target: UserTarget
    set: Annotated[UserProperties, SETS_SOMETHING]


class RotateDeviceAccount(Request):
    """Give a registered device account a new password, in the vault, the directory and its devices.

    A rotation has no plan: its steps follow from the register.
    """

    operation: Literal["rotateDeviceAccount"]
    target: RegisteredAccount
    dryRun: Literal[False] = False


type ChangeRequest = (
    PatchDevice | PatchManagedDevice | UpdateDeviceAccount | PatchUser | RotateDeviceAccount
)

REQUEST: TypeAdapter[ChangeRequest] = TypeAdapter(
    Annotated[ChangeRequest, Field(discriminator="operation")]
)

OPERATIONS = (
    "patchDevice",
    "patchManagedDevice",
    "updateDeviceAccount",
    "patchUser",
    "rotateDeviceAccount",
)

_UNION = {
    "union_tag_not_found": ("missing-member", "The member is required."),
    "union_tag_invalid": ("unknown-operation", f"Known operations: {', '.join(OPERATIONS)}."),
}


def read_request(body: bytes) -> ChangeRequest:
    """The change request that `body` holds.

    Raises RequestRefused with the problems found, see `read_document` for the status.
    """
    document = read_document(body)
    try:
        return REQUEST.validate_json(body)
    except ValidationError as error:
        raise refused(error, lambda fault: _problem(document, fault)) from None


NOT_WRITABLE = {**UNWRITABLE, "patchUser": UNWRITABLE_USER}
"""Per operation: properties that exist and cannot be written, each with the reason."""
_ACCOUNT = ("set", "deviceAccount")
_ONE_KIND_OF_TARGET = "rotateDeviceAccount"


def canonical(request: ChangeRequest) -> dict[str, Any]:
    """The request as plain JSON data: only what was said, in one spelling."""
    return request.model_dump(mode="json", by_alias=True, exclude_unset=True)


def fingerprint(request: ChangeRequest) -> str:
    """The same for requests that ask for the same, whatever their spacing or member order."""
    text = json.dumps(canonical(request), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _problem(document: Any, fault: Any) -> Problem:
    path = _path(fault["loc"])
    operation = document.get("operation") if isinstance(document, dict) else None
    kind = fault["type"]
    if kind in _UNION:
        code, detail = _UNION[kind]
        inside = ("operation",) if not path and isinstance(document, dict) else path
        return Problem(code, pointer(inside), detail)
    if kind == "contradictory_window":
        path = (*path, "notAfter")
    if kind == "extra_forbidden" and path[:1] == ("set",):
        reason = NOT_WRITABLE.get(str(operation), {}).get(str(path[-1]))
        if reason:
            return Problem("property-not-writable", pointer(path), reason)
    return problem_at(path, fault)


def _path(location: tuple[PathPart, ...]) -> tuple[PathPart, ...]:
    """pydantic's location without the tags it puts first and behind each member of many types."""
    path = location[1:]
    if path[:1] == ("target",) and location[0] != _ONE_KIND_OF_TARGET:
        return (*path[:1], *path[2:])
    tag = len(_ACCOUNT)
    if path[:tag] == _ACCOUNT and path[tag : tag + 1] and path[tag] in ACCOUNT_TYPES:
        return (*_ACCOUNT, *path[tag + 1 :])
    return path
