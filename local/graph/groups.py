"""Groups: who is in them, https://learn.microsoft.com/graph/api/group-list-transitivemembers."""

from collections.abc import Iterator

from .call import Call
from .members import DEVICE, USER
from .objects import Kind, Stored
from .refusals import RefusalError
from .tenant import GUID

_TYPES = {Kind.DEVICE: "#microsoft.graph.device", Kind.USER: "#microsoft.graph.user"}
_GROUP = "#microsoft.graph.group"
_SEEN_WITH = {
    _TYPES[Kind.DEVICE]: {"Device.Read.All", "Device.ReadWrite.All", "Directory.Read.All"},
    _TYPES[Kind.USER]: {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All"},
    _GROUP: {"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"},
}


def members(call: Call) -> dict[str, object]:
    """GET /groups/{id}/transitiveMembers.

    Of kinds that the caller may not read, type and id alone are told.
    """
    group = call.parameters["groupId"].lower()
    if not GUID.fullmatch(group):
        raise RefusalError(400, f"Invalid object identifier '{group}'.")
    if group not in call.tenant.groups:
        raise call.not_found(group)
    found = [_as_seen(call, member) for member in _within(call, group, {group})]
    return call.page("directoryObjects", found, DEVICE | USER, frozenset())


def _within(call: Call, group: str, seen: set[str]) -> Iterator[Stored]:
    """Each member once, in whatever groups of this one it is."""
    for member in call.tenant.groups[group]:
        if member in seen:
            continue
        seen.add(member)
        yield _member(call, member)
        if member in call.tenant.groups:
            yield from _within(call, member, seen)


def _member(call: Call, member: str) -> Stored:
    for kind, name in _TYPES.items():
        if stored := call.tenant.objects.current(kind, member):
            return {"@odata.type": name, **stored}
    return {"@odata.type": _GROUP, "id": member}


def _as_seen(call: Call, member: Stored) -> Stored:
    if call.caller.roles.isdisjoint(_SEEN_WITH[member["@odata.type"]]):
        return {name: member[name] for name in ("@odata.type", "id")}
    return member
