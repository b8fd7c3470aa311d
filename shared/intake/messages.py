"""What is done with a message on `intake`: the same gate as every other way in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.changes.problems import RequestRefused
from shared.cloudevents.amqp import texts
from shared.intake.accept import Intake
from shared.intake.asked import of_message
from shared.intake.refuse import REFUSED, Refuser
from shared.messaging.guard import guarded
from shared.messaging.instructions import Done, Instruction, Reject
from shared.messaging.received import Received
from shared.policy.subject import Asker
from shared.telemetry.line import note

SOURCE = "SluiceSource"
"""The application property with the source whose file reads the message."""


@dataclass(frozen=True, slots=True)
class IntakeMessages:
    """Accepts or refuses messages; the message id is the sender's name for its request."""

    intake: Intake
    refuser: Refuser
    admit: Callable[[str, Received], Awaitable[None]]
    """Takes a message that names a source of webhooks as its own."""

    async def handle(self, message: Received) -> None:
        """Accept the message's change; raises Rejected for one that cannot be accepted."""

        async def give_up(error: Exception) -> Instruction:
            return await self.refuser.reject(message, "internal-error", type(error).__name__)

        await guarded(
            lambda: self._accept(message),
            failures=message.failures,
            copy=message.again,
            give_up=give_up,
            sender=self.intake.sender,
            clock=self.intake.clock,
        )

    async def _accept(self, message: Received) -> Instruction:
        if code := message.properties.get(REFUSED):
            return Reject(str(code), "Refused before; its body was not kept.")
        try:
            if source := texts(message.properties).get(SOURCE):
                note(source=str(source))
                await self.admit(str(source), message)
            else:
                asked = of_message(message)
                key = asked.event or message.id
                accepted = await self.intake.take(asked.request, Asker("intake"), key=key)
                change = accepted.operation
                note(change=change.id, state=change.state, repeated=accepted.repeated)
        except RequestRefused as refused:
            return await self.refuser.refuse(message, refused)
        return Done()
