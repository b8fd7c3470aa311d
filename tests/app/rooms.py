"""A room of the tenant: its account, its hub, its row of the register and its secret."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from azure.keyvault.secrets import SecretClient
from sluice_client import Sluice
from tenant_control import TenantControl

from shared.register.document import secret_name_of


@dataclass
class Room:
    """What the tests ask about a room."""

    graph: TenantControl
    vault: SecretClient
    sluice: Sluice
    account: str
    user: str
    hub: dict[str, Any]
    first_password: str

    @classmethod
    def furnished(
        cls,
        graph: TenantControl,
        vault: SecretClient,
        sluice: Sluice,
        *,
        hub: dict[str, Any] | None = None,
        user: dict[str, Any] | None = None,
        **row: Any,
    ) -> "Room":
        """A room with a hub that was seen just now, all three parties with one password."""
        account, password = f"room-{uuid.uuid4()}@contoso.example", f"First-{uuid.uuid4()}"
        seen = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        device = graph.add_managed_device(
            **{"model": "Surface Hub 2S", "lastSyncDateTime": seen, **(hub or {})}
        )
        person = {
            "id": str(uuid.uuid4()),
            "userPrincipalName": account,
            "displayName": "Room",
            "accountEnabled": True,
            "passwordProfile": {"password": password},
            **(user or {}),
        }
        graph.call("POST", "/objects", {"users": [person]})
        vault.set_secret(secret_name_of(account), password)
        room = cls(graph, vault, sluice, account, person["id"], device, password)
        room.register(**row)
        return room

    def register(self, **row: Any) -> None:
        """PUT its row of the register."""
        document = {
            "account": self.account,
            "family": "surfaceHub",
            "devices": [{"managedDeviceId": self.hub["id"]}],
            "schedule": {"everyDays": None},
            **row,
        }
        answer = self.sluice.http.put(f"/device-accounts/{self.account}", json=document)
        assert answer.status_code in (200, 201), answer.text

    def rotate(self) -> str:
        """Ask for a rotation; the id of the change."""
        answer = self.sluice.http.post(f"/device-accounts/{self.account}/rotate")
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    @property
    def rotation(self) -> dict[str, Any]:
        """What the register knows of its rotations."""
        found = self.sluice.http.get(f"/device-accounts/{self.account}").json()
        return dict(found["rotation"])

    @property
    def current(self) -> str:
        """The password that whoever reads the secret finds."""
        return str(self.vault.get_secret(secret_name_of(self.account)).value)

    @property
    def pending(self) -> str:
        """The password that was minted last."""
        return str(self.vault.get_secret(f"{secret_name_of(self.account)}-pending").value)

    def opens(self, password: str) -> tuple[bool, bool]:
        """Whether it opens the account in the directory, and is that of the device."""
        asked = (
            self.graph.call("POST", f"/accounts/{each}/verify", {"password": password})
            for each in (self.user, self.hub["id"])
        )
        in_directory, on_device = (bool(each["opens"]) for each in asked)
        return in_directory, on_device
