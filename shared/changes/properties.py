"""What may be set on a device, and why the rest may not.

Bodies stay plain dicts with exactly the members that were sent: an absent member is left alone,
an explicit null clears. Sources: Microsoft Graph, "Update device" and "Update managedDevice", and
the CSDL annotations of both types.
"""

from typing import Annotated, Any, Literal, TypedDict

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, with_config
from pydantic_core import PydanticCustomError

type Text = Annotated[str, StringConstraints(min_length=1, max_length=1024)]

STRICT = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


def _sets_something[Body: dict[str, Any]](body: Body) -> Body:
    if not body:
        raise PydanticCustomError("nothing_to_set", "Name at least one property to set.")
    return body


SETS_SOMETHING = AfterValidator(_sets_something)


@with_config(STRICT)
class ExtensionAttributes(TypedDict, total=False):
    """Fifteen free texts of an Entra device; null clears one."""

    extensionAttribute1: Text | None
    extensionAttribute2: Text | None
    extensionAttribute3: Text | None
    extensionAttribute4: Text | None
    extensionAttribute5: Text | None
    extensionAttribute6: Text | None
    extensionAttribute7: Text | None
    extensionAttribute8: Text | None
    extensionAttribute9: Text | None
    extensionAttribute10: Text | None
    extensionAttribute11: Text | None
    extensionAttribute12: Text | None
    extensionAttribute13: Text | None
    extensionAttribute14: Text | None
    extensionAttribute15: Text | None


@with_config(STRICT)
class DeviceProperties(TypedDict, total=False):
    """What an application may write on an Entra device.

    On devices that do not run Windows an application may write extensionAttributes only.
    """

    accountEnabled: bool
    displayName: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    operatingSystem: Text
    operatingSystemVersion: Text
    extensionAttributes: Annotated[ExtensionAttributes, SETS_SOMETHING]


@with_config(STRICT)
class ManagedDeviceProperties(TypedDict, total=False):
    """What an application may write on an Intune managed device; BETA_ONLY names what in beta.

    `managedDeviceName` is the name in Intune; it does not rename the operating system. Nobody but
    Intune writes the owner `unknown`. `roleScopeTagIds` replaces all of them, in no order.
    """

    managedDeviceName: Text | None
    managedDeviceOwnerType: Literal["company", "personal"]
    notes: Annotated[str, StringConstraints(min_length=1, max_length=8192)] | None
    ownerType: Literal["company", "personal"]
    roleScopeTagIds: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")]],
        Field(min_length=1, max_length=100),
    ]


_INTUNE_REPORTS = "Intune reports it; it cannot be written."

UNWRITABLE: dict[str, dict[str, str]] = {
    "patchDevice": {
        "id": "It identifies the device; name it in target.",
        "deviceId": "It identifies the device; name it in target.",
        "isCompliant": "Only Intune or an approved MDM app may write it.",
        "isManaged": "Only Intune or an approved MDM app may write it.",
        **dict.fromkeys(
            ("deviceCategory", "deviceOwnership", "isRooted", "managementType"),
            "Intune owns it in the directory.",
        ),
    },
    "patchManagedDevice": {
        "id": "It identifies the device; name it in target.",
        "enrollmentType": "It no longer exists; deviceEnrollmentType is read-only.",
        "deviceCategory": "It is a relation, not a property of this request.",
        **dict.fromkeys(
            (
                "userId deviceName hardwareInformation deviceActionResults managementState "
                "enrolledDateTime lastSyncDateTime chassisType operatingSystem deviceType "
                "complianceState jailBroken managementAgent osVersion easActivated easDeviceId "
                "easActivationDateTime aadRegistered lostModeState activationLockBypassCode "
                "emailAddress azureActiveDirectoryDeviceId azureADDeviceId azureADRegistered "
                "deviceRegistrationState deviceCategoryDisplayName isSupervised "
                "exchangeLastSuccessfulSyncDateTime exchangeAccessState "
                "exchangeAccessStateReason remoteAssistanceSessionUrl isEncrypted "
                "userPrincipalName userDisplayName model manufacturer imei meid serialNumber "
                "phoneNumber wiFiMacAddress ethernetMacAddress deviceEnrollmentType "
                "complianceGracePeriodExpirationDateTime freeStorageSpaceInBytes "
                "totalStorageSpaceInBytes"
            ).split(),
            _INTUNE_REPORTS,
        ),
    },
}
"""Per operation: properties that exist and cannot be written, each with the reason."""

BETA_ONLY: dict[str, dict[str, str]] = {
    "patchManagedDevice": {
        "ownerType": "It exists in beta only; set managedDeviceOwnerType, or say version beta.",
        "roleScopeTagIds": "It exists in beta only; say version beta.",
    }
}
"""Per operation: properties that only a route in beta can write, with what to do."""
