"""Messages that are ready, in order, and the consumers that take them in turn."""

import heapq
from collections import deque
from collections.abc import Callable

from local.broker.engine.consumers import Consumer


class Lane:
    """A queue without sessions has one lane; each session is a lane of its own."""

    def __init__(self) -> None:
        self.consumers: deque[Consumer] = deque()
        self._order: list[int] = []
        self._ready: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._ready)

    def add(self, sequence: int) -> None:
        """Make a message ready, at the place that its sequence number gives it."""
        if sequence not in self._ready:
            self._ready.add(sequence)
            heapq.heappush(self._order, sequence)

    def discard(self, sequence: int) -> None:
        """Withdraw a message, ready or not."""
        # Its place in the order goes when it comes up, or when such places are the most.
        self._ready.discard(sequence)
        if len(self._order) > 2 * len(self._ready) + 64:
            self._order = sorted(self._ready)

    def dispatch(self, hand_over: Callable[[int, Consumer], None]) -> None:
        """Hand messages over while there are some and somebody wants them."""
        while self._ready and (consumer := self._next_consumer()) is not None:
            hand_over(self._take(), consumer)

    def _take(self) -> int:
        while True:
            sequence = heapq.heappop(self._order)
            if sequence in self._ready:
                self._ready.remove(sequence)
                return sequence

    def _next_consumer(self) -> Consumer | None:
        for _ in range(len(self.consumers)):
            consumer = self.consumers[0]
            self.consumers.rotate(-1)
            if consumer.credit > 0:
                return consumer
        return None
