"""The parameter of `updateWindowsDeviceAccount`.

https://learn.microsoft.com/graph/api/resources/intune-devices-updatewindowsdeviceaccountactionparameter.
The member `sessionInitiationProtocalAddress` is really spelt like that.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic.alias_generators import to_camel

from local.standins.journal import digest

from .accounts import DeviceAccount
from .bodies import parse

_BODY = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel, hide_input_in_errors=True)


class _PlainAccount(BaseModel):
    model_config = _BODY
    odata_type: str | None = Field(None, alias="@odata.type")
    password: str | None = None

    @property
    def name(self) -> str | None:
        return None


class _DirectoryAccount(_PlainAccount):
    domain_name: str | None = None
    user_name: str | None = None

    @property
    def name(self) -> str | None:
        return f"{self.domain_name}\\{self.user_name}" if self.user_name else None


class _EntraAccount(_PlainAccount):
    user_principal_name: str | None = None

    @property
    def name(self) -> str | None:
        return self.user_principal_name


def _subtype(account: object) -> str:
    named = account.get("@odata.type") if isinstance(account, Mapping) else None
    return str(named or "windowsDeviceAccount").removeprefix("#").removeprefix("microsoft.graph.")


def _without_annotations(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {name: member for name, member in value.items() if name != "@odata.type"}


type _Account = Annotated[
    Annotated[_PlainAccount, Tag("windowsDeviceAccount")]
    | Annotated[_DirectoryAccount, Tag("windowsDeviceADAccount")]
    | Annotated[_EntraAccount, Tag("windowsDeviceAzureADAccount")],
    Discriminator(_subtype),
]


class _Parameter(BaseModel):
    model_config = _BODY
    device_account: _Account | None = None
    password_rotation_enabled: bool | None = None
    calendar_sync_enabled: bool | None = None
    device_account_email: str | None = None
    exchange_server: str | None = None
    session_initiation_protocal_address: str | None = None


class _ActionBody(BaseModel):
    model_config = _BODY
    update_windows_device_account_action_parameter: Annotated[
        _Parameter, BeforeValidator(_without_annotations)
    ]


def device_account(body: Mapping[str, Any]) -> DeviceAccount:
    """Return the account the action sets on a device.

    Raises RefusalError 400 for an unknown member or subtype or a wrong type.
    """
    parsed = parse(body, _ActionBody, "updateWindowsDeviceAccountActionParameter")
    parameter = parsed.update_windows_device_account_action_parameter
    account = parameter.device_account
    password = account.password if account else None
    return DeviceAccount(
        name=account.name if account else None,
        digest=digest(password) if password is not None else None,
        rotates_itself=bool(parameter.password_rotation_enabled),
    )
