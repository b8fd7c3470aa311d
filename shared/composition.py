"""What the functions use, put together from the settings.

Nothing heavy is imported before it is needed: a function that only accepts a request never loads
the Graph SDK. Each part is made once per process.
"""

import logging
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from shared.clock import utc_now
from shared.settings import Connection, Settings, SettingsError

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.servicebus.aio import ServiceBusClient

    from shared.actions.brake import Stops
    from shared.actions.decide import Dependencies as Actions
    from shared.bulk.accept import BulkIntake
    from shared.bulk.dependencies import Dependencies as Bulk
    from shared.bulk.dry_run import BulkDryRun
    from shared.changes.operation import Operation
    from shared.deadletters.redrive import Redriver
    from shared.graph.calendars import RoomCalendars
    from shared.graph.client import GraphClient
    from shared.graph.credential import ForgetfulCredential
    from shared.graph.directory import EntraDirectory
    from shared.graph.effects import Graph
    from shared.graph.intune import IntuneDevices
    from shared.health.checks import Check
    from shared.health.levels import Levels
    from shared.health.readiness import Health
    from shared.intake.accept import Intake
    from shared.intake.messages import IntakeMessages
    from shared.messaging.received import Received
    from shared.messaging.servicebus import ServiceBusQueues
    from shared.permissions.doctor import Doctor
    from shared.planning.dry_run import DryRun
    from shared.policy.brakes import Brakes
    from shared.policy.clearance import PolicyClearance
    from shared.policy.judge import Judge
    from shared.policy.kill_switch import KillSwitch
    from shared.policy.policy_file import PolicyFile
    from shared.processing.messages import ChangesMessages
    from shared.processing.settle import Ended
    from shared.processing.turn import Turn
    from shared.quota.governor import Governor
    from shared.records.bookmark import TableBookmark
    from shared.records.bulk_results import TableTargetResults
    from shared.records.bulk_targets import TableTargets
    from shared.records.held import TableHeld
    from shared.records.lines import TableLines
    from shared.records.operations import TableOperations
    from shared.records.policy_cells import TableCells
    from shared.records.refusals import TableRefusals
    from shared.records.register import TableRegister
    from shared.records.tables import Tables
    from shared.register.importing import Importing
    from shared.register.tick import Timer
    from shared.rotation.dependencies import Dependencies as Rotating
    from shared.telemetry.background import BackgroundExporter
    from shared.telemetry.outbox import Exporter
    from shared.vault.keyvault import KeyVault

# The client libraries tell every request at INFO, which costs more to keep than it says.
logging.getLogger("azure").setLevel(logging.WARNING)


@cache
def settings() -> Settings:
    """The settings of this process; raises SettingsError."""
    return Settings.read()


@cache
def telemetry() -> "BackgroundExporter":
    """What takes spans and measurements away; nothing, while the settings are wrong."""
    from shared.telemetry.background import BackgroundExporter

    try:
        destination = settings().telemetry
    except SettingsError:
        destination = ""

    def exporter() -> "Exporter":
        from shared.telemetry.azure_monitor import AzureMonitor

        return AzureMonitor(destination)

    return BackgroundExporter(exporter if destination else None)


@cache
def credential() -> "AsyncTokenCredential":
    """Who Sluice is, to everything but Graph."""
    return _new_credential(settings().client_id)


@cache
def graph_credential() -> "ForgetfulCredential":
    """Who Sluice is to Graph."""
    from shared.graph.credential import ForgetfulCredential

    chosen = settings()
    return ForgetfulCredential(
        lambda: _new_credential(chosen.graph_client_id), f"{chosen.graph_audience}/.default"
    )


def _new_credential(client_id: str | None) -> "AsyncTokenCredential":
    """A managed identity, or the person who runs the operator's command."""
    from azure.identity.aio import AzureCliCredential, ManagedIdentityCredential

    chosen = settings()
    if chosen.identity == "azure-cli":
        return AzureCliCredential()
    # Without a host that issues tokens, a federated identity gets them from its cloud's authority.
    authority = chosen.offer.cloud.authority
    if client_id:
        return ManagedIdentityCredential(client_id=client_id, authority=authority)
    return ManagedIdentityCredential(authority=authority)


def _credential_for(connection: Connection) -> "AsyncTokenCredential | None":
    return credential() if connection.by_identity else None


@cache
def tables() -> "Tables":
    """Table Storage, where the records are."""
    from shared.records.tables import Tables

    records = settings().records
    return Tables.connect(records.target, _credential_for(records))


@cache
def operations() -> "TableOperations":
    """The records of all changes."""
    from shared.records.operations import TableOperations

    return TableOperations(tables())


@cache
def lines() -> "TableLines":
    """The lines of the devices."""
    from shared.records.lines import TableLines

    return TableLines(tables())


@cache
def target_results() -> "TableTargetResults":
    """What became of the targets of bulk changes."""
    from shared.records.bulk_results import TableTargetResults

    return TableTargetResults(tables())


