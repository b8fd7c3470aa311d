"""HTTP Message Signatures (RFC 9421): what they have to cover, the body as it came above all."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from gate import AUTHORITY, MemoryVault
from http_message_signatures import HTTPMessageSigner, algorithms
from http_message_signatures.resolvers import MappingKeyResolver

from shared.webhooks.delivery import Delivery
from shared.webhooks.verifiers.chain import Verifiers
from shared.webhooks.verifiers.forms import Verifier
from shared.webhooks.verifiers.secrets import SenderSecrets
from shared.webhooks.verifiers.verdict import NotConvinced

URL = "https://sluice.example"
TARGET = "/api/webhooks/tool?x=1"
SECRET = "a secret that only the sender knows"
COVERED = ("@method", "@target-uri", "content-type", "content-digest")
PRIVATE = ed25519.Ed25519PrivateKey.generate()
PEM = PRIVATE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
BODY = b'{"a": 1}'
FORM = {"messageSignature": {"keyId": "tool", "url": URL, "secrets": ["s"]}}
BY_KEY = {"messageSignature": {"keyId": "tool", "url": URL, "publicKeys": [PEM.decode()]}}


def signed(
    *,
    body: bytes | None = BODY,
    covered: tuple[str, ...] = COVERED,
    url: str = URL + TARGET,
    key: Any = SECRET,
    **options: Any,
) -> dict[str, str]:
    request = SimpleNamespace(method="POST", url=url, headers={"content-type": "application/json"})
    key = key.encode() if isinstance(key, str) else key
    algorithm = algorithms.HMAC_SHA256 if isinstance(key, bytes) else algorithms.ED25519
    resolver = MappingKeyResolver(public_keys={}, private_keys={"tool": key, "other": key})
    said = {"key_id": "tool", "tag": "sluice", "body": body, "covered_component_ids": covered}
    HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=resolver).sign(
        request, **(said | options)
    )
    return {name.lower(): value for name, value in request.headers.items()}


async def believed(
    headers: dict[str, str], *, form: Any = FORM, body: bytes = BODY, target: str = TARGET
) -> bool:
    secrets = SenderSecrets(MemoryVault({"s": SECRET}), lambda: datetime.now(UTC))
    verifiers = Verifiers(secrets, None, AUTHORITY, lambda: datetime.now(UTC))  # type: ignore[arg-type]
    try:
        await verifiers.verify(
            Verifier.model_validate(form), Delivery("tool", "POST", target, headers, body)
        )
    except NotConvinced:
        return False
    return True


async def test_a_signed_request_is_good_with_a_secret_and_with_a_key() -> None:
    assert await believed(signed())
    assert await believed(signed(key=PRIVATE), form=BY_KEY)
    assert not await believed(signed(), form=BY_KEY)
    assert not await believed(signed(key=PRIVATE))


async def test_the_body_and_the_address_are_those_that_were_signed() -> None:
    assert not await believed(signed(), body=BODY + b" ")
    assert not await believed(signed(), body=b"")
    assert not await believed(signed(), target="/api/webhooks/other?x=1")
    assert not await believed(signed(), target="/api/webhooks/tool?x=2")
    assert not await believed(signed(url="https://elsewhere.example" + TARGET))


@pytest.mark.parametrize("missing", COVERED)
async def test_a_signature_that_does_not_cover_everything_is_no_proof(missing: str) -> None:
    covered = tuple(name for name in COVERED if name != missing)
    body = None if missing == "content-digest" else BODY
    assert not await believed(signed(covered=covered, body=body))


def from_now(options: dict[str, Any]) -> dict[str, Any]:
    """Times counted from when the test runs, which may be long after it was collected."""
    now = datetime.now(UTC)
    return {k: now + v if isinstance(v, timedelta) else v for k, v in options.items()}


@pytest.mark.parametrize(
    "options",
    [
        {"created": timedelta(minutes=-10)},
        {"created": timedelta(minutes=10)},
        {"expires": timedelta(minutes=-1)},
        {"tag": "another"},
        {"tag": None},
        {"key_id": "other"},
        {"key": b"another secret of some length"},
    ],
    ids="-".join,
)
async def test_a_late_or_foreign_signature_is_no_proof(options: dict[str, Any]) -> None:
    assert not await believed(signed(**from_now(options)))


@pytest.mark.parametrize("header", ["signature", "signature-input", "content-digest"])
@pytest.mark.parametrize(
    "value",
    ["", "x", "sig=", "sig=(((", "pyhms=:AAAA:", "é", "\x00", "sha-256=:AAAA:", "a" * 70_000],
)
async def test_malformed_headers_are_no_proof(header: str, value: str) -> None:
    assert not await believed(signed() | {header: value})
