"""How a change goes to Graph: the route that was asked for, the one that is used, the one to read.

All three follow from the request and the route table alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.changes.addresses import managed_device_of
from shared.changes.operation import Json, RouteTaken
from shared.graph.route import Body, Route, Write
from shared.graph.routes import ROUTES, write_to


class NotInThisVersion(Exception):
    """The route of the request exists, and not in the version that the request asks for."""

    def __init__(self, route: Write) -> None:
        super().__init__(route.name)
        self.route = route


@dataclass(frozen=True, slots=True)
class Way:
    """The routes of one change, each in the version it is called in, with their parameters.

    Those are empty while the target is known by its names only.
    """

    asked: Write
    write: Write
    write_to: Json
    read: Route
    read_from: Json

    @property
    def taken(self) -> RouteTaken:
        """As it goes on record."""
        return RouteTaken(self.asked.name, self.write.name, str(self.write.version))


def way_of(request: Mapping[str, Any]) -> Way:
    """The way of a canonical request. Raises NotInThisVersion.

    A rewritten change keeps its version, for its properties may exist in that one only.
    """
    target: Json = dict(request["target"])
    route = write_to(request["operation"], target)
    if is_named(request):
        target = {}
    version = request.get("version") or route.version
    if version not in route.versions:
        raise NotInThisVersion(route)
    write, write_target = route, target
    if route.instead and request.get("rewriteToOfficialRoute"):
        write_target = official_target(route, target) or target
        write = write_to(route.operation, write_target)
    read = ROUTES[route.read]
    return Way(
        asked=route.at(version),
        write=write.at(version),
        write_to=write_target,
        read=read.at(version) if version in read.versions else read,
        read_from=_members_for(read, target),
    )


def is_named(request: Mapping[str, Any]) -> bool:
    """Whether the target has to be looked up before a route takes it."""
    target: Json = request["target"]
    return write_to(request["operation"], target).parameters != target.keys()


def official_target(route: Write, target: Json) -> Json | None:
    """The same target for the official route; None where it does not tell the managed device."""
    if route.body is Body.USER:
        return {"userId": target["userId"]}
    device = managed_device_of(target)
    return {"managedDeviceId": device} if device else None


def _members_for(read: Route, target: Json) -> Json:
    """What `read` needs of a target, in which the managed device may go by another name."""
    if not target:
        return {}
    known = {"managedDeviceId": managed_device_of(target)}
    return {name: known.get(name) or target[name] for name in sorted(read.parameters)}
