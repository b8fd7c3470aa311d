"""What the steps of a change reach the world through."""

from dataclasses import dataclass

from shared.clock import Clock
from shared.graph.effects import Graph
from shared.messaging.messages import Sender
from shared.processing.patience import Patience
from shared.records.ports import Lines, Operations, TargetResults


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The ports of processing, and how patient it is."""

    operations: Operations
    lines: Lines
    results: TargetResults
    graph: Graph
    sender: Sender
    clock: Clock
    patience: Patience
