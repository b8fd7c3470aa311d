"""Who is believed: published test vectors, every way to get it wrong, and rotation of secrets."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gate import GOOD, MINIMAL, Gate, MemoryVault, delivery, gate_of
from senders import SECRETS, mac, signed

from shared.changes.problems import RequestRefused
from shared.faults import Transient
from shared.vault.ports import Secret
from shared.webhooks.verifiers.chain import Verifiers
from shared.webhooks.verifiers.forms import Verifier
from shared.webhooks.verifiers.secrets import AGAIN, FRESH, SenderSecrets
from shared.webhooks.verifiers.verdict import NotConvinced

NOW = datetime(2026, 12, 1, tzinfo=UTC)
SECRET = "It's a Secret to Everybody"
JIRA = {"hmac": {"secrets": ["s"], "header": "X-Hub-Signature", "prefix": "sha256="}}
GITHUB = {"hmac": {"secrets": ["s"], "header": "X-Hub-Signature-256", "prefix": "sha256="}}
ZENDESK = {
    "hmac": {
        "secrets": ["s"],
        "header": "X-Zendesk-Webhook-Signature",
        "encoding": "base64",
        "signed": [{"header": "X-Zendesk-Webhook-Signature-Timestamp"}, {"body": True}],
        "timestamp": {"header": "X-Zendesk-Webhook-Signature-Timestamp"},
    }
}
SLACK = {
    "hmac": {
        "secrets": ["s"],
        "header": "X-Slack-Signature",
        "prefix": "v0=",
        "signed": [
            {"text": "v0:"},
            {"header": "X-Slack-Request-Timestamp"},
            {"text": ":"},
            {"body": True},
        ],
        "timestamp": {"header": "X-Slack-Request-Timestamp"},
    }
}
STANDARD = {"standardWebhooks": {"secrets": ["s"]}}
HEADER = {"sharedHeader": {"secrets": ["s"], "header": "X-Key"}}
BASIC = {"basic": {"secrets": ["s"], "user": "sluice"}}


def verifiers(now: datetime = NOW, **values: str) -> Verifiers:
    vault = MemoryVault(values or {"s": SECRET})
    secrets = SenderSecrets(vault, lambda: now)
    return Verifiers(secrets, _NoKeys(), "https://login.microsoftonline.com", lambda: now)


class _NoKeys:
    async def key(self, url: str, key_id: str) -> None:
        return None


async def passes(
    form: Any, body: bytes, headers: dict[str, str], now: datetime = NOW, **values: str
) -> bool:
    try:
        await verifiers(now, **values).verify(
            Verifier.model_validate(form), delivery("tool", body, headers)
        )
    except NotConvinced:
        return False
    return True


@pytest.mark.parametrize(
    ("form", "body", "headers", "now", "secret"),
    [
        pytest.param(
            JIRA,
            b"Hello World!",
            {
                "X-Hub-Signature": "sha256="
                "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
            },
            NOW,
            SECRET,
            id="Atlassian's",
        ),
        pytest.param(
            GITHUB,
            b"Hello, World!",
            {
                "X-Hub-Signature-256": "sha256="
                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            },
            NOW,
            SECRET,
            id="GitHub's",
        ),
        pytest.param(
            SLACK,
            b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
            b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
            b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
            b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
            b".803a0bc887a14d10d2c447fce8b6703c",
            {
                "X-Slack-Request-Timestamp": "1531420618",
                "X-Slack-Signature": "v0="
                "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            },
            datetime.fromtimestamp(1531420618, UTC),
            "8f742231b10e8888abcd99yyyzzz85a5",
            id="Slack's",
        ),
        pytest.param(
            STANDARD,
            b'{"test": 2432232314}',
            {
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
            datetime.fromtimestamp(1614265330, UTC),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            id="Standard Webhooks'",
        ),
    ],
)
async def test_a_published_signature_is_good_for_its_body_and_no_other(
    form: Any, body: bytes, headers: dict[str, str], now: datetime, secret: str
) -> None:
    assert await passes(form, body, headers, now, s=secret)
    assert not await passes(form, body + b" ", headers, now, s=secret)
    assert not await passes(form, body, headers, now, s="another secret of some length")


async def test_zendesks_signature_covers_its_time() -> None:
    stamp = "2026-12-01T00:00:00Z"
    signature = base64.b64encode(mac(SECRET.encode(), stamp.encode() + b"{}")).decode()
    name = "X-Zendesk-Webhook-Signature"
    headers = {name: signature, f"{name}-Timestamp": stamp}
    assert await passes(ZENDESK, b"{}", headers)
    assert not await passes(ZENDESK, b"{}", headers | {f"{name}-Timestamp": "2026-12-01T00:00:01Z"})
    assert not await passes(ZENDESK, b"{}", headers, NOW + timedelta(seconds=301))
    assert not await passes(ZENDESK, b"{}", headers, NOW - timedelta(seconds=301))


GOOD_MAC = mac(SECRET.encode(), b"{}").hex()


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "sha256=",
        GOOD_MAC,
        f"sha1={GOOD_MAC}",
        f"sha256={GOOD_MAC[:-2]}",
        f"sha256={GOOD_MAC[:-1]}",
        f"sha256={GOOD_MAC}00",
        f"sha256={GOOD_MAC},",
        "sha256=" + "0" * 64,
        "sha256=" + "é" * 64,
        "sha256=\ud800",
        "sha256=" + "x" * 100_000,
        "sha256=" + base64.b64encode(mac(SECRET.encode(), b"{}")).decode(),
    ],
)
async def test_a_malformed_signature_is_no_proof(value: str) -> None:
    assert not await passes(JIRA, b"{}", {"X-Hub-Signature": value})
    assert await passes(JIRA, b"{}", {"X-Hub-Signature": f"sha256={GOOD_MAC}"})


@pytest.mark.parametrize(
    "stamp", ["", "x", "-1", "1e9", "99999999999999999999", "٣", "NaN", "0", "2026-12-01", "\ud800"]
)
async def test_a_malformed_time_is_no_proof(stamp: str) -> None:
    signature = mac(SECRET.encode(), b"v0:" + stamp.encode("utf-8", "surrogatepass") + b":{}").hex()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
    assert not await passes(SLACK, b"{}", headers)


async def test_of_several_signatures_one_has_to_be_right() -> None:
    body, secret = b"{}", "whsec_" + base64.b64encode(b"k" * 24).decode()
    good = base64.b64encode(mac(b"k" * 24, b"m.1764547200.{}")).decode()
    stamp = str(int(NOW.timestamp()))
    good = base64.b64encode(mac(b"k" * 24, f"m.{stamp}.".encode() + body)).decode()
    bad = base64.b64encode(b"0" * 32).decode()

    async def sent(signatures: str) -> bool:
        headers = {
            "webhook-id": "m",
            "webhook-timestamp": stamp,
            "webhook-signature": signatures,
        }
        return await passes(STANDARD, body, headers, s=secret)

    assert await sent(f"v1,{bad} v1,{good}")
    assert await sent(f"v1a,{good} v1,{good}")
    assert not await sent(f"v1,{bad}")
    assert not await sent(f"v1a,{good}")
    assert not await sent(" ".join([f"v1,{bad}"] * 8 + [f"v1,{good}"]))


@pytest.mark.parametrize(
    "secret", ["whsec_" + base64.b64encode(b"too short").decode(), "no base64 at all " * 2]
)
async def test_a_standard_webhooks_secret_that_is_too_short_or_no_base64_proves_nothing(
    secret: str,
) -> None:
    stamp = str(int(NOW.timestamp()))
    # As whoever knows the secret would sign, could such a one be used.
    key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    signature = base64.b64encode(mac(key, f"m.{stamp}.{{}}".encode())).decode()
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
    assert not await passes(STANDARD, b"{}", headers, s=secret)


@pytest.mark.parametrize(
    "value", ["", "It", SECRET + " ", SECRET[:-1], "é" * 26, "\ud800", "x" * 100_000]
)
async def test_another_value_of_a_secret_header_is_no_proof(value: str) -> None:
    assert not await passes(HEADER, b"{}", {"X-Key": value})
    assert not await passes(HEADER, b"{}", {})
    assert await passes(HEADER, b"{}", {"X-Key": SECRET})


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic",
        "Basic ",
        "Basic ===",
        "Basic é",
        "Bearer " + SECRET,
        basic(f"other:{SECRET}"),
        basic("sluice:"),
        basic("sluice"),
        basic(f"sluice:{SECRET}x"),
        basic(f"sluice:{SECRET}")[:-4],
        basic(f"sluice:{SECRET}").replace("Basic", "Bearer"),
    ],
)
async def test_other_credentials_are_no_proof(value: str) -> None:
    assert not await passes(BASIC, b"{}", {"Authorization": value})
    assert await passes(BASIC, b"{}", {"Authorization": basic(f"sluice:{SECRET}")})


async def test_any_of_several_or_all_of_them() -> None:
    headers = {"X-Key": SECRET}
    both = headers | {"Authorization": basic(f"sluice:{SECRET}")}
    assert await passes({"anyOf": [BASIC, HEADER]}, b"{}", headers)
    assert not await passes({"anyOf": [BASIC, HEADER]}, b"{}", {})
    assert await passes({"allOf": [BASIC, HEADER]}, b"{}", both)
    for order in ([BASIC, HEADER], [HEADER, BASIC]):
        assert not await passes({"allOf": order}, b"{}", headers)
    assert await passes({"allOf": [HEADER, {"anyOf": [BASIC, HEADER]}]}, b"{}", headers)


async def test_in_rotation_both_secrets_are_good_and_afterwards_the_new_one_alone() -> None:
    form = {"sharedHeader": {"secrets": ["one", "two"], "header": "X-Key"}}
    old, new = "the old secret of this sender", "the new secret of this sender"
    for value in (old, new):
        assert await passes(form, b"{}", {"X-Key": value}, one=old, two=new)
    assert not await passes(form, b"{}", {"X-Key": old}, two=new)
    assert await passes(form, b"{}", {"X-Key": new}, two=new)


async def test_without_any_secret_or_with_a_short_one_nobody_is_believed_and_nobody_refused() -> (
    None
):
    # Whether the sender is who it says cannot be known: it has to come again.
    for values in ({"other": "x"}, {"s": "short"}):
        with pytest.raises(Transient, match="secret-missing"):
            await passes(HEADER, b"{}", {"X-Key": "short"}, **values)


async def test_a_secret_is_read_again_after_minutes_and_survives_a_vault_that_is_away() -> None:
    vault, times = MemoryVault({"s": SECRET}), [NOW]
    secrets = SenderSecrets(vault, lambda: times[-1])
    for _ in range(3):
        assert await secrets.read(["s"]) == [SECRET.encode()]
    assert vault.reads == ["s"]
    times.append(NOW + FRESH)
    vault.down = True
    assert await secrets.read(["s"]) == [SECRET.encode()]
    vault.down, vault.values = False, {"s": "the next secret of the sender"}
    times.append(NOW + FRESH + AGAIN)
    assert await secrets.read(["s"]) == [b"the next secret of the sender"]
    assert SECRET not in repr(secrets)
    assert "next secret" not in repr(secrets)


class SlowVault(MemoryVault):
    """Answers when it is told to."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.answers = asyncio.Event()

    async def read(self, name: str, version: str | None) -> Secret:
        secret = await super().read(name, version)
        await self.answers.wait()
        return secret


