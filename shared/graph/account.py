"""`updateWindowsDeviceAccount`: set the account of a Windows device, and what the device says.

204 means queued. The device reports through `deviceActionResults`; a result that began later than
the last known one is ours. Source: Microsoft Graph, "updateWindowsDeviceAccount action".
"""

from datetime import datetime

from shared.changes.device_account import account_type
from shared.changes.known_as import KnownAs
from shared.changes.operation import GraphCall, Json, Submission
from shared.faults import Permanent
from shared.graph.approval import approval_headers
from shared.graph.client import GraphClient
from shared.graph.device_actions import ACCOUNT_UPDATE, began_at, last_result, state_of
from shared.graph.effects import Reading, SecretCheck, Verdict
from shared.graph.identity import known_managed_device, managed_device_behind
from shared.graph.way import Way
from shared.vault.ports import Vault

_REFUSED = {
    "failed": ("device-action-failed", "The device reported that it could not set the account."),
    "notsupported": ("device-action-not-supported", "The device does not know this action."),
    "canceled": ("device-action-canceled", "The action was canceled before it ran."),
}


class AccountUpdate:
    """The action, its password from Key Vault. Implements Effect."""

    checks_at_once = False
    settle_seconds = 60.0

    def __init__(
        self, graph: GraphClient, vault: Vault, way: Way, wanted: Json, reason: str | None
    ) -> None:
        self.calls: list[GraphCall] = []
        self.sent: Json = {}
        self._graph, self._vault, self.way = graph, vault, way
        self._wanted, self._reason = wanted, reason

    async def device(self) -> str | None:
        """The device behind the target, by the id that the directory and Intune share."""
        return await managed_device_behind(self._graph, self.way, self.calls)

    async def known_as(self) -> KnownAs:
        """The ids and names of the device behind the target."""
        return await known_managed_device(self._graph, self.way, self.calls)

    async def read(self) -> Reading:
        """The last result of this action on the device."""
        found = await self._graph.call(
            self.way.read,
            self.way.read_from,
            select=["id", "deviceName", "deviceActionResults"],
            calls=self.calls,
        )
        last = last_result(found, ACCOUNT_UPDATE)
        code, detail = _REFUSED.get(state_of(last), ("", ""))
        return Reading({"deviceActionResult": last}, began_at(last) or None, code, detail)

    def needed(self, reading: Reading) -> Json:  # noqa: ARG002  its port
        """The whole parameter: Graph does not tell which account a device has."""
        return dict(self._wanted)

    async def check_secret(self) -> SecretCheck:
        """Read the password and forget it: that it exists does not tell that it may be read."""
        reference = self._wanted["deviceAccount"]["passwordSecret"]
        name, version = reference["name"], reference.get("version")
        try:
            await self._vault.read(name, version)
        except Permanent as refusal:
            return SecretCheck(name, version, refusal)
        return SecretCheck(name, version)

    async def write(self, needed: Json, approval_code: str | None = None) -> None:
        """Fetch the password, send the action, forget the password."""
        account = dict(needed["deviceAccount"])
        reference = account.pop("passwordSecret")
        secret = await self._vault.read(reference["name"], reference.get("version"))
        used = reference | ({"version": secret.version} if secret.version else {})
        self.sent = {**needed, "deviceAccount": {**account, "passwordSecret": used}}
        account["@odata.type"] = f"#microsoft.graph.{account_type(account)}"
        account["password"] = secret.value.get_secret_value()
        parameter = {**needed, "deviceAccount": account}
        await self._graph.call(
            self.way.write,
            self.way.write_to,
            body={"updateWindowsDeviceAccountActionParameter": parameter},
            headers=approval_headers(self._reason, approval_code),
            secrets=[account["password"]],
            calls=self.calls,
        )

    def judge(self, submission: Submission, reading: Reading) -> Verdict:
        """What the device says of the action that began after the last known one."""
        if reading.marker is None or reading.marker == submission.marker:
            return Verdict.ABSENT
        if submission.in_doubt and _after(reading.marker, submission.claimed_until):
            # It began when nobody was at this change any more, so it is another's. Taken for
            # ours, a write that never happened would count as verified.
            return Verdict.ABSENT
        if reading.code:
            return Verdict.REFUSED
        done = state_of(reading.values["deviceActionResult"]) == "done"
        return Verdict.CONFIRMED if done else Verdict.RUNNING


def _after(began: str, at: datetime) -> bool:
    try:
        return datetime.fromisoformat(began) > at
    except (TypeError, ValueError):
        return False
