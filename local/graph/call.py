"""One admitted request, as the handler of its route sees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from yarl import URL

from local.standins.tokens import Caller

from .objects import Kind, Stored
from .odata import Query
from .refusals import NO_PRIVILEGE, RefusalError, Service
from .tenant import GUID, Tenant

BETA = "beta"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed the front door: who, which version, what for, and with which body."""

    tenant: Tenant
    caller: Caller
    service: Service
    version: str
    url: URL
    """As the caller sent it, with scheme and authority."""
    parameters: dict[str, str]
    query: Query
    body: dict[str, Any]
    stale_reads: int
    """How many reads after this write shall not see it."""

    @property
    def members(self) -> set[str]:
        """The member names of the body, without OData annotations."""
        return {name for name in self.body if not name.startswith("@odata.")}

    def found(self, kind: Kind, object_id: str) -> Stored:
        """Return the object with this id as a reader sees it, or refuse with 400 or 404."""
        if not GUID.fullmatch(object_id):
            raise RefusalError(400, f"Invalid object identifier '{object_id}'.")
        stored = self.tenant.objects.read(kind, object_id)
        if stored is None:
            raise self.not_found(object_id)
        return stored

    def target(self, kind: Kind, object_id: str) -> Stored:
        """Return the object with this id for writing, as it is, or refuse with 400 or 404."""
        if not GUID.fullmatch(object_id):
            raise RefusalError(400, f"Invalid object identifier '{object_id}'.")
        stored = self.tenant.objects.current(kind, object_id)
        if stored is None:
            raise self.not_found(object_id)
        return stored

    def change(self, kind: Kind, stored: Stored, changes: Stored) -> None:
        """Write members of an object, with the stale reads asked for."""
        self.tenant.objects.lag(kind, stored["id"], self.stale_reads)
        stored |= changes

    def not_found(self, name: str) -> RefusalError:
        """Return the refusal for an object that does not exist."""
        if self.service is Service.INTUNE:
            return RefusalError(404, f"Device with id {name} not found")
        return RefusalError(
            404,
            f"Resource '{name}' does not exist or one of its queried reference-property objects"
            " are not present.",
        )

    def needs_one_of(self, *roles: str) -> None:
        """Refuse a caller who holds none of these application permissions."""
        if self.caller.roles.isdisjoint(roles):
            raise RefusalError(403, NO_PRIVILEGE)

    def entity(self, kind: Kind, stored: Stored) -> dict[str, object]:
        """Return the answer that is one object."""
        return {"@odata.context": f"{self._context(kind)}/$entity", **stored}

    def page(
        self, kind: Kind | str, found: list[Stored], known: frozenset[str], hidden: frozenset[str]
    ) -> dict[str, object]:
        """Return the answer that is one page of a list, of a kind or of whatever it is called."""
        start, end = self.query.skip, self.query.skip + self.query.top
        answer: dict[str, object] = {
            "@odata.context": self._context(kind),
            "value": [self.query.project(one, known, hidden) for one in found[start:end]],
        }
        if end < len(found):
            answer["@odata.nextLink"] = str(self.url.update_query({"$skiptoken": end}))
        return answer

    def filtered(self, kind: Kind, filterable: Iterable[str]) -> list[Stored]:
        """List the objects that pass the filter, which must be on one of these members."""
        chosen = self.query.filter
        if chosen is None:
            return self.tenant.objects.find(kind, lambda _: True)
        if chosen.member not in filterable:
            raise RefusalError(400, f"Unsupported or invalid query filter: '{chosen.member}'.")
        return self.tenant.objects.find(kind, chosen.wants)

    def _context(self, kind: Kind | str) -> str:
        collection = f"deviceManagement/{kind}" if kind is Kind.MANAGED_DEVICE else str(kind)
        return f"{self.url.origin()}/{self.version}/$metadata#{collection}"
