"""From a canonical request to its effect on Graph."""

from collections.abc import Mapping
from typing import Any

from shared.changes.operation import GraphCall, Json
from shared.graph.account import AccountUpdate
from shared.graph.client import GraphClient
from shared.graph.effects import Effect
from shared.graph.names import look_up
from shared.graph.patches import DevicePatch, ManagedDevicePatch, UserPatch
from shared.graph.way import is_named, way_of
from shared.vault.ports import Vault


class GraphCatalogue:
    """Implements the port Graph over one client and one vault."""

    def __init__(self, client: GraphClient, vault: Vault) -> None:
        self._client, self._vault = client, vault

    async def target(self, request: Mapping[str, Any], calls: list[GraphCall]) -> Json:
        """The target in the members of its route, looked up where the request names it."""
        if is_named(request):
            return await look_up(self._client, request, calls)
        return dict(request["target"])

    def effect(self, request: Mapping[str, Any]) -> Effect:
        """The effect of this request, which was validated when it was accepted."""
        way, wanted, reason = way_of(request), request["set"], request.get("reason")
        match request["operation"]:
            case "patchDevice":
                return DevicePatch(self._client, way, wanted, reason)
            case "patchManagedDevice":
                return ManagedDevicePatch(self._client, way, wanted, reason)
            case "patchUser":
                return UserPatch(self._client, way, wanted, reason)
            case "updateDeviceAccount":
                return AccountUpdate(self._client, self._vault, way, wanted, reason)
            case other:
                raise ValueError(f"no effect is known for operation {other!r}")