async def test_of_many_who_come_at_once_one_asks_the_vault_and_for_both_slots_together() -> None:
    vault = SlowVault({"s": SECRET, "next": "the next secret of the sender"})
    secrets = SenderSecrets(vault, lambda: NOW)
    senders = [asyncio.ensure_future(secrets.read(["s", "next"])) for _ in range(16)]
    for _ in range(5):  # turns: all of them have come by then
        await asyncio.sleep(0)
    vault.answers.set()
    both = [SECRET.encode(), b"the next secret of the sender"]
    assert await asyncio.gather(*senders) == [both] * 16
    assert vault.reads == ["s", "next"]


async def test_a_vault_that_hangs_keeps_nobody_waiting_for_a_secret_that_was_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.webhooks.verifiers.secrets.LONGEST_READ", 0)
    vault, times = SlowVault({"s": SECRET}), [NOW]
    secrets = SenderSecrets(vault, lambda: times[-1])
    vault.answers.set()
    await secrets.read(["s"])
    vault.answers.clear()
    times.append(NOW + FRESH)
    for _ in range(16):
        assert await secrets.read(["s"]) == [SECRET.encode()]
    assert vault.reads == ["s"] * 2
    times.append(NOW + FRESH + AGAIN)
    await secrets.read(["s"])
    assert vault.reads == ["s"] * 3


