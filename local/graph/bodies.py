"""What a request body may say: models of the members that can be written, and nothing else."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from .refusals import RefusalError

_BODY = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel, hide_input_in_errors=True)

type Text = Annotated[str, StringConstraints(min_length=1)]
"""Graph refuses an empty string; null clears a member that may be empty."""
type ExtensionAttribute = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
type Owner = Literal["company", "personal"]
"""`unknown` is a value of the enum that only the service itself may set."""


class ExtensionAttributes(BaseModel):
    """The fifteen free attributes of a device; null clears one."""

    model_config = _BODY
    extension_attribute1: ExtensionAttribute | None = None
    extension_attribute2: ExtensionAttribute | None = None
    extension_attribute3: ExtensionAttribute | None = None
    extension_attribute4: ExtensionAttribute | None = None
    extension_attribute5: ExtensionAttribute | None = None
    extension_attribute6: ExtensionAttribute | None = None
    extension_attribute7: ExtensionAttribute | None = None
    extension_attribute8: ExtensionAttribute | None = None
    extension_attribute9: ExtensionAttribute | None = None
    extension_attribute10: ExtensionAttribute | None = None
    extension_attribute11: ExtensionAttribute | None = None
    extension_attribute12: ExtensionAttribute | None = None
    extension_attribute13: ExtensionAttribute | None = None
    extension_attribute14: ExtensionAttribute | None = None
    extension_attribute15: ExtensionAttribute | None = None


class DeviceBody(BaseModel):
    """PATCH /devices/{id}: https://learn.microsoft.com/graph/api/device-update."""

    model_config = _BODY
    account_enabled: bool = True
    display_name: Text = ""
    operating_system: Text = ""
    operating_system_version: Text = ""
    extension_attributes: ExtensionAttributes = ExtensionAttributes()


class ManagedDeviceBody(BaseModel):
    """PATCH /deviceManagement/managedDevices/{id} in v1.0: all else is read-only in the CSDL."""

    model_config = _BODY
    managed_device_name: str | None = None
    managed_device_owner_type: Owner = "company"
    notes: str | None = None


class BetaManagedDeviceBody(ManagedDeviceBody):
    """The same in beta, which can write two members more."""

    owner_type: Owner = "company"
    role_scope_tag_ids: list[str] = []


class PasswordProfileBody(BaseModel):
    """Part of a user. Without `forceChangePasswordNextSignIn` a reset asks for a change."""

    model_config = _BODY
    password: str | None = None
    force_change_password_next_sign_in: bool | None = None
    force_change_password_next_sign_in_with_mfa: bool | None = None


class UserBody(BaseModel):
    """PATCH /users/{id}: https://learn.microsoft.com/graph/api/user-update, the common members."""

    model_config = _BODY
    account_enabled: bool = True
    age_group: Literal["Minor", "NotAdult", "Adult"] | None = None
    city: Text | None = None
    company_name: Text | None = None
    consent_provided_for_minor: Literal["Granted", "Denied", "NotRequired"] | None = None
    country: Text | None = None
    department: Text | None = None
    display_name: Text = ""
    employee_id: Text | None = None
    employee_type: Text | None = None
    given_name: Text | None = None
    job_title: Text | None = None
    mobile_phone: Text | None = None
    office_location: Text | None = None
    password_policies: Text | None = None
    password_profile: PasswordProfileBody | None = None
    postal_code: Text | None = None
    preferred_language: Text | None = None
    state: Text | None = None
    street_address: Text | None = None
    surname: Text | None = None
    usage_location: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = "DE"


def parse[B: BaseModel](body: Mapping[str, Any], model: type[B], type_name: str) -> B:
    """Check a body of the resource type `type_name`, for example "device".

    Raises RefusalError 400, naming the member but never its value.
    """
    members = {name: value for name, value in body.items() if not name.startswith("@odata.")}
    if body.get("@odata.type", f"#microsoft.graph.{type_name}") not in {
        f"#microsoft.graph.{type_name}",
        f"microsoft.graph.{type_name}",
    }:
        raise RefusalError(400, f"The @odata.type is not one of type '{type_name}'.")
    try:
        return model.model_validate(members)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        path = "/".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            message = f"Could not find a property named '{path}' on type '{type_name}'."
        else:
            message = f"Invalid value specified for property '{path}' of resource '{type_name}'."
        raise RefusalError(400, message) from None


def writable(model: type[BaseModel]) -> frozenset[str]:
    """Return the members of a body model by Graph's names."""
    return frozenset(field.alias for field in model.model_fields.values() if field.alias)


def given(model: BaseModel) -> dict[str, Any]:
    """Return the members that the body really had, by Graph's names."""
    return model.model_dump(by_alias=True, exclude_unset=True)
