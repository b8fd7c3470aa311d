"""What the steps of a change reach the world through."""

from dataclasses import dataclass

from shared.clock import Clock
from shared.graph.effects import Graph
from shared.messaging.messages import Sender
from shared.policy.clearance import Clearance
from shared.processing.patience import Patience
from shared.processing.settle import Ended
from shared.records.ports import Lines, Operations


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The ports of processing, and how patient it is."""

    operations: Operations
    lines: Lines
    graph: Graph
    sender: Sender
    clock: Clock
    ended: Ended
    patience: Patience
    clearance: Clearance