@pytest.mark.parametrize("source", ["servicenow", "jira", "jira-automation", "generic"])
async def test_the_secret_of_another_source_is_no_proof_and_is_answered_like_no_source(
    source: str,
) -> None:
    gate = Gate()
    gate.vault.values.update({name: f"{value} of {name}" for name, value in SECRETS.items()})
    gate.vault.values["webhook-generic"] = SECRETS["webhook-generic"]
    said = "whsec_" + base64.b64encode(b"o" * 24).decode() if source == "generic" else "x" * 20
    headers = signed(source, b"{}", gate.clock(), secret=said)
    answers = []
    for name in (source, "nobody", "../servicenow", "SERVICENOW", ""):
        with pytest.raises(RequestRefused) as refused:
            await gate.receive(name, b"{}", headers)
        answers.append((refused.value.status, refused.value.problems))
    assert answers[0][0] == 401
    assert len({str(each) for each in answers}) == 1


async def test_a_spoofed_principal_of_app_service_is_no_proof(tmp_path: Path) -> None:
    principal = base64.b64encode(json.dumps({"claims": [{"typ": "roles", "val": "send"}]}).encode())
    gate = gate_of(tmp_path, MINIMAL)
    headers = {
        "X-MS-CLIENT-PRINCIPAL": principal.decode(),
        "X-MS-CLIENT-PRINCIPAL-ID": "admin",
        "X-MS-CLIENT-PRINCIPAL-IDP": "aad",
        "X-ARR-ClientCert": "MIIB",
    }
    with pytest.raises(RequestRefused) as refused:
        await gate.receive("tool", json.dumps(GOOD).encode(), headers)
    assert refused.value.status == 401
