"""The settings of `updateDeviceAccount`: Graph's action parameter, its password by reference.

Source: Microsoft Graph, updateWindowsDeviceAccountActionParameter and the three types of
windowsDeviceAccount. `sessionInitiationProtocalAddress` is really spelt so there.
"""

from typing import Annotated, Any, Literal, Required, TypedDict

from pydantic import Discriminator, Field, StringConstraints, Tag, with_config

from shared.changes.properties import STRICT, Text
from shared.changes.targets import Model

type SecretName = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z-]{1,127}$")]
type SecretVersion = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


@with_config(STRICT)
class SecretReference(TypedDict, total=False):
    """A secret of the configured Key Vault; without `version` its current version is taken."""

    name: Required[SecretName]
    version: SecretVersion


class AzureADAccount(Model):
    """An account of Microsoft Entra ID (or hybrid), named by its user principal name."""

    odata_type: Annotated[
        Literal["#microsoft.graph.windowsDeviceAzureADAccount"] | None, Field(alias="@odata.type")
    ] = None
    userPrincipalName: Annotated[
        str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)
    ]
    passwordSecret: SecretReference


class ADAccount(Model):
    """An account of an Active Directory domain: domainName and userName."""

    odata_type: Annotated[
        Literal["#microsoft.graph.windowsDeviceADAccount"] | None, Field(alias="@odata.type")
    ] = None
    domainName: Text
    userName: Text
    passwordSecret: SecretReference


class BareAccount(Model):
    """The base type: a password without a name, so it cannot change which account is set."""

    odata_type: Annotated[
        Literal["#microsoft.graph.windowsDeviceAccount"], Field(alias="@odata.type")
    ]
    passwordSecret: SecretReference


def account_type(account: Any) -> str:
    """The Graph type of a device account: as said in `@odata.type`, else by its members."""
    if isinstance(account, Model):
        return _TYPE_OF[type(account)]
    members = account if isinstance(account, dict) else {}
    said = str(members.get("@odata.type")).removeprefix("#microsoft.graph.")
    if said in ACCOUNT_TYPES:
        return said
    return ACCOUNT_TYPES[1] if {"domainName", "userName"} & members.keys() else ACCOUNT_TYPES[0]


ACCOUNT_TYPES = ("windowsDeviceAzureADAccount", "windowsDeviceADAccount", "windowsDeviceAccount")
_TYPE_OF: dict[type[Model], str] = dict(
    zip((AzureADAccount, ADAccount, BareAccount), ACCOUNT_TYPES, strict=True)
)

DeviceAccount = Annotated[
    Annotated[AzureADAccount, Tag(ACCOUNT_TYPES[0])]
    | Annotated[ADAccount, Tag(ACCOUNT_TYPES[1])]
    | Annotated[BareAccount, Tag(ACCOUNT_TYPES[2])],
    Discriminator(account_type),
]


@with_config(STRICT)
class DeviceAccountSettings(TypedDict, total=False):
    """All members of Graph's action parameter; one that is absent is not sent."""

    deviceAccount: Required[DeviceAccount]
    passwordRotationEnabled: bool
    calendarSyncEnabled: bool
    deviceAccountEmail: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    exchangeServer: Text
    sessionInitiationProtocalAddress: Text
