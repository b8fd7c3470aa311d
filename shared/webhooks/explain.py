"""What would a payload become? The same steps as for a webhook, and nothing comes of it.

Whoever asks sets a source up, so verification does not decide here; it is told why it would fail.
"""

from dataclasses import dataclass
from typing import Any

from shared.changes.problems import Problem, RequestRefused
from shared.changes.request import canonical
from shared.faults import Transient
from shared.intake.accept import Intake
from shared.webhooks.admission import NOT_FOR_SLUICE, OWN, Fetch
from shared.webhooks.delivery import Delivery, check_size
from shared.webhooks.mapping import concerns_sluice, is_own, map_payload, read_ticket
from shared.webhooks.payload import of_delivery
from shared.webhooks.sources import Loaded, Sources
from shared.webhooks.verifiers.chain import Verifiers
from shared.webhooks.verifiers.verdict import NotConvinced


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains deliveries. Without an intake it says what the mapping says, and no more."""

    sources: Sources
    verifiers: Verifiers | None = None
    fetch: Fetch | None = None
    intake: Intake | None = None

    async def explain(self, delivery: Delivery) -> dict[str, Any]:
        """The explanation, as JSON. Raises RequestRefused for a source that is not enabled."""
        loaded = self.sources.find(delivery.source)
        if loaded is None:
            detail = "There is no such source, or WEBHOOK_SOURCES does not name it."
            raise RequestRefused(404, [Problem("not-found", "", detail)])
        told: dict[str, Any] = {
            "source": loaded.name,
            "file": f"sha256:{loaded.digest}",
            "verified": None,
            "notVerified": None,
            "status": "refused",
            "reason": None,
            "ticket": None,
            "changes": [],
            "problems": [],
        }
        try:
            if self.verifiers:
                told |= await self._verification(self.verifiers, loaded, delivery)
            await self._admission(loaded, delivery, told)
        except RequestRefused as refused:
            told["problems"] = [
                {"code": each.code, "pointer": each.pointer, "detail": each.detail}
                for each in refused.problems
            ]
        return told

    async def _verification(
        self, verifiers: Verifiers, loaded: Loaded, delivery: Delivery
    ) -> dict[str, Any]:
        try:
            await verifiers.verify(loaded.source.verify, delivery)
        except NotConvinced as no:
            return {"verified": False, "notVerified": str(no)}
        except Transient as fault:
            return {"verified": False, "notVerified": str(fault)}
        return {"verified": True}

    async def _admission(self, loaded: Loaded, delivery: Delivery, told: dict[str, Any]) -> None:
        """Fills in what is told as far as the payload comes; raises RequestRefused."""
        check_size(delivery)
        payload = of_delivery(loaded.source, delivery)
        if loaded.source.fetch and self.fetch:
            payload = await self.fetch(loaded, payload)
        if is_own(loaded.source, payload.document):
            told |= {"status": "ignored", "reason": OWN}
            return
        if not concerns_sluice(loaded.source, payload.document):
            told |= {"status": "ignored", "reason": NOT_FOR_SLUICE}
            return
        ticket = read_ticket(loaded.source, payload.document)
        told["ticket"] = ticket and ticket.reference(loaded.name)
        requests = map_payload(loaded.source, loaded.name, ticket, payload.document)
        told["changes"] = [canonical(request) for request in requests]
        if self.intake:
            for request in requests:
                self.intake.examine(request, loaded.asker)
        told["status"] = "accepted"
