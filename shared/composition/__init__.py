"""What the functions use, put together from the settings.

Nothing heavy is imported before it is needed: a function that only accepts a request never loads
the Graph SDK. Each part is made once per process.
"""

from shared.composition.bulks import bulk, bulk_dry_run, bulk_intake
from shared.composition.policies import brakes, clearance, engaged, judge, kill_switch, policy_file
from shared.composition.processing import changes_messages
from shared.composition.readiness import doctor, health, levels
from shared.composition.rotations import (
    between,
    calendar,
    devices,
    directory,
    importing,
    overdue,
    rotating,
    rotation_timer,
)
from shared.composition.services import (
    bus,
    close,
    credential,
    governor,
    graph_client,
    graph_credential,
    sender,
    settings,
    tables,
    telemetry,
    vault,
)
from shared.composition.stores import (
    bulk_targets,
    ended,
    held,
    lines,
    operations,
    policy_cells,
    reconciled,
    refusals,
    register,
    target_results,
)
from shared.composition.ways_in import (
    actions,
    dry_run,
    graph,
    intake,
    intake_messages,
    redriver,
    stops,
)

__all__ = [
    "actions",
    "between",
    "brakes",
    "bulk",
    "bulk_dry_run",
    "bulk_intake",
    "bulk_targets",
    "bus",
    "calendar",
    "changes_messages",
    "clearance",
    "close",
    "credential",
    "devices",
    "directory",
    "doctor",
    "dry_run",
    "ended",
    "engaged",
    "governor",
    "graph",
    "graph_client",
    "graph_credential",
    "health",
    "held",
    "importing",
    "intake",
    "intake_messages",
    "judge",
    "kill_switch",
    "levels",
    "lines",
    "operations",
    "overdue",
    "policy_cells",
    "policy_file",
    "reconciled",
    "redriver",
    "refusals",
    "register",
    "rotating",
    "rotation_timer",
    "sender",
    "settings",
    "stops",
    "tables",
    "target_results",
    "telemetry",
    "vault",
]
