"""What is told of a quota whenever something was taken from it: how full it is, and how wide."""

from shared.quota.quotas import Quota
from shared.quota.window import Window
from shared.telemetry.measurement import QUOTA_BUDGET, QUOTA_USED
from shared.telemetry.metrics import measure


def told(quota: Quota, window: Window, now: float) -> None:
    """Measure the window as it was just written: all instances together, without asking again."""
    measure(QUOTA_USED, window.used(quota, now) / quota.most, quota=quota.name)
    measure(QUOTA_BUDGET, window.budget(quota, now), quota=quota.name)
