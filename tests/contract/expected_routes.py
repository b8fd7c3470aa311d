"""Every change Sluice can ask of Graph, written out as Microsoft's pages print the requests."""

from dataclasses import dataclass
from typing import Any

RUN = "5f0c0b0e-0000-4000-8000-000000000001:5f0c0b0e-0000-4000-8000-000000000002"
APP = "0000d1e3bd8a4ba63ecd3bb0ccc2f9ad4ee80000ffff"
ID, DEVICE, MANAGED, OTHER, HEALTH, SCRIPT, COMPLIANCE, USER = (
    f"{number}0000000-0000-4000-8000-000000000000" for number in range(1, 9)
)

DEVICE_SET = {
    "accountEnabled": False,
    "displayName": "HUB-1",
    "operatingSystem": "Windows 10 Team",
    "operatingSystemVersion": "10.0.26100.1",
    "extensionAttributes": {f"extensionAttribute{n}": f"a{n}" for n in range(1, 15)}
    | {"extensionAttribute15": None},
}
MANAGED_SET = {
    "managedDeviceName": "Atrium",
    "managedDeviceOwnerType": "personal",
    "notes": "seen",
}
BETA_SET = {**MANAGED_SET, "ownerType": "company", "roleScopeTagIds": ["0", "7"]}
USER_SET = {
    "accountEnabled": True,
    "ageGroup": "Adult",
    "city": "Ulm",
    "companyName": "Contoso",
    "consentProvidedForMinor": "NotRequired",
    "country": "DE",
    "department": "Facilities",
    "displayName": "Hub Atrium",
    "employeeId": "4711",
    "employeeType": "Room",
    "givenName": "Hub",
    "jobTitle": "Room",
    "mobilePhone": "+49 731 1",
    "officeLocation": "Atrium",
    "postalCode": "89073",
    "preferredLanguage": "de-DE",
    "state": "BW",
    "streetAddress": "1 Main Street",
    "surname": "Atrium",
    "usageLocation": "DE",
}
ACCOUNT_SET = {
    "deviceAccount": {
        "userPrincipalName": "hub@contoso.example",
        "passwordSecret": {"name": "hub"},
    },
    "passwordRotationEnabled": False,
    "calendarSyncEnabled": True,
    "deviceAccountEmail": "hub@contoso.example",
    "exchangeServer": "outlook.office365.com",
    "sessionInitiationProtocalAddress": "sip:hub@contoso.example",
}


@dataclass(frozen=True)
class Expected:
    """A request of one version, and the path it has to arrive at, below the version."""

    operation: str
    target: dict[str, str]
    version: str
    path: str
    success: int

    def __str__(self) -> str:
        return f"{self.version} {self.operation} {'+'.join(self.target)}"

    @property
    def method(self) -> str:
        return "POST" if self.operation == "updateDeviceAccount" else "PATCH"

    @property
    def request(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            "patchDevice": DEVICE_SET,
            "patchUser": USER_SET,
            "updateDeviceAccount": ACCOUNT_SET,
        }.get(self.operation) or (BETA_SET if self.version == "beta" else MANAGED_SET)
        named = {"operation": self.operation, "target": self.target, "version": self.version}
        return {**named, "set": wanted, "allowUnofficialRoute": True}


def _both(operation: str, target: dict[str, str], path: str, success: int) -> list[Expected]:
    return [Expected(operation, target, v, path, success) for v in ("v1.0", "beta")]


def _one(
    version: str, operation: str, target: dict[str, str], path: str, success: int
) -> list[Expected]:
    return [Expected(operation, target, version, path, success)]


_ACT = "/updateWindowsDeviceAccount"
_DM = "/deviceManagement"
_RUN = RUN.replace(":", "%3A")
_HEALTH = f"{_DM}/deviceHealthScripts/{HEALTH}/deviceRunStates/{_RUN}/managedDevice"
_SCRIPT = f"{_DM}/deviceManagementScripts/{SCRIPT}/deviceRunStates/{_RUN}/managedDevice"
_COMPLIANCE = f"{_DM}/deviceComplianceScripts/{COMPLIANCE}/deviceRunStates/{_RUN}/managedDevice"
_SCRIPT_RUN = {"deviceManagementScriptId": SCRIPT, "deviceRunStateId": RUN}
_UPN, _UPN_SENT = "hub#ext#@contoso.example", "hub%23ext%23%40contoso.example"
_ACCOUNT, _PATCH = "updateDeviceAccount", "patchManagedDevice"

