"""The tool behind a source: where it is, who Sluice is to it, and how outcomes are told there.

Every address is in the source file or in a setting that it names. Nothing of a payload or a message
can lead anywhere else.
"""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.changes.states import State
from shared.webhooks.verifiers.forms import Basic, Part, Slots

_LOCAL = re.compile(r"(localhost|127\.0\.0\.1)(:\d+)?")


def _fixed(url: str) -> str:
    parts = urlsplit(url)
    if parts.username is not None or "{" in parts.netloc:
        raise ValueError("the host is named by the file alone, and credentials by `secrets`")
    if parts.scheme != "https" and not _LOCAL.fullmatch(parts.netloc):
        raise ValueError("takes https, and http on this machine only")
    return url


type Address = Annotated[
    str, StringConstraints(pattern=r"^https?://[^/\s]+[^\s]*$"), AfterValidator(_fixed)
]
type Root = Annotated[
    str, StringConstraints(pattern=r"^https?://[^/?#\s]+$"), AfterValidator(_fixed)
]
"""Scheme and host of a tool, and nothing behind them."""
type Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")]
"""A table or a field of ServiceNow."""


class ClientCredentials(Part):
    """OAuth 2.0 client credentials; the token comes from the tool itself, at `path`."""

    client: Annotated[str, Field(min_length=1, max_length=256)]
    secrets: Slots
    path: Annotated[str, StringConstraints(pattern=r"^/[^\s?#]*$")] = "/oauth_token.do"


class Access(Part):
    """Who Sluice is to the tool: exactly one of these."""

    basic: Basic | None = None
    bearer: Slots | None = None
    apiKey: Slots | None = None
    """Sent as the user name of basic authentication, as Freshworks wants it."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(each is not None for each in self._ways()) != 1:
            raise ValueError(f"takes one of {', '.join(self._names())}")
        return self

    def _names(self) -> tuple[str, ...]:
        return ("basic", "bearer", "apiKey")

    def _ways(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self._names())

    @property
    def slots(self) -> Slots:
        """The secret that goes with a request."""
        return self.basic.secrets if self.basic else self.bearer or self.apiKey or ()


class Reached(Access):
    """A tool that notes are written to."""

    url: Root
    clientCredentials: ClientCredentials | None = None

    def _names(self) -> tuple[str, ...]:
        return (*super()._names(), "clientCredentials")

    @property
    def slots(self) -> Slots:
        """The secret that goes with a request, or with the request for a token."""
        return self.clientCredentials.secrets if self.clientCredentials else super().slots


class ServiceNow(Reached):
    """Work notes of a table's records; `fields` are set with the note, by the state told."""

    table: Name
    note: Literal["work_notes", "comments"] = "work_notes"
    """`comments` are seen by the customer."""
    fields: dict[State, dict[Name, str]] = Field(default_factory=dict)


class Jira(Reached):
    """Comments of issues; `transitions` names the one to take, or where to, by the state told."""

    internal: bool = False
    """Service Management: whether customers do not see it."""
    transitions: dict[State, Annotated[str, Field(min_length=1, max_length=255)]] = Field(
        default_factory=dict
    )


class Freshservice(Reached):
    """Notes of tickets."""

    private: bool = True


class Receiver(Part):
    """Any system: each outcome as JSON, signed as Standard Webhooks says."""

    url: Address
    secrets: Slots


class WriteBack(Part):
    """Exactly one of these."""

    serviceNow: ServiceNow | None = None
    jira: Jira | None = None
    freshservice: Freshservice | None = None
    standardWebhooks: Receiver | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("takes one of " + ", ".join(type(self).model_fields))
        return self
