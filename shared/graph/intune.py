"""Managed devices of Microsoft Intune, for the rotation of the account that they sign in with.

Sources: Microsoft Graph, "Get managedDevice", "List managedDevices", "updateWindowsDeviceAccount
action" and "syncDevice action".
"""

from datetime import datetime

from pydantic import SecretStr

from shared.changes.operation import Json
from shared.faults import Permanent
from shared.graph.approval import approval_headers
from shared.graph.client import GraphClient
from shared.graph.device_actions import ACCOUNT_UPDATE, began_at, last_result, state_of
from shared.graph.identity import address_of_managed
from shared.graph.route import Body
from shared.graph.routes import ROUTES
from shared.graph.search import search
from shared.register.document import DeviceReference
from shared.rotation.ports import Calls, Device

_MEMBERS = (
    "id",
    "azureADDeviceId",
    "deviceName",
    "operatingSystem",
    "osVersion",
    "model",
    "lastSyncDateTime",
    "enrolledDateTime",
    "deviceActionResults",
)


class IntuneDevices:
    """Implements the port Devices."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def find(self, reference: DeviceReference, calls: Calls) -> Device:
        """The one device that the reference means.

        Raises Permanent `device-not-found` and `device-ambiguous`.
        """
        device_id = reference.managedDeviceId or await self._with_serial(
            str(reference.serialNumber), calls
        )
        try:
            found = await self._graph.call(
                ROUTES["get-managed-device"],
                {"managedDeviceId": device_id},
                select=_MEMBERS,
                calls=calls,
            )
        except Permanent as fault:
            if fault.code.startswith("graph-404"):
                detail = "Intune has no such managed device; it may have been enrolled anew."
                raise Permanent("device-not-found", detail) from None
            raise
        return _device(found)

    async def _with_serial(self, serial: str, calls: Calls) -> str:
        # A list may leave out what the device reports of its actions, so it tells the id only.
        found = await search(
            self._graph,
            ROUTES["list-managed-devices"],
            "serialNumber",
            serial,
            select=["id"],
            calls=calls,
        )
        if not found:
            raise Permanent("device-not-found", "Intune has no device with this serial number.")
        if len(found) > 1:
            detail = (
                f"{len(found)} devices in Intune have this serial number; "
                "name the device by its managedDeviceId, or delete the records that are stale."
            )
            raise Permanent("device-ambiguous", detail)
        return str(found[0]["id"])

    async def set_account(
        self,
        device_id: str,
        parameter: Json,
        password: SecretStr,
        calls: Calls,
        *,
        reason: str | None,
        approval_code: str | None,
    ) -> None:
        """Queue updateWindowsDeviceAccount with this parameter, whose account gets the password.

        `parameter` is Graph's, without `deviceAccount.password`. Raises NeedsApproval.
        """
        secret = password.get_secret_value()
        account = {**parameter["deviceAccount"], "password": secret}
        await self._graph.call(
            ROUTES["update-account"],
            {"managedDeviceId": device_id},
            body={str(Body.ACCOUNT): {**parameter, "deviceAccount": account}},
            headers=approval_headers(reason, approval_code),
            secrets=[secret],
            calls=calls,
        )

    async def sync(self, device_id: str, calls: Calls) -> None:
        """Ask the device to report to Intune soon, so that it picks up what is queued."""
        await self._graph.call(ROUTES["sync-device"], {"managedDeviceId": device_id}, calls=calls)


def _device(found: Json) -> Device:
    last = last_result(found, ACCOUNT_UPDATE)
    return Device(
        id=str(found["id"]).lower(),
        address=address_of_managed(found) or "",
        name=str(found.get("deviceName") or ""),
        operating_system=str(found.get("operatingSystem") or ""),
        os_version=str(found.get("osVersion") or ""),
        model=str(found.get("model") or ""),
        seen_at=_time(found.get("lastSyncDateTime")),
        enrolled_at=_time(found.get("enrolledDateTime")),
        result=state_of(last),
        began_at=began_at(last),
    )


def _time(text: object) -> datetime | None:
    """Intune writes the year 1 for what never happened."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo and time.year > 1 else None
