"""The ways in, and what people do with a change."""

from functools import cache
from typing import TYPE_CHECKING

from shared.clock import utc_now
from shared.composition.policies import brakes, judge, kill_switch
from shared.composition.services import bus, graph_client, sender, settings, vault
from shared.composition.stores import ended, held, lines, operations, refusals, target_results

if TYPE_CHECKING:
    from shared.actions.brake import Stops
    from shared.actions.decide import Dependencies as Actions
    from shared.deadletters.redrive import Redriver
    from shared.graph.effects import Graph
    from shared.intake.accept import Intake
    from shared.intake.messages import IntakeMessages
    from shared.messaging.received import Received
    from shared.planning.dry_run import DryRun


@cache
def graph() -> "Graph":
    """What changes are on Microsoft Graph."""
    from shared.graph.catalogue import GraphCatalogue

    return GraphCatalogue(graph_client(), vault())


@cache
def stops() -> "Stops":
    """Whatever keeps changes from going on, for a person."""
    from shared.actions.brake import Stops

    return Stops(actions(), kill_switch(), brakes(), held())


@cache
def intake() -> "Intake":
    """The use case of every way in."""
    from shared.intake.accept import Intake

    chosen = settings()
    return Intake(
        operations(),
        lines(),
        sender(),
        utc_now,
        judge(),
        chosen.lanes,
        unofficial_routes=chosen.unofficial_routes,
        offer=chosen.offer,
    )


@cache
def dry_run() -> "DryRun":
    """The use case of requests for a plan."""
    from shared.planning.dry_run import DryRun

    return DryRun(intake(), graph())


@cache
def actions() -> "Actions":
    """What a person's actions on a change need."""
    from shared.actions.decide import Dependencies

    return Dependencies(operations(), lines(), sender(), utc_now, ended())


@cache
def intake_messages() -> "IntakeMessages":
    """The use case of messages on `intake`."""
    from shared.intake.messages import IntakeMessages
    from shared.intake.refuse import Refuser
    from shared.webhooks.composition import messages

    async def admit(source: str, message: "Received") -> None:
        # Put together when the first message names a source: most name none.
        await messages().admit(source, message)

    return IntakeMessages(intake(), Refuser(refusals(), sender(), utc_now), admit)


@cache
def redriver() -> "Redriver":
    """The dead-letter queues, for the operator's command."""
    from shared.deadletters.browse import DeadLetters
    from shared.deadletters.redrive import Redriver
    from shared.deadletters.servicebus import ServiceBusDeadLetters

    letters = DeadLetters(ServiceBusDeadLetters(bus()), operations(), refusals())
    return Redriver(letters, operations(), target_results(), sender(), utc_now)
