"""The metrics of Sluice: their names, units and dimensions; docs/observability.md explains them.

A level (how many are overdue) is a distribution as well: the workspace then keeps the least and
the greatest that was seen, and an instance that has stopped looking says nothing any more.
"""

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """How measurements of one metric add up."""

    COUNT = "count"
    DISTRIBUTION = "distribution"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured; `unit` as UCUM has it."""

    name: str
    shape: Shape
    unit: str = "1"
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of a metric."""

    metric: Metric
    value: float
    dimensions: dict[str, str]


CHANGES_MOVED = Metric("sluice.changes.moved", Shape.COUNT, dimensions=("state", "operation"))
CHANGES_ENDED = Metric(
    "sluice.changes.ended", Shape.COUNT, dimensions=("state", "operation", "code")
)
CHANGES_ATTEMPTS = Metric("sluice.changes.attempts", Shape.DISTRIBUTION, dimensions=("operation",))
CHANGES_DURATION = Metric(
    "sluice.changes.duration", Shape.DISTRIBUTION, "s", ("state", "operation")
)
GRAPH_REQUESTS = Metric(
    "sluice.graph.requests", Shape.COUNT, dimensions=("status", "route", "quota")
)
QUEUE_WAIT = Metric("sluice.queue.wait", Shape.DISTRIBUTION, "s", ("queue",))
LANE_WAIT = Metric("sluice.lane.wait", Shape.DISTRIBUTION, "s", ("lane",))
QUOTA_USED = Metric("sluice.quota.used", Shape.DISTRIBUTION, dimensions=("quota",))
QUOTA_BUDGET = Metric("sluice.quota.budget", Shape.DISTRIBUTION, dimensions=("quota",))
ROTATIONS_OVERDUE = Metric("sluice.rotations.overdue", Shape.DISTRIBUTION)
DEVICES_BETWEEN = Metric("sluice.devices.between", Shape.DISTRIBUTION)
BRAKE_ENGAGED = Metric("sluice.brake.engaged", Shape.DISTRIBUTION, dimensions=("brake",))
PERMISSIONS_MISSING = Metric("sluice.permissions.missing", Shape.DISTRIBUTION)
