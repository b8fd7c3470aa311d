"""An app that touches every part of the local stack, with the clients and settings of Sluice."""

import json
import os
import uuid

import azure.functions as func
from azure.data.tables.aio import TableServiceClient
from azure.identity.aio import ManagedIdentityCredential
from azure.keyvault.secrets.aio import SecretClient
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


def setting(name: str) -> str:
    """Return an app setting."""
    return os.environ[name]


@app.route("messages/{name}", methods=["POST"])
async def send(req: func.HttpRequest) -> func.HttpResponse:
    """Send a message whose body is the name."""
    name = req.route_params["name"]
    async with (
        ServiceBusClient.from_connection_string(setting("ServiceBus")) as client,
        client.get_queue_sender("intake") as sender,
    ):
        await sender.send_messages(ServiceBusMessage(name))
    return func.HttpResponse(status_code=202)


@app.service_bus_queue_trigger("message", queue_name="intake", connection="ServiceBus")
async def receive(message: func.ServiceBusMessage) -> None:
    """Record the body of a message."""
    async with TableServiceClient.from_connection_string(setting("Records")) as service:
        table = await service.create_table_if_not_exists("received")
        name = message.get_body().decode()
        await table.upsert_entity(
            {"PartitionKey": "received", "RowKey": name, "process": os.getpid()}
        )


@app.timer_trigger("timer", schedule="* * * * * *")
async def tick(timer: func.TimerRequest) -> None:
    """Record who fires."""
    async with TableServiceClient.from_connection_string(setting("Records")) as service:
        table = await service.create_table_if_not_exists("ticks")
        await table.upsert_entity(
            {"PartitionKey": "ticks", "RowKey": uuid.uuid4().hex, "process": os.getpid()}
        )


@app.route("secrets/{name}/{value}", methods=["PUT"])
async def keep(req: func.HttpRequest) -> func.HttpResponse:
    """Keep a secret and say what was kept."""
    async with ManagedIdentityCredential() as credential, vault(credential) as client:
        kept = await client.set_secret(req.route_params["name"], req.route_params["value"])
    return func.HttpResponse(kept.value)


@app.route("secrets/{name}", methods=["GET"])
async def read(req: func.HttpRequest) -> func.HttpResponse:
    """Return a secret."""
    async with ManagedIdentityCredential() as credential, vault(credential) as client:
        kept = await client.get_secret(req.route_params["name"])
    return func.HttpResponse(kept.value)


def vault(credential: ManagedIdentityCredential) -> SecretClient:
    """Return a client of the vault, whose host is not under vault.azure.net."""
    return SecretClient(setting("KEY_VAULT_URL"), credential, verify_challenge_resource=False)


@app.route("settings")
async def settings(req: func.HttpRequest) -> func.HttpResponse:
    """Return the environment that decides where the app's requests go."""
    names = ("GRAPH_ENDPOINT", "LANES", "SSL_CERT_FILE", "NO_PROXY", "EXTRA")
    return func.HttpResponse(json.dumps({name: os.environ.get(name) for name in names}))
