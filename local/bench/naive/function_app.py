"""The baseline of the drain: a function as public samples write it.

The SDK's client with the SDK's retries; whatever it raises goes to the host, which abandons the
message, and the broker delivers it again at once.
"""

import json
import os

import azure.functions as func
from azure.identity.aio import ManagedIdentityCredential
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.managed_device import ManagedDevice

app = func.FunctionApp()

_authentication = AzureIdentityAuthenticationProvider(
    ManagedIdentityCredential(),
    scopes=["https://graph.microsoft.com/.default"],
    allowed_hosts=["127.0.0.1"],
)
_adapter = GraphRequestAdapter(_authentication)
_adapter.base_url = os.environ["GRAPH_ENDPOINT"] + "/v1.0"
graph = GraphServiceClient(request_adapter=_adapter)


@app.service_bus_queue_trigger("message", queue_name="intake", connection="ServiceBus")
async def change(message: func.ServiceBusMessage) -> None:
    """Write what the message says."""
    wanted = json.loads(message.get_body())
    device = graph.device_management.managed_devices.by_managed_device_id(wanted["device"])
    await device.patch(ManagedDevice(managed_device_name=wanted["name"]))
