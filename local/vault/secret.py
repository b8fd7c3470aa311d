"""A secret, its versions, and how Key Vault shows them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_LONGEST_VALUE = 25_000
_MOST_TAGS = 15
type _TagText = Annotated[str, StringConstraints(max_length=256)]
_RECOVERY = {"recoveryLevel": "Recoverable+Purgeable", "recoverableDays": 90}


class Attributes(BaseModel):
    """What a caller says about a version; times in whole seconds since the epoch."""

    model_config = ConfigDict(extra="ignore", strict=True)
    enabled: bool | None = None
    exp: int | None = None
    nbf: int | None = None


class UpdateParameters(BaseModel):
    """Body of an update: a member left out stays as it is, tags are replaced as a whole."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    content_type: str | None = Field(None, alias="contentType")
    attributes: Attributes | None = None
    tags: Annotated[dict[_TagText, _TagText], Field(max_length=_MOST_TAGS)] | None = None


class SetParameters(UpdateParameters):
    """Body of a new version."""

    value: Annotated[str, StringConstraints(max_length=_LONGEST_VALUE)]


class Version(BaseModel):
    """One version of a secret, as it is stored."""

    id: str
    value: str
    created: int
    updated: int
    enabled: bool = True
    exp: int | None = None
    nbf: int | None = None
    content_type: str | None = None
    tags: dict[str, str] | None = None

    def update(self, given: UpdateParameters, now: int) -> None:
        """Take over what was given."""
        attributes = given.attributes or Attributes()
        for name, value in attributes.model_dump(exclude_none=True).items():
            setattr(self, name, value)
        if given.content_type is not None:
            self.content_type = given.content_type
        if given.tags is not None:
            self.tags = given.tags
        self.updated = now

    def shown(self, address: str, *, with_value: bool) -> dict[str, Any]:
        """Return the bundle (with the value) or the item (without) at this address."""
        attributes = {
            "enabled": self.enabled,
            "created": self.created,
            "updated": self.updated,
            **_RECOVERY,
        }
        optional = {"exp": self.exp, "nbf": self.nbf}
        attributes |= {name: time for name, time in optional.items() if time is not None}
        bundle: dict[str, Any] = {"id": address, "attributes": attributes}
        if with_value:
            bundle["value"] = self.value
        if self.content_type is not None:
            bundle["contentType"] = self.content_type
        if self.tags is not None:
            bundle["tags"] = self.tags
        return bundle


class Secret(BaseModel):
    """A name with its versions, oldest first; `deleted` is when it was, in epoch seconds."""

    name: str
    versions: list[Version] = []
    deleted: int | None = None
