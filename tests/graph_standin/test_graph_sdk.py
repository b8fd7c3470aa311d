"""The official SDK, unmodified, against the stand-in."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from azure.identity.aio import ManagedIdentityCredential
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.device_management.managed_devices.item.update_windows_device_account.update_windows_device_account_post_request_body import (  # noqa: E501 - the SDK's own name
    UpdateWindowsDeviceAccountPostRequestBody,
)
from msgraph.generated.models.device import Device
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.update_windows_device_account_action_parameter import (
    UpdateWindowsDeviceAccountActionParameter,
)
from msgraph.generated.models.windows_device_azure_a_d_account import WindowsDeviceAzureADAccount
from tenants import Tenant, device, managed

# The generated code warns about itself when it is imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

HUB, HUB_MANAGED = device("HUB-ATRIUM"), managed("HUB-ATRIUM")


@pytest.fixture
async def adapter(tenant: Tenant) -> AsyncIterator[GraphRequestAdapter]:
    async with ManagedIdentityCredential() as credential:
        provider = AzureIdentityAuthenticationProvider(
            credential,
            scopes=["https://graph.microsoft.com/.default"],
            allowed_hosts=["127.0.0.1"],
        )
        connected = GraphRequestAdapter(provider)
        connected.base_url = f"{tenant.base}/v1.0"
        yield connected
        await connected._http_client.aclose()


@pytest.fixture
def client(adapter: GraphRequestAdapter) -> GraphServiceClient:
    return GraphServiceClient(request_adapter=adapter)


async def test_the_fluent_client_patches_a_device(
    tenant: Tenant, client: GraphServiceClient
) -> None:
    body = Device(display_name="HUB-A")
    body.additional_data = {"extensionAttributes": {"extensionAttribute1": "CC-1042"}}
    await client.devices.by_device_id(HUB["id"]).patch(body)
    stored = await tenant.stored("devices", HUB["id"])
    assert stored["displayName"] == "HUB-A"
    assert stored["extensionAttributes"]["extensionAttribute1"] == "CC-1042"


async def test_the_fluent_client_patches_a_device_by_its_device_id(
    tenant: Tenant, client: GraphServiceClient
) -> None:
    await client.devices_with_device_id(HUB["deviceId"]).patch(Device(account_enabled=False))
    assert (await tenant.stored("devices", HUB["id"]))["accountEnabled"] is False


async def test_the_fluent_client_sets_a_device_account(
    tenant: Tenant, client: GraphServiceClient
) -> None:
    parameter = UpdateWindowsDeviceAccountActionParameter(
        device_account=WindowsDeviceAzureADAccount(
            user_principal_name="hub-atrium@contoso.example", password="Atr1um-Hub-Initial"
        ),
        password_rotation_enabled=False,
        calendar_sync_enabled=True,
    )
    body = UpdateWindowsDeviceAccountPostRequestBody(
        update_windows_device_account_action_parameter=parameter
    )
    one = client.device_management.managed_devices.by_managed_device_id(HUB_MANAGED["id"])
    await one.update_windows_device_account.post(body)
    await one.sync_device.post()
    results = (await tenant.stored("managedDevices", HUB_MANAGED["id"]))["deviceActionResults"]
    assert {(one["actionName"], one["actionState"]) for one in results} == {
        ("updateDeviceAccount", "pending"),
        ("syncDevice", "pending"),
    }


async def test_plain_bytes_go_through_the_same_adapter(
    tenant: Tenant, adapter: GraphRequestAdapter, client: GraphServiceClient
) -> None:
    path = "{+baseurl}/deviceManagement/managedDevices/{id}{?%24select}"
    request = RequestInformation(
        Method.GET, path, {"id": HUB_MANAGED["id"], "%24select": "id,notes"}
    )
    raw = await adapter.send_primitive_async(request, "bytes", {"XXX": ODataError})
    got: dict[str, Any] = json.loads(raw)
    got.pop("@odata.context")
    assert got == {"id": HUB_MANAGED["id"], "notes": "Atrium, ground floor"}


async def test_an_error_becomes_the_sdk_s_error(client: GraphServiceClient) -> None:
    with pytest.raises(ODataError) as refused:
        await client.devices.by_device_id(HUB["deviceId"]).patch(Device(display_name="x"))
    assert refused.value.response_status_code == 404
    assert refused.value.error.code == "Request_ResourceNotFound"
    assert refused.value.error.inner_error.request_id
