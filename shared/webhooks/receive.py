"""The use case of POST /api/webhooks/{source}."""

import logging
from dataclasses import dataclass

from shared.changes.problems import Problem, RequestRefused
from shared.webhooks.admission import Admission, Admitted
from shared.webhooks.delivery import Delivery, check_size
from shared.webhooks.payload import of_delivery
from shared.webhooks.sources import Loaded, Sources
from shared.webhooks.verifiers.chain import Verifiers
from shared.webhooks.verifiers.verdict import NotConvinced

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Takes webhooks in, step by step; each step can say no, the cheapest first."""

    sources: Sources
    verifiers: Verifiers
    admission: Admission

    async def receive(self, delivery: Delivery) -> Admitted:
        """Raises RequestRefused (401 for everybody who is not known), Transient, SourceError."""
        check_size(delivery)
        loaded = await self._verified(delivery)
        try:
            admitted = await self.admission.admit(loaded, of_delivery(loaded.source, delivery))
        except RequestRefused as refused:
            _log.warning("a webhook of %s was refused: %s", loaded.name, refused.first.code)
            raise
        _log.info("a webhook of %s: %s", loaded.name, admitted.ignored or admitted.status)
        return admitted

    async def _verified(self, delivery: Delivery) -> Loaded:
        loaded = self.sources.find(delivery.source)
        if loaded is None:
            _log.warning("a webhook for a source that is not enabled")
            raise _unknown()
        try:
            await self.verifiers.verify(loaded.source.verify, delivery)
        except NotConvinced as no:
            _log.warning("a webhook for %s is not from it: %s", loaded.name, no)
            raise _unknown() from None
        return loaded


def _unknown() -> RequestRefused:
    """The same for an unknown source as for a wrong signature: nobody learns which it was."""
    detail = "The request is not from a sender that is known here."
    return RequestRefused(401, [Problem("not-verified", "", detail)])
