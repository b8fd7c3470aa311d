"""Requests as each tool sends them, signed as each tool signs."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

SECRET = "a secret that only the sender knows"
STANDARD_SECRET = "whsec_" + base64.b64encode(b"standard webhooks wants 24+").decode()

SECRETS = {
    "webhook-servicenow": SECRET,
    "webhook-jira": SECRET,
    "webhook-jira-automation": SECRET,
    "webhook-freshservice": SECRET,
    "freshservice-api-key": SECRET,
    "webhook-generic": STANDARD_SECRET,
}
"""What Key Vault holds for the shipped sources."""


def mac(secret: bytes, signed: bytes) -> bytes:
    return hmac.new(secret, signed, hashlib.sha256).digest()


def servicenow(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signature = mac(secret.encode(), stamp.encode() + b"." + body)
    return {
        "X-Sluice-Timestamp": stamp,
        "X-Sluice-Signature": "sha256=" + base64.b64encode(signature).decode(),
    }


def jira(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    return {
        "X-Hub-Signature": "sha256=" + mac(secret.encode(), body).hex(),
        "X-Atlassian-Webhook-Identifier": "7d5f3c1e-0000-4000-8000-000000000001",
    }


def jira_automation(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def freshservice(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    return {"X-Api-Key": secret}


def generic(
    body: bytes, at: datetime, secret: str = STANDARD_SECRET, message_id: str = "msg_1"
) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = mac(key, f"{message_id}.{stamp}.".encode() + body)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(signature).decode(),
    }


SIGN = {
    "servicenow": servicenow,
    "jira": jira,
    "jira-automation": jira_automation,
    "freshservice": freshservice,
    "generic": generic,
}


def signed(source: str, body: bytes, at: datetime, **said: str) -> Mapping[str, str]:
    """The headers that the tool proves itself with."""
    return SIGN[source](body, at, **said)
