"""A dry run of a bulk change: all is checked, and its canary is planned."""

import asyncio
from dataclasses import dataclass

from shared.bulk.accept import BulkIntake
from shared.bulk.request import BulkRequest, body_of
from shared.changes.operation import BULK, Json
from shared.changes.request import read_request
from shared.planning.dry_run import DryRun
from shared.policy.subject import Asker

MOST_PLANS = 20
"""Somebody waits for the answer."""


@dataclass(frozen=True, slots=True)
class BulkDryRun:
    """Answers a request with the plans of its first targets."""

    intake: BulkIntake
    dry_run: DryRun

    async def plan(self, request: BulkRequest) -> Json:
        """The plans of the targets that would go first, as they would be applied now.

        Raises RequestRefused where a target would not be accepted, and Transient where Graph or
        the vault cannot be asked now.
        """
        self.intake.examine(request)
        first = request.targets[: min(max(request.bounds.canary, 1), MOST_PLANS)]
        asked = [read_request(body_of(request.change, target)) for target in first]
        plans = await asyncio.gather(*(self.dry_run.plan(each, Asker(BULK)) for each in asked))
        return {
            "targets": len(request.targets),
            "plans": [{"index": index, **plan.view} for index, plan in enumerate(plans)],
        }
