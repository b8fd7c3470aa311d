"""The verifiers that a source file can name, and what each has to be told.

Loads no cryptography: a process that never sees a token does not need it.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.changes.identifiers import Guid

type Slots = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z-]{1,127}$")], ...],
    Field(min_length=1, max_length=2),
]
"""Names of secrets in Key Vault: the one in use, and the next or the last one."""
type HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$", to_lower=True)]
type Seconds = Annotated[int, Field(ge=1, le=3600)]
type Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+")]


class Part(BaseModel):
    """Base of every part of a source file: no unknown members, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SignedPart(Part):
    """One part of what is signed: the body, a header's value, or a fixed text between them."""

    body: Literal[True] | None = None
    header: HeaderName | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(each is not None for each in (self.body, self.header, self.text)) != 1:
            raise ValueError("a signed part is one of body, header and text")
        return self


class Timestamp(Part):
    """The signed header with the time of sending (epoch seconds, or RFC 3339)."""

    header: HeaderName
    toleranceSeconds: Seconds = 300


class Hmac(Part):
    """A signature with a shared secret: how it is made, and where it is."""

    secrets: Slots
    secretEncoding: Literal["text", "base64"] = "text"
    """With `base64` the key is what the text decodes to, without "whsec_" before it."""
    header: HeaderName
    prefix: str = ""
    separator: str | None = None
    """Between several signatures in the header, of which one has to be right."""
    encoding: Literal["hex", "base64"] = "hex"
    algorithm: Literal["sha256", "sha384", "sha512"] = "sha256"
    signed: Annotated[tuple[SignedPart, ...], Field(min_length=1)] = (SignedPart(body=True),)
    timestamp: Timestamp | None = None

    @model_validator(mode="after")
    def _covers_what_counts(self) -> Self:
        if not any(part.body for part in self.signed):
            raise ValueError("a signature that does not cover the body proves nothing")
        if self.timestamp and self.timestamp.header not in {part.header for part in self.signed}:
            raise ValueError("a timestamp that is not signed proves nothing")
        return self


class StandardWebhooks(Part):
    """Standard Webhooks (standardwebhooks.com), symmetric: "v1,…" over id.timestamp.body."""

    secrets: Slots

    @property
    def form(self) -> Hmac:
        """As the HMAC that it is."""
        dot = SignedPart(text=".")
        sent_at = SignedPart(header="webhook-timestamp")
        return Hmac(
            secrets=self.secrets,
            secretEncoding="base64",
            header="webhook-signature",
            prefix="v1,",
            separator=" ",
            encoding="base64",
            signed=(SignedPart(header="webhook-id"), dot, sent_at, dot, SignedPart(body=True)),
            timestamp=Timestamp(header="webhook-timestamp"),
        )


class SharedHeader(Part):
    """A header that holds the secret itself, behind `prefix`."""

    secrets: Slots
    header: HeaderName
    prefix: str = ""


class Basic(Part):
    """A user name and a password (RFC 7617)."""

    secrets: Slots
    user: Annotated[str, StringConstraints(pattern=r"^[^:]{1,128}$")]


class EntraToken(Part):
    """Access tokens of one tenant, for applications that hold an app role of this API."""

    tenant: Guid
    audience: Annotated[tuple[str, ...], Field(min_length=1)]
    """The application id of the API and its URI: v2 tokens carry the id, v1 tokens the URI."""
    applications: Annotated[tuple[Guid, ...], Field(min_length=1)]
    role: Annotated[str, Field(min_length=1)]
    keys: Url | None = None
    """Where the signing keys are, if not at the tenant's own address."""


class MessageSignature(Part):
    """HTTP Message Signatures (RFC 9421), the body covered by Content-Digest (RFC 9530).

    `url` is Sluice's address as its callers know it, without a path: what a proxy makes of it is
    not to be believed.
    """

    keyId: Annotated[str, Field(min_length=1, max_length=128)]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s]+$")]
    secrets: Slots | None = None
    """For hmac-sha256."""
    publicKeys: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)] | None = None
    """For ed25519, in PEM."""
    tag: Annotated[str, Field(min_length=1, max_length=128)] = "sluice"
    toleranceSeconds: Seconds = 300

    @model_validator(mode="after")
    def _has_one_kind_of_key(self) -> Self:
        if (self.secrets is None) == (self.publicKeys is None):
            raise ValueError("a message signature takes one of secrets and publicKeys")
        return self


class Verifier(Part):
    """Exactly one of these. `anyOf` and `allOf` chain others."""

    hmac: Hmac | None = None
    standardWebhooks: StandardWebhooks | None = None
    sharedHeader: SharedHeader | None = None
    basic: Basic | None = None
    entraToken: EntraToken | None = None
    messageSignature: MessageSignature | None = None
    anyOf: Annotated[tuple["Verifier", ...], Field(min_length=1)] | None = None
    allOf: Annotated[tuple["Verifier", ...], Field(min_length=1)] | None = None

    @property
    def signs(self) -> bool:
        """Whether it is a signature, or has one among others: of the body, not of all headers."""
        others = (*(self.anyOf or ()), *(self.allOf or ()))
        form = self.hmac or self.standardWebhooks or self.messageSignature
        return form is not None or any(each.signs for each in others)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a verifier is one of " + ", ".join(type(self).model_fields))
        return self
