"""Whether the password of an account may be rotated, and whether a device is what it is said to be.

All functions raise Permanent with the reason.
"""

from shared.faults import Permanent
from shared.register.document import DeviceAccountDocument
from shared.rotation.families import FAMILIES
from shared.rotation.ports import Device, DirectoryAccount


def require_cloud_name(document: DeviceAccountDocument) -> None:
    """The account has a name of Microsoft Entra ID."""
    if "\\" in document.account:
        detail = "It is an account of an Active Directory domain, whose passwords Graph cannot set."
        raise Permanent("account-not-in-entra", detail)


def require_rotatable(account: DirectoryAccount) -> None:
    """The account is one whose password Sluice may set."""
    if account.synced:
        detail = "It is synchronised from Active Directory; its password has to be set there."
        raise Permanent("account-synced", detail)
    if not account.enabled:
        raise Permanent("account-disabled", "The account is disabled in the directory.")
    if account.has_roles:
        detail = "It holds a directory role; a device account must not. Take the role away first."
        raise Permanent("account-has-roles", detail)


def require_family(document: DeviceAccountDocument, device: Device) -> None:
    """The device can be of the family that the register says."""
    if objection := FAMILIES[document.family].objection(device):
        detail = f"The device {device.id} is not of the family {document.family}: {objection}"
        raise Permanent("device-of-another-family", detail)
