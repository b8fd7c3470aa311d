"""Accounts whose password should have been rotated and was not: a number to set an alarm on.

It follows from the register alone, so that rotations which stop silently, whatever stops them, are
seen: a timer that does not run, failures that come again, a rotation that never ends.
"""

from datetime import datetime, timedelta

from shared.register.ports import Register

MOST = 10_000
"""Counting stops there: it means as many or more."""


async def count(register: Register, now: datetime, after: timedelta) -> int:
    """How many were scheduled more than `after` ago and have not been verified since."""
    return await register.overdue(now - after, MOST)
