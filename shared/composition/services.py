"""The connections to everything outside."""

import logging
from functools import cache
from typing import TYPE_CHECKING

from shared.clock import utc_now

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.servicebus.aio import ServiceBusClient

    from shared.graph.client import GraphClient
    from shared.graph.credential import ForgetfulCredential
    from shared.messaging.servicebus import ServiceBusQueues
    from shared.quota.governor import Governor
    from shared.records.tables import Tables
    from shared.settings import Connection, Settings
    from shared.telemetry.background import BackgroundExporter
    from shared.telemetry.outbox import Exporter
    from shared.vault.keyvault import KeyVault

# The client libraries tell every request at INFO, which costs more to keep than it says.
logging.getLogger("azure").setLevel(logging.WARNING)


@cache
def settings() -> "Settings":
    """The settings of this process; raises SettingsError."""
    from shared.settings import Settings

    return Settings.read()


@cache
def telemetry() -> "BackgroundExporter":
    """What takes spans and measurements away; nothing, while the settings are wrong."""
    from shared.settings import SettingsError
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


def _credential_for(connection: "Connection") -> "AsyncTokenCredential | None":
    return credential() if connection.by_identity else None


@cache
def tables() -> "Tables":
    """Table Storage, where the records are."""
    from shared.records.tables import Tables

    records = settings().records
    return Tables.connect(records.target, _credential_for(records))


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
