"""Bulk changes."""

from functools import cache
from typing import TYPE_CHECKING

from shared.clock import utc_now
from shared.composition.services import sender, settings
from shared.composition.stores import bulk_targets, ended, lines, operations, target_results
from shared.composition.ways_in import dry_run, intake

if TYPE_CHECKING:
    from shared.bulk.accept import BulkIntake
    from shared.bulk.dependencies import Dependencies as Bulk
    from shared.bulk.dry_run import BulkDryRun


@cache
def bulk() -> "Bulk":
    """What bulk changes need."""
    from shared.bulk.dependencies import Dependencies

    chosen = settings()
    return Dependencies(
        operations=operations(),
        lines=lines(),
        results=target_results(),
        sender=sender(),
        clock=utc_now,
        ended=ended(),
        patience=chosen.patience,
        targets=bulk_targets(),
        intake=intake(),
        most_open=chosen.bulk_open,
    )


@cache
def bulk_intake() -> "BulkIntake":
    """The use case of requests for bulk changes."""
    from shared.bulk.accept import BulkIntake

    return BulkIntake(intake(), bulk_targets())


@cache
def bulk_dry_run() -> "BulkDryRun":
    """The use case of requests for the plans of one."""
    from shared.bulk.dry_run import BulkDryRun

    return BulkDryRun(bulk_intake(), dry_run())
