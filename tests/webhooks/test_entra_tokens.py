"""Tokens of Microsoft Entra ID, against keys that are published over HTTP as a tenant does."""

import asyncio
import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from gate import AUTHORITY, MemoryVault, delivery
from jwt.algorithms import RSAAlgorithm
from slowness import drips

from local.standins.listening import listening
from shared.faults import Transient
from shared.webhooks import jwks
from shared.webhooks.jwks import AT_MOST_EVERY, PublishedKeys
from shared.webhooks.verifiers.chain import Verifiers
from shared.webhooks.verifiers.forms import Verifier
from shared.webhooks.verifiers.secrets import SenderSecrets
from shared.webhooks.verifiers.verdict import NotConvinced

TENANT, SENDER = str(uuid.uuid4()), str(uuid.uuid4())
AUDIENCE = "api://sluice"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(**changed: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    said = {
        "aud": AUDIENCE,
        "iss": f"{AUTHORITY}/{TENANT}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + timedelta(hours=1),
        "azp": SENDER,
        "tid": TENANT,
        "roles": ["Webhooks.Send"],
        "ver": "2.0",
    } | changed
    return {name: value for name, value in said.items() if value is not None}


def token(key: Any = KEY, headers: dict[str, Any] | None = None, **changed: Any) -> str:
    return jwt.encode(
        claims(**changed), key, algorithm="RS256", headers={"kid": "one"} | (headers or {})
    )


@dataclass
class Tenant:
    """Who publishes keys, and who checks tokens by them."""

    url: str
    published: list[dict[str, Any]]
    asked: list[str]
    now: datetime
    keys: PublishedKeys

    def verifiers(self) -> Verifiers:
        secrets = SenderSecrets(MemoryVault(), self.clock)
        return Verifiers(secrets, self.keys, AUTHORITY, self.clock)

    def clock(self) -> datetime:
        return self.now

    async def believes(self, value: str, scheme: str = "Bearer") -> bool:
        form = {
            "tenant": TENANT,
            "audience": [AUDIENCE, "00000000-0000-4000-8000-000000000001"],
            "applications": [SENDER],
            "role": "Webhooks.Send",
            "keys": self.url,
        }
        verifier = Verifier.model_validate({"entraToken": form})
        headers = {"Authorization": f"{scheme} {value}"}
        try:
            await self.verifiers().verify(verifier, delivery("tool", b"{}", headers))
        except NotConvinced:
            return False
        return True


def public(key: rsa.RSAPrivateKey, key_id: str) -> dict[str, Any]:
    jwk: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return jwk | {"kid": key_id, "use": "sig"}


@pytest.fixture
async def tenant() -> AsyncIterator[Tenant]:
    published, asked = [public(KEY, "one")], list[str]()

    async def keys(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"keys": published})

    app = web.Application()
    app.add_routes([web.get("/keys", keys), web.get("/drips", drips)])
    async with listening(app, 0) as base:
        tenant = Tenant(f"{base}/keys", published, asked, datetime.now(UTC), None)  # type: ignore[arg-type]
        tenant.keys = PublishedKeys(tenant.clock)
        yield tenant


async def test_a_token_of_an_allowed_application_is_good_in_both_versions(tenant: Tenant) -> None:
    assert await tenant.believes(token())
    v1 = f"https://sts.windows.net/{TENANT}/"
    assert await tenant.believes(token(iss=v1, azp=None, appid=SENDER, ver="1.0"), "bearer")
    assert tenant.asked == ["/keys"]


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "api://another"},
        {"aud": None},
        {"iss": f"{AUTHORITY}/{uuid.uuid4()}/v2.0"},
        {"iss": f"https://evil.example/{TENANT}/v2.0"},
        {"iss": None},
        {"tid": str(uuid.uuid4())},
        {"tid": None},
        {"azp": str(uuid.uuid4())},
        {"azp": None},
        {"roles": ["Webhooks.Read"]},
        {"roles": "Webhooks.Send"},
        {"roles": None},
        {"scp": "Webhooks.Send"},
        {"exp": timedelta(minutes=-5)},
        {"exp": None},
        {"nbf": timedelta(minutes=5)},
        {"nbf": None},
        {"iat": None},
    ],
    ids="-".join,
)
async def test_a_token_that_says_something_else_is_no_proof(
    tenant: Tenant, changed: dict[str, Any]
) -> None:
    # Counted from when the test runs, which may be long after it was collected.
    now = datetime.now(UTC)
    said = {k: now + v if isinstance(v, timedelta) else v for k, v in changed.items()}
    assert not await tenant.believes(token(**said))