@cache
def bulk_targets() -> "TableTargets":
    """The targets of bulk changes."""
    from shared.records.bulk_targets import TableTargets

    return TableTargets(tables())


@cache
def refusals() -> "TableRefusals":
    """The messages that never became a change."""
    from shared.records.refusals import TableRefusals

    return TableRefusals(tables())


@cache
def register() -> "TableRegister":
    """The device accounts whose passwords are rotated."""
    from shared.records.register import TableRegister

    return TableRegister(tables())


@cache
def importing() -> "Importing":
    """The use case that takes a file of device accounts."""
    from shared.records.register_in_bulk import TableRegisterInBulk
    from shared.register.importing import Importing

    return Importing(register(), TableRegisterInBulk(tables()))


@cache
def rotation_timer() -> "Timer":
    """The use case of the rotation timer."""
    from shared.register.tick import Timer

    return Timer(register(), intake(), utc_now, ended())


async def overdue() -> int:
    """How many accounts should have been rotated and were not, as far as it is counted."""
    from shared.register.overdue import count

    return await count(register(), utc_now(), settings().overdue_after)


async def between() -> int:
    """How many devices are between two passwords."""
    from shared.rotation.between import count

    return await count(register(), operations())


async def levels() -> "Levels":
    """The numbers to set alarms on."""
    from shared.health.levels import Gauges

    return await Gauges(overdue, between, doctor().examine, engaged).look()


async def engaged() -> dict[str, bool]:
    """Whether the kill switch and the brakes are on, by name."""
    from shared.policy.kill_switch import CELL

    states = await brakes().states()
    brakes_on = {state.brake.name: state.engaged_at is not None for state in states}
    return {CELL: (await kill_switch().state()).on, **brakes_on}


@cache
def bus() -> "ServiceBusClient":
    """The connection to Service Bus."""
    from shared.messaging.servicebus import connect

    connection = settings().service_bus
    return connect(connection.target, _credential_for(connection))


@cache
def sender() -> "ServiceBusQueues":
    """The queues that Sluice sends to."""
    from shared.messaging.servicebus import ServiceBusQueues

    return ServiceBusQueues(bus())


@cache
def vault() -> "KeyVault":
    """Where passwords are kept."""
    from shared.vault.keyvault import KeyVault

    return KeyVault(settings().key_vault_url, credential(), utc_now)


@cache
def graph_client() -> "GraphClient":
    """The connection to Microsoft Graph."""
    from shared.graph.client import GraphClient

    return GraphClient(settings().graph_root, graph_credential(), utc_now, governor())


@cache
def governor() -> "Governor":
    """Who may call Graph now, over all instances."""
    from shared.quota.governor import Governor
    from shared.records.quotas import TableWindows

    chosen = settings()
    return Governor(
        TableWindows(tables()),
        chosen.quotas,
        utc_now,
        share=chosen.quota_share,
        reserve=chosen.quota_reserve,
    )


@cache
def graph() -> "Graph":
    """What changes are on Microsoft Graph."""
    from shared.graph.catalogue import GraphCatalogue

    return GraphCatalogue(graph_client(), vault())


@cache
def directory() -> "EntraDirectory":
    """The accounts whose passwords are rotated."""
    from shared.graph.directory import EntraDirectory

    return EntraDirectory(graph_client())


@cache
def devices() -> "IntuneDevices":
    """The devices that sign in with them."""
    from shared.graph.intune import IntuneDevices

    return IntuneDevices(graph_client())


@cache
def calendar() -> "RoomCalendars":
    """The calendars of their rooms."""
    from shared.graph.calendars import RoomCalendars

    return RoomCalendars(graph_client())


@cache
def policy_file() -> "PolicyFile":
    """Who may do what."""
    from shared.policy.policy_file import PolicyFile

    return PolicyFile(settings().policy_file)


@cache
def policy_cells() -> "TableCells":
    """What the policy counts, and its kill switch."""
    from shared.records.policy_cells import TableCells

    return TableCells(tables())


@cache
def held() -> "TableHeld":
    """The changes that the policy holds."""
    from shared.records.held import TableHeld

    return TableHeld(tables())


@cache
def judge() -> "Judge":
    """The policy, for every way in."""
    from shared.policy.judge import Judge
    from shared.policy.limits import Limits

    return Judge(policy_file(), Limits(policy_cells(), utc_now), held())


@cache
def kill_switch() -> "KillSwitch":
    """What makes everything stand still."""
    from shared.policy.kill_switch import KillSwitch

    return KillSwitch(policy_cells(), utc_now)


@cache
def stops() -> "Stops":
    """Whatever keeps changes from going on, for a person."""
    from shared.actions.brake import Stops

    return Stops(actions(), kill_switch(), brakes(), held())


def brakes() -> "Brakes":
    """The brakes of the policy."""
    from shared.policy.brakes import Brakes

    return Brakes(policy_file(), policy_cells())


