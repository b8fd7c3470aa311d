"""What a person does about the kill switch, the brakes, and the changes that the policy holds."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from shared.actions.cancel import cancel
from shared.actions.decide import Dependencies
from shared.actions.release import release
from shared.changes.operation import Json, Operation
from shared.changes.problems import Problem, RequestRefused
from shared.changes.times import in_utc
from shared.policy.brakes import Brakes
from shared.policy.kill_switch import KillSwitch, SwitchState
from shared.policy.ports import Held, HeldChange

MOST_AT_ONCE = 500
"""Changes that one request decides on: somebody waits for its answer."""
_MOST_SHOWN = 100
_SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stops:
    """Whatever keeps changes from going on, and how to decide on them."""

    changes: Dependencies
    switch: KillSwitch
    brakes: Brakes
    held: Held

    async def show(self) -> Json:
        """How everything stands; what is held, by rule, and the oldest of it."""
        held = await self._still_held(await self.held.by(None))
        return {
            "killSwitch": switch_view(await self.switch.state()),
            "brakes": [
                {
                    "name": each.brake.name,
                    "engagedAt": in_utc(each.engaged_at),
                    "devices": each.brake.devices,
                    "minutes": each.brake.minutes,
                }
                for each in await self.brakes.states()
            ],
            "held": dict(Counter(each.rule for each in held)),
            "changes": [
                {"id": each.operation, "rule": each.rule, "heldAt": in_utc(each.at)}
                for each in held[:_MOST_SHOWN]
            ],
        }

    async def release(self, rule: str) -> Json:
        """Let go the brake of this name, and what is held by the rule of this name.

        Raises RequestRefused: 409 `kill-switch-on`, 404.
        """

        async def let_go(change: str) -> Operation:
            return await release(self.changes, self.switch, change, window=False)

        known = await self._known(rule)
        if await self.switch.on():
            raise RequestRefused(409, [Problem("kill-switch-on", "", "Turn it off first.")])
        await self.brakes.release(rule)
        return await self._decide(rule, known, let_go)

    async def cancel(self, rule: str) -> Json:
        """Give up what is held by this rule. Raises RequestRefused (404)."""

        async def give_up(change: str) -> Operation:
            return await cancel(self.changes, change)

        return await self._decide(rule, await self._known(rule), give_up)

    async def _still_held(self, held: list[HeldChange]) -> list[HeldChange]:
        """Those that nobody has decided on one by one; of very many, the later ones unseen."""
        seen = held[:MOST_AT_ONCE]
        holds = await asyncio.gather(*map(self._holds, seen))
        still = [each for each, it_does in zip(seen, holds, strict=True) if it_does]
        return still + held[MOST_AT_ONCE:]

    async def _holds(self, held: HeldChange) -> bool:
        operation = await self.changes.operations.get(held.operation)
        decision = operation.decision if operation else None
        by_this = decision is not None and decision.rule == held.rule
        if operation and operation.awaits_person and by_this:
            return True
        # It is noted before the record says so, which may be about to.
        about_to = operation is None and self.changes.clock() - held.at < _SOON
        if not about_to and (operation is None or operation.state.ended or by_this):
            await self.held.remove(held)
        return False

    async def _known(self, rule: str) -> list[HeldChange]:
        held = await self._still_held(await self.held.by(rule))
        names = {each.brake.name for each in await self.brakes.states()}
        if not held and rule not in names:
            detail = "No brake has this name, and nothing is held by it; GET /api/brake tells."
            raise RequestRefused(404, [Problem("unknown-rule", "/rule", detail)])
        return held

    async def _decide(
        self, rule: str, held: list[HeldChange], act: Callable[[str], Awaitable[Operation]]
    ) -> Json:
        decided = 0
        for each in held[:MOST_AT_ONCE]:
            with suppress(RequestRefused):  # somebody has decided on it just now
                await act(each.operation)
                decided += 1
            await self.held.remove(each)
        return {"rule": rule, "decided": decided, "left": max(0, len(held) - MOST_AT_ONCE)}


def switch_view(state: SwitchState) -> Json:
    """The kill switch in the members of the HTTP API."""
    return {"on": state.on, "since": in_utc(state.since), "reason": state.reason}
