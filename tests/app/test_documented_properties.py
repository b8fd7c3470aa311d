"""Microsoft's page "Update windowsManagedDevice" lists 39 properties as if all could be written."""

import json
import uuid
from typing import Any

import pytest

from shared.changes.problems import RequestRefused
from shared.changes.request import canonical, read_request
from shared.intake.routing import routed

LISTED = (
    "id userId deviceName hardwareInformation ownerType deviceActionResults managementState "
    "enrolledDateTime lastSyncDateTime chassisType operatingSystem deviceType complianceState "
    "jailBroken managementAgent osVersion easActivated easDeviceId easActivationDateTime "
    "aadRegistered enrollmentType lostModeState activationLockBypassCode emailAddress "
    "azureActiveDirectoryDeviceId deviceRegistrationState deviceCategoryDisplayName isSupervised "
    "exchangeLastSuccessfulSyncDateTime exchangeAccessState exchangeAccessStateReason "
    "remoteAssistanceSessionUrl isEncrypted userPrincipalName model manufacturer imei "
    "complianceGracePeriodExpirationDateTime serialNumber"
).split()
WRITABLE = {"ownerType": "company"}
"""In beta; nothing else of that list is writable today."""


def ask(name: str, value: Any) -> None:
    body = {
        "operation": "patchManagedDevice",
        "target": {"managedDeviceId": str(uuid.uuid4())},
        "set": {name: value},
        "version": "beta",
    }
    request = canonical(read_request(json.dumps(body).encode()))
    routed(request)


def test_the_page_lists_39_properties() -> None:
    assert len(set(LISTED)) == 39


@pytest.mark.parametrize("name", [name for name in LISTED if name not in WRITABLE])
def test_a_listed_property_that_cannot_be_written_is_refused_by_name(name: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        ask(name, "x")
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == ("property-not-writable", f"/set/{name}")
    assert problem.detail.endswith(".")


@pytest.mark.parametrize("name", WRITABLE)
def test_a_listed_property_that_can_be_written_is_taken_in_beta(name: str) -> None:
    ask(name, WRITABLE[name])


@pytest.mark.parametrize("value", ["unknown", "unknownFutureValue", "Company", None, 1])
def test_an_owner_that_only_the_service_sets_is_refused(value: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        ask("ownerType", value)
    assert refused.value.first.pointer == "/set/ownerType"


@pytest.mark.parametrize("value", [[], ["a"], [1], "0", None, [""], ["1"] * 101])
def test_scope_tags_that_are_no_list_of_numbers_as_text_are_refused(value: Any) -> None:
    with pytest.raises(RequestRefused):
        ask("roleScopeTagIds", value)
