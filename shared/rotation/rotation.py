"""A rotation: its steps in their order."""

from collections.abc import Awaitable, Callable

from shared.changes.states import State
from shared.messaging.instructions import Instruction
from shared.rotation.progress import Step
from shared.rotation.steps.confirm import confirm
from shared.rotation.steps.devices import tell_devices
from shared.rotation.steps.directory import tell_directory
from shared.rotation.steps.gate import pass_gate
from shared.rotation.steps.mint import mint
from shared.rotation.steps.promote import promote
from shared.rotation.turn import RotationTurn

type Do = Callable[[RotationTurn], Awaitable[Instruction | None]]

_STEPS: dict[Step, Do] = {
    Step.MINT: mint,
    Step.DIRECTORY: tell_directory,
    Step.DEVICES: tell_devices,
    Step.CONFIRM: confirm,
    Step.PROMOTE: promote,
}


class Rotation(RotationTurn):
    """Carries a rotation as far as this invocation gets."""

    async def advance(self) -> Instruction:
        """Pass the gate as long as nothing is touched, then one step after the other."""
        if self.progress is None or not self.progress.touched:
            if not_now := await self.use.clearance.not_now(self._operation):
                return await self.keep_back(not_now)
            if waiting := await pass_gate(self):
                return waiting
        elif self._operation.state is State.ACCEPTED:
            self.know(self.at.resumed(self.confirm_by()))
        elif self._operation.awaits_approval:
            return await self.unconfirmed("approval-expired", "Nobody approved the action in time.")
        while True:
            if instruction := await _STEPS[self.at.step](self):
                return instruction