@cache
def clearance() -> "PolicyClearance":
    """The policy, before anything is written."""
    from shared.policy.clearance import PolicyClearance

    stopped = timedelta(seconds=settings().patience.stopped)
    return PolicyClearance(policy_file(), kill_switch(), held(), utc_now, stopped)


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
def bulk() -> "Bulk":
    """What bulk changes need."""
    from shared.bulk.dependencies import Dependencies

    chosen = settings()
    return Dependencies(
        operations=operations(),
        lines=lines(),
        results=target_results(),
        sender=sender(),
        clock=utc_now,
        ended=ended(),
        patience=chosen.patience,
        targets=bulk_targets(),
        intake=intake(),
        most_open=chosen.bulk_open,
    )


@cache
def bulk_intake() -> "BulkIntake":
    """The use case of requests for bulk changes."""
    from shared.bulk.accept import BulkIntake

    return BulkIntake(intake(), bulk_targets())


@cache
def bulk_dry_run() -> "BulkDryRun":
    """The use case of requests for the plans of one."""
    from shared.bulk.dry_run import BulkDryRun

    return BulkDryRun(bulk_intake(), dry_run())


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
def changes_messages() -> "ChangesMessages":
    """The use case of messages on `changes`."""
    from shared.bulk.turn import BulkTurn
    from shared.processing.attempt import Attempt
    from shared.processing.dependencies import Dependencies
    from shared.processing.messages import ChangesMessages
    from shared.processing.plan_turn import PlanTurn
    from shared.processing.process import Processor

    use = Dependencies(
        operations=operations(),
        lines=lines(),
        graph=graph(),
        sender=sender(),
        clock=utc_now,
        ended=ended(),
        patience=settings().patience,
        clearance=clearance(),
    )

    def begin(operation: "Operation") -> "Turn":
        if operation.is_bulk:
            return BulkTurn(bulk(), operation)
        if operation.to_be_planned:
            return PlanTurn(use, operation)
        if operation.request["operation"] != "rotateDeviceAccount":
            return Attempt(use, operation)
        from shared.rotation.rotation import Rotation

        return Rotation(rotating(), operation)

    return ChangesMessages(Processor(use, begin))


@cache
def ended() -> "Ended":
    """Whoever has to know that a change has ended."""
    from shared.bulk.child_ended import ChildEnded
    from shared.rotation.ended import RotationEnded

    listeners = (RotationEnded(register(), settings().rotation_retry), ChildEnded(target_results()))

    async def tell(operation: "Operation") -> None:
        for listener in listeners:
            await listener(operation)

    return tell


@cache
def rotating() -> "Rotating":
    """What a rotation needs."""
    from shared.passwords.mint import mint
    from shared.rotation.dependencies import Dependencies, RotationPatience

    return Dependencies(
        operations=operations(),
        lines=lines(),
        sender=sender(),
        clock=utc_now,
        ended=ended(),
        patience=settings().patience,
        clearance=clearance(),
        register=register(),
        vault=vault(),
        directory=directory(),
        devices=devices(),
        calendar=calendar(),
        mint=mint,
        waits=RotationPatience(looks=settings().patience.action),
    )


@cache
def reconciled() -> "TableBookmark":
    """How far the register was reconciled."""
    from shared.records.bookmark import TableBookmark

    return TableBookmark(tables(), "reconcile")


@cache
def health() -> "Health":
    """Whether changes can be accepted and carried out."""
    from shared.health.readiness import Health
    from shared.webhooks.composition import sources

    checks: dict[str, Check] = {
        "records": lambda: tables().ping(),
        "queues": lambda: sender().ping(),
        "identity": lambda: graph_credential().get_token(),
        "webhooks": lambda: sources().check(),
        "policy": lambda: policy_file().check(),
    }
    return Health(checks, doctor().examine, overdue, utc_now)


def doctor() -> "Doctor":
    """Whoever examines what the identity may do on Graph."""
    from shared.permissions.doctor import Doctor
    from shared.permissions.needs import may_need, needs_of

    async def token() -> str:
        return (await graph_credential().get_token()).token

    async def new_token() -> str:
        return (await graph_credential().renew()).token

    chosen = settings()
    enabled = chosen.offer.operations
    needs = needs_of(enabled, unofficial=chosen.unofficial_routes)
    return Doctor(token, new_token, needs, may_need(enabled))


@cache
def redriver() -> "Redriver":
    """The dead-letter queues, for the operator's command."""
    from shared.deadletters.browse import DeadLetters
    from shared.deadletters.redrive import Redriver
    from shared.deadletters.servicebus import ServiceBusDeadLetters

    letters = DeadLetters(ServiceBusDeadLetters(bus()), operations(), refusals())
    return Redriver(letters, operations(), target_results(), sender(), utc_now)


async def close() -> None:
    """Close what was opened; for commands, which end, unlike the app."""
    if sender.cache_info().currsize:
        await sender().close()
    if tables.cache_info().currsize:
        await tables().close()
    if graph_client.cache_info().currsize:
        await graph_client().close()
    if vault.cache_info().currsize:
        await vault().close()
    if credential.cache_info().currsize:
        await credential().close()
