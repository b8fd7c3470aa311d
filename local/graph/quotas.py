"""Write quotas: https://learn.microsoft.com/graph/throttling-limits."""

import math
from collections import deque

from pydantic import BaseModel, PositiveFloat, PositiveInt

from local.standins.faults import STRICT

from .clock import Clock
from .refusals import RefusalError, Service

_TOLD_FROM = 0.8


class Quota(BaseModel):
    """So many writes in any window of so many seconds."""

    model_config = STRICT
    writes: PositiveInt
    seconds: PositiveFloat
    retry_after: bool = True
    """Intune has been seen to answer 429 without the header."""


class WriteQuotas:
    """Counts admitted writes per service in a sliding window; a service without quota is free."""

    def __init__(self, clock: Clock) -> None:
        self._quotas: dict[Service, Quota | None] = {}
        self._admitted: dict[Service, deque[float]] = {service: deque() for service in Service}
        self._clock = clock

    def set(self, service: Service, quota: Quota | None) -> None:
        """Give a service a quota, or none, from now on; its window starts empty."""
        self._quotas[service] = quota
        self._admitted[service].clear()

    def admit(self, service: Service) -> None:
        """Count one write, or raise RefusalError 429 when the window is full."""
        quota = self._quotas.get(service)
        if quota is None:
            return
        now, admitted = self._clock(), self._in_window(service, quota)
        if len(admitted) >= quota.writes:
            wait = math.ceil(admitted[0] + quota.seconds - now)
            headers = self.fill(service) | ({"Retry-After": str(wait)} if quota.retry_after else {})
            raise RefusalError(429, "Too many requests.", headers=headers)
        admitted.append(now)

    def fill(self, service: Service) -> dict[str, str]:
        """The header by which the directory says how full a window is, from 80 % on."""
        quota = self._quotas.get(service)
        if quota is None or service is not Service.DIRECTORY:
            return {}
        used = len(self._in_window(service, quota)) / quota.writes
        return {"x-ms-throttle-limit-percentage": f"{used:.2f}"} if used >= _TOLD_FROM else {}

    def _in_window(self, service: Service, quota: Quota) -> deque[float]:
        admitted, begins = self._admitted[service], self._clock() - quota.seconds
        while admitted and admitted[0] <= begins:
            admitted.popleft()
        return admitted