def unsigned() -> str:
    return jwt.encode(claims(), "", algorithm="none", headers={"kid": "one"})


def by_hand(head: dict[str, Any], key: bytes) -> str:
    """What PyJWT refuses to make."""

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    said = {
        name: int(value.timestamp()) if isinstance(value, datetime) else value
        for name, value in claims().items()
    }
    text = part(json.dumps(head).encode()) + b"." + part(json.dumps(said).encode())
    return (text + b"." + part(hmac.new(key, text, hashlib.sha256).digest())).decode()


def signed_with_the_public_key() -> str:
    """The classic: the public key as the secret of an HMAC."""
    public_key = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return by_hand({"alg": "HS256", "kid": "one"}, public_key)


@pytest.mark.parametrize(
    "make",
    [
        lambda: token(OTHER_KEY),
        unsigned,
        signed_with_the_public_key,
        lambda: token()[:-4] + "AAAA",
        lambda: token() + "x",
        lambda: "",
        lambda: "a.b.c",
        lambda: "é.é.é",
        lambda: "." * 50,
        lambda: "eyJhbGciOiJSUzI1NiJ9.e30.",
        lambda: "x" * 20_000,
        lambda: by_hand({"alg": "RS256", "kid": ["one"]}, b"x"),
        lambda: by_hand({"alg": "RS256"}, b"x"),
        lambda: by_hand({"alg": ["RS256"], "kid": "one"}, b"x"),
        lambda: token(headers={"crit": ["b64"], "b64": False}),
    ],
)
async def test_a_forged_or_malformed_token_is_no_proof(tenant: Tenant, make: Any) -> None:
    assert not await tenant.believes(make())


async def test_no_header_of_a_token_sends_sluice_anywhere(tenant: Tenant) -> None:
    elsewhere = tenant.url.replace("/keys", "/evil")
    headers = {"jku": elsewhere, "x5u": elsewhere, "jwk": public(OTHER_KEY, "one")}
    assert not await tenant.believes(token(OTHER_KEY, headers))
    assert set(tenant.asked) == {"/keys"}


async def test_a_new_key_is_found_and_unknown_keys_make_nobody_look_again_and_again(
    tenant: Tenant,
) -> None:
    new = token(OTHER_KEY, {"kid": "two"})
    for _ in range(5):
        assert not await tenant.believes(new)
        tenant.now += timedelta(seconds=1)
    assert len(tenant.asked) == 1
    tenant.published.append(public(OTHER_KEY, "two"))
    tenant.now += AT_MOST_EVERY * 2
    assert await tenant.believes(new)
    assert len(tenant.asked) == 2


async def test_keys_that_come_drop_by_drop_are_not_waited_for(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "LONGEST", 0.2)
    tenant.url = tenant.url.replace("/keys", "/drips")
    async with asyncio.timeout(10):
        with pytest.raises(Transient, match="signing-keys-unavailable"):
            await tenant.believes(token())


async def test_while_the_keys_cannot_be_had_nobody_is_refused(tenant: Tenant) -> None:
    tenant.published[:] = ["no key"]  # type: ignore[list-item]
    with pytest.raises(Transient, match="signing-keys-unavailable"):
        await tenant.believes(token())
