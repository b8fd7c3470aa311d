"""How long to wait, how often."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from shared.faults import Transient


@dataclass(frozen=True, slots=True)
class Patience:
    """The waits of one change. All values in seconds unless named otherwise."""

    most_attempts: int = 8
    """Tries of one step before the change fails, the first included."""
    first_delay: float = 5.0
    """Before the second try; doubled for each further one."""
    longest_delay: float = 900.0
    claim: float = 60.0
    """How long one invocation may be at a change before another one may take over.

    No longer than the lock of a message: whoever gets that from an instance that died need not
    wait again.
    """
    read_back: tuple[float, ...] = (5.0, 30.0, 120.0, 300.0)
    """Waits between read-backs of a patch that does not show yet."""
    action: tuple[float, ...] = (60.0, 120.0, 300.0, 600.0)
    """Waits between looks at the result of a device action."""
    stopped: float = 60.0
    """Between looks at whether the kill switch is still on."""
    approval: float = 3 * 86_400.0
    """How long a change is held for another administrator's approval."""
    jitter: Callable[[], float] = random.random

    def retry_delay(self, attempts: int, asked: float | None) -> timedelta:
        """The wait after the `attempts`-th failed try: never less than Graph `asked` for."""
        grown = min(self.first_delay * 2 ** (attempts - 1), self.longest_delay)
        spread = grown * (0.75 + self.jitter() / 2)
        return timedelta(seconds=max(spread, asked or 0.0))

    def attempts_after(self, fault: Transient) -> int:
        """Tries of one step that ended in this fault, the first included."""
        return min(self.most_attempts, fault.most_attempts or self.most_attempts)

    @property
    def deadline(self) -> float:
        """An invocation gives up this long after its claim, well before the claim ends."""
        return self.claim * 0.75