EXPECTED = [
    *_both("patchDevice", {"id": ID}, f"/devices/{ID}", 204),
    *_both("patchDevice", {"deviceId": DEVICE}, f"/devices(deviceId='{DEVICE}')", 204),
    *_both(_PATCH, {"managedDeviceId": MANAGED}, f"{_DM}/managedDevices/{MANAGED}", 200),
    *_both(
        _PATCH,
        {"userId": _UPN, "managedDeviceId": MANAGED},
        f"/users/{_UPN_SENT}/managedDevices/{MANAGED}",
        200,
    ),
    *_one("beta", _PATCH, {"comanagedDeviceId": MANAGED}, f"{_DM}/comanagedDevices/{MANAGED}", 200),
    *_one("beta", _PATCH, {"rootManagedDeviceId": MANAGED}, f"/managedDevices/{MANAGED}", 200),
    *_one("beta", _PATCH, _SCRIPT_RUN, _SCRIPT, 200),
    *_one(
        "beta",
        _PATCH,
        {**_SCRIPT_RUN, "detectedAppId": APP, "managedDeviceId": MANAGED},
        f"{_SCRIPT}/detectedApps/{APP}/managedDevices/{MANAGED}",
        200,
    ),
    *_both(_ACCOUNT, {"managedDeviceId": MANAGED}, f"{_DM}/managedDevices/{MANAGED}{_ACT}", 204),
    *_both(
        _ACCOUNT,
        {"userId": USER, "managedDeviceId": MANAGED},
        f"/users/{USER}/managedDevices/{MANAGED}{_ACT}",
        204,
    ),
    *_one(
        "beta",
        _ACCOUNT,
        {"comanagedDeviceId": MANAGED},
        f"{_DM}/comanagedDevices/{MANAGED}{_ACT}",
        204,
    ),
    *_one(
        "beta",
        _ACCOUNT,
        {"deviceHealthScriptId": HEALTH, "deviceRunStateId": RUN},
        _HEALTH + _ACT,
        204,
    ),
    *_one("beta", _ACCOUNT, _SCRIPT_RUN, _SCRIPT + _ACT, 204),
    *_one(
        "beta",
        _ACCOUNT,
        {"deviceComplianceScriptId": COMPLIANCE, "deviceRunStateId": RUN},
        _COMPLIANCE + _ACT,
        204,
    ),
    *_one(
        "beta",
        _ACCOUNT,
        {**_SCRIPT_RUN, "userId": USER, "managedDeviceId": MANAGED},
        f"{_SCRIPT}/users/{USER}/managedDevices/{MANAGED}{_ACT}",
        204,
    ),
    *_one(
        "beta",
        _ACCOUNT,
        {**_SCRIPT_RUN, "detectedAppId": APP, "managedDeviceId": MANAGED},
        f"{_SCRIPT}/detectedApps/{APP}/managedDevices/{MANAGED}{_ACT}",
        204,
    ),
    *_one(
        "v1.0",
        _ACCOUNT,
        {"detectedAppId": APP, "managedDeviceId": MANAGED},
        f"{_DM}/detectedApps/{APP}/managedDevices/{MANAGED}{_ACT}",
        204,
    ),
    *_one(
        "v1.0",
        _ACCOUNT,
        {
            "detectedAppId": APP,
            "managedDeviceId": OTHER,
            "userId": USER,
            "userManagedDeviceId": MANAGED,
        },
        f"{_DM}/detectedApps/{APP}/managedDevices/{OTHER}/users/{USER}"
        f"/managedDevices/{MANAGED}{_ACT}",
        204,
    ),
    *_both("patchUser", {"userId": _UPN}, f"/users/{_UPN_SENT}", 204),
    *_one("beta", "patchUser", {**_SCRIPT_RUN, "userId": USER}, f"{_SCRIPT}/users/{USER}", 200),
]
