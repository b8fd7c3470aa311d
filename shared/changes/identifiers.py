"""The values that name a device, a user or what lies on the way to them."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

NO_DEVICE = "00000000-0000-0000-0000-000000000000"
"""What Intune reports in place of the device id of a device that the directory does not have."""

_GUID = "[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_UPN = r"[0-9a-zA-Z'._!#^~-]+@[0-9a-zA-Z.-]+"


def _is_a_device(value: str) -> str:
    if value == NO_DEVICE:
        raise PydanticCustomError("no_device", "Any device that is not in Entra ID has this id.")
    return value


def _is_a_name(value: str) -> str:
    """What Graph compares as it stands."""
    if value != value.strip():
        raise PydanticCustomError("name_value", "A name has no blanks around it.")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise PydanticCustomError("name_value", "A name has no control characters.")
    return value


Guid = Annotated[str, StringConstraints(pattern=f"^{_GUID}$", to_lower=True)]
DeviceId = Annotated[Guid, AfterValidator(_is_a_device)]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z][0-9a-zA-Z:_.-]{0,254}$")]
"""An id that Graph documents as an opaque text: of a run state (often two GUIDs), of an app."""
UserKey = Annotated[
    str, StringConstraints(pattern=f"^({_GUID}|{_UPN})$", to_lower=True, max_length=320)
]
"""The object id of a user or the user principal name, in the characters that Entra allows."""
UserPrincipalName = Annotated[
    str, StringConstraints(pattern=f"^{_UPN}$", to_lower=True, max_length=320)
]
AccountName = Annotated[
    str,
    StringConstraints(
        pattern=(
            r"^([0-9a-zA-Z'._!#^~-]{1,64}@[0-9a-zA-Z.-]{1,255}"
            r"|[0-9a-zA-Z.-]{1,255}\\[0-9a-zA-Z'._!#$^~-]{1,64})$"
        )
    ),
]
r"""The name of a device account: a user principal name, or domain\user."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=256), AfterValidator(_is_a_name)]
"""A text that people or manufacturers chose.

Never empty: Intune takes a filter for nothing as none at all.
"""
Imei = Annotated[str, StringConstraints(pattern="^[0-9]{14,16}$")]
