"""What a managed device reports of the actions that it was asked for: `deviceActionResults`.

It keeps the last result of each action. Source: Microsoft Graph, deviceActionResult and
actionState.
"""

from shared.changes.operation import Json

ACCOUNT_UPDATE = "updateDeviceAccount"
"""What `updateWindowsDeviceAccount` is called there: the value of the beta enum remoteAction."""


def last_result(device: Json, action: str) -> Json | None:
    """The result of this action that began last; the property is free text, so in any case."""
    results = [
        result
        for result in device.get("deviceActionResults") or []
        if str(result.get("actionName")).lower() == action.lower()
    ]
    return max(results, key=began_at, default=None)


def began_at(result: Json | None) -> str:
    """Its startDateTime as Graph wrote it, by which results are told apart; "" without one."""
    return str((result or {}).get("startDateTime") or "")


def state_of(result: Json | None) -> str:
    """Its actionState in lower case; "" without one."""
    return str((result or {}).get("actionState") or "").lower()
