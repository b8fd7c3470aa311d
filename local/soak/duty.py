"""Whoever is on duty: lets go what a brake holds, for the users of a soak are meant to be many."""

import asyncio

from local.soak.system import System

_EVERY = 5.0
"""Seconds between two looks."""


class Duty:
    """One person, as long as the soak lasts."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.released = 0
        """Changes that were held and let go."""

    async def look_and_release(self) -> None:
        """Look every few seconds. Ends with the run."""
        while True:
            await asyncio.sleep(_EVERY)
            for rule in (await self._system.ask("GET", "brake")).json()["held"]:
                answer = await self._system.ask("POST", "brake/release", {"rule": rule})
                if answer.is_success:  # else it was let go by a request whose answer was lost
                    self.released += answer.json()["decided"]
