"""What bulk changes reach the world through."""

from dataclasses import dataclass

from shared.actions.decide import Dependencies as Actions
from shared.bulk.ports import Targets
from shared.clock import Clock
from shared.intake.accept import Intake
from shared.messaging.messages import Sender
from shared.processing.patience import Patience
from shared.processing.settle import Ended
from shared.records.ports import Lines, Operations, TargetResults


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The ports of bulk changes, the ways in and out of their children, and how many at once."""

    operations: Operations
    lines: Lines
    results: TargetResults
    sender: Sender
    clock: Clock
    ended: Ended
    patience: Patience
    targets: Targets
    intake: Intake
    most_open: int = 100
    """Children of one bulk change that are under way at once: others have to get through."""

    @property
    def actions(self) -> Actions:
        """What a person's actions need."""
        return Actions(self.operations, self.lines, self.sender, self.clock, self.ended)
