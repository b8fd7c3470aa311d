import pytest

from shared.register.document import DeviceAccountDocument, DeviceReference, Family
from shared.rotation.families import FAMILIES, account_parameter
from shared.rotation.ports import Device

DEVICE = DeviceReference(serialNumber="0001")
HUB_ON_TEAM, HUB_ON_11 = "10.0.19045.5011", "10.0.26100.2314"


def device(model: str, os_version: str = "", system: str = "Windows") -> Device:
    return Device("m", "device:d", "ROOM", system, model, None, os_version=os_version)


@pytest.mark.parametrize(
    ("family", "of", "fits"),
    [
        ("surfaceHub", device("Surface Hub 2S", HUB_ON_TEAM), True),
        ("surfaceHub", device("surface hub"), True),
        ("surfaceHub", device("Surface Hub 2S", HUB_ON_11), False),
        ("surfaceHub", device("Surface Laptop 6", HUB_ON_11), False),
        ("surfaceHub", device("iPad", "18.1.1", "iOS"), False),
        ("teamsRoomsOnWindows", device("ThinkSmart Core Gen 2", HUB_ON_11), True),
        ("teamsRoomsOnWindows", device("OptiPlex 7080", "10.0.19045.1"), True),
        ("teamsRoomsOnWindows", device("Surface Hub 3", HUB_ON_11), True),
        ("teamsRoomsOnWindows", device("Surface Hub 2S", HUB_ON_TEAM), False),
        ("teamsRoomsOnWindows", device("Surface Hub 2S", ""), True),
        ("teamsRoomsOnWindows", device("Poly Studio X50", "10", "Android"), False),
        ("directoryOnly", device("iPad", "18.1.1", "iOS"), True),
    ],
)
def test_a_device_is_of_a_family_unless_intune_tells_otherwise(
    family: Family, of: Device, fits: bool
) -> None:
    assert (FAMILIES[family].objection(of) is None) is fits


@pytest.mark.parametrize("version", ["", "10", "10.0", "10.0.x.1", "Windows 11"])
def test_a_version_that_cannot_be_read_speaks_against_nothing(version: str) -> None:
    assert FAMILIES["surfaceHub"].objection(device("Surface Hub 2S", version)) is None
    assert FAMILIES["teamsRoomsOnWindows"].objection(device("Other", version)) is None


def test_every_family_of_the_register_has_an_adapter() -> None:
    assert {f for f, adapter in FAMILIES.items() if not adapter.takes_account} == {"directoryOnly"}
    for family in FAMILIES:
        devices = (DEVICE,) if FAMILIES[family].takes_account else ()
        DeviceAccountDocument(account="hub@contoso.example", family=family, devices=devices)


def test_what_the_register_does_not_say_is_left_to_the_device() -> None:
    document = DeviceAccountDocument(
        account="hub@contoso.example", family="surfaceHub", devices=(DEVICE,)
    )
    assert account_parameter(document) == {
        "deviceAccount": {
            "@odata.type": "#microsoft.graph.windowsDeviceAzureADAccount",
            "userPrincipalName": "hub@contoso.example",
        },
        "passwordRotationEnabled": False,
        "calendarSyncEnabled": True,
    }


def test_an_account_of_a_domain_is_told_as_one() -> None:
    document = DeviceAccountDocument(
        account="contoso\\hub",
        family="surfaceHub",
        devices=(DEVICE,),
        email="hub@contoso.example",
        exchangeServer="mail.contoso.example",
        sipAddress="sip:hub@contoso.example",
        calendarSync=False,
        deviceRotatesPassword=True,
    )
    assert account_parameter(document) == {
        "deviceAccount": {
            "@odata.type": "#microsoft.graph.windowsDeviceADAccount",
            "domainName": "contoso",
            "userName": "hub",
        },
        "passwordRotationEnabled": True,
        "calendarSyncEnabled": False,
        "deviceAccountEmail": "hub@contoso.example",
        "exchangeServer": "mail.contoso.example",
        "sessionInitiationProtocalAddress": "sip:hub@contoso.example",
    }
