"""Any system: outcomes as Standard Webhooks (standardwebhooks.com), symmetric signatures."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

import httpx

from shared.clock import Clock
from shared.faults import Permanent
from shared.webhooks.tool import Receiver
from shared.webhooks.verifiers.secrets import SenderSecrets
from shared.webhooks.verifiers.signature import standard_key
from shared.writeback.ports import Report
from shared.writeback.tools.client import send


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """Implements Tool. A receiver tells a repeat by its `webhook-id`, as the standard says."""

    form: Receiver
    secrets: SenderSecrets
    clock: Clock

    async def tell(self, report: Report) -> None:
        """Send the outcome, signed with every secret that is in use."""
        now = self.clock()
        document = report.document
        kind = report.outcome.state if report.outcome.id else "refused"
        event = {"type": f"change.{kind}", "timestamp": document["at"], "data": document}
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        # A full stop separates what is signed.
        name = report.note.marker.strip("[]").replace(".", "_").replace(":", "_")
        stamp = str(int(now.timestamp()))
        signed = f"{name}.{stamp}.".encode() + body
        secrets = await self.secrets.read(self.form.secrets)
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets),
        }
        request = httpx.Request("POST", self.form.url, content=body, headers=headers)
        await send(request, self.clock)


def _signature(secret: bytes, signed: bytes) -> str:
    key = standard_key(secret)
    if key is None:
        detail = "The secret in Key Vault is not base64 of 24 to 64 bytes."
        raise Permanent("signing-secret", detail)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
