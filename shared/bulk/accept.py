"""Accept a bulk change: its targets are kept first, then one record stands for all of them."""

from dataclasses import dataclass
from itertools import islice

from shared.bulk.ports import Targets
from shared.bulk.record import new_bulk
from shared.bulk.request import BulkRequest, at_target, body_of, of_targets
from shared.changes.operation import BULK
from shared.changes.problems import Problem, RequestRefused
from shared.changes.request import read_request
from shared.changes.validation import MOST_PROBLEMS
from shared.intake.accept import Accepted, Intake
from shared.policy.judge import DENIED_STATUS
from shared.policy.subject import Asker

_SOURCE = "http/bulk"
"""Not that of single changes: a key may be used for one of each."""


@dataclass(frozen=True, slots=True)
class BulkIntake:
    """The way in of bulk changes."""

    intake: Intake
    targets: Targets

    async def take(self, request: BulkRequest, *, key: str | None) -> Accepted:
        """Make one bulk change of the request, or find the one that it made before.

        Raises RequestRefused when one of its targets could not be accepted alone, or when its key
        was used for another request.
        """
        bulk = new_bulk(request, _SOURCE, key, self.intake.clock())
        known = await self.intake.operations.get(bulk.id)
        if known is None:
            # Too late to ask is not too late to ask again: what was accepted stays so.
            self.examine(request)
            await self.targets.put(bulk.fingerprint, request.targets)
        return await self.intake.record(bulk)

    def examine(self, request: BulkRequest) -> None:
        """Raise RequestRefused unless every target could be accepted now."""
        change = request.change
        for index, target in request.kinds():
            try:
                self.intake.possible(read_request(body_of(change, target)))
            except RequestRefused as refused:
                problems = [at_target(index, each) for each in refused.problems]
                raise RequestRefused(refused.status, problems) from None
        # The policy goes by what the targets are called, so it is asked about each.
        each_alone = ({**change, "target": target} for target in request.targets)
        if denied := self.intake.policy.denials(each_alone, Asker(BULK)):
            problems = [
                Problem(each.code, f"/targets/{index}", each.detail)
                for index, each in islice(denied.items(), MOST_PROBLEMS - 1)
            ]
            summary = of_targets(len(denied), len(request.targets))
            raise RequestRefused(DENIED_STATUS, [summary, *problems])
