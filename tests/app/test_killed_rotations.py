"""Kill -9 of the host between any two parties of a rotation, on the local stack."""

import ssl
from collections.abc import Iterator

import httpx
import pytest
from app_identity import AppIdentity
from azure.keyvault.secrets import SecretClient
from impatience import IMPATIENT
from rooms import Room
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack, blocking_stack

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]

HELD_SECONDS = 30
POINTS = {
    "a secret was written": ("vault", "PUT", "/secrets/"),
    "the directory was told": ("graph", "PATCH", "/users/"),
    "the device was told": ("graph", "POST", "/updateWindowsDeviceAccount"),
    "the device was asked to report": ("graph", "POST", "/syncDevice"),
}


@pytest.fixture(scope="module")
def killable() -> Iterator[BlockingStack]:
    """A stack of its own, whose host the tests kill."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(settings=IMPATIENT) as running:
            yield running


@pytest.mark.parametrize("before", [True, False], ids=["before the effect", "behind the effect"])
@pytest.mark.parametrize("point", POINTS)
def test_a_rotation_goes_on_with_its_password_wherever_the_host_is_killed(
    killable: BlockingStack, point: str, before: bool
) -> None:
    service, method, path = POINTS[point]
    ends = killable.endpoints
    vault = SecretClient(
        ends.vault,
        AppIdentity(ends),
        verify_challenge_resource=False,
        connection_verify=str(ends.vault_ca),
    )
    with vault, Sluice(ends) as sluice, TenantControl(ends) as graph:
        room = Room.furnished(graph, vault, sluice)
        control = httpx.Client(
            base_url=f"{getattr(ends, service)}/_control",
            verify=ssl.create_default_context(cafile=str(ends.vault_ca)),
        )
        fault = {
            "match": {"method": method, "path": path},
            "delaySeconds": HELD_SECONDS,
            "drop": "before" if before else "after",
        }
        assert control.post("/faults", json=fault).is_success
        change = room.rotate()
        eventually(
            lambda: control.get("/faults").json() == [],  # the request has come, its answer is due
            within=60,
            what=f"the moment when {point}",
        )
        killable.kill("host")

        def verified() -> bool:
            try:
                return bool(sluice.get(change)["state"] == "verified")
            except (httpx.TransportError, AssertionError):
                return False

        eventually(verified, within=90, what=f"the end of {change}")
        assert sluice.get(change)["progress"]["minted"] == 1
        assert room.opens(room.current) == (True, True)
        assert room.current == room.pending
