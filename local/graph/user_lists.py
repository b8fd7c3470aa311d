"""What a user has lists of: memberships and meetings."""

from datetime import UTC, datetime

from .call import Call
from .members import EVENT, MEMBERSHIP
from .objects import Kind, Stored
from .refusals import RefusalError
from .users import user_id


def memberships(call: Call) -> dict[str, object]:
    """GET /users/{id}/transitiveMemberOf: groups, directory roles, administrative units."""
    found = call.tenant.memberships.get(_user(call)["id"], [])
    return call.page("directoryObjects", found, MEMBERSHIP, frozenset())


def calendar_view(call: Call) -> dict[str, object]:
    """GET /users/{id}/calendarView: what overlaps the span of time, which has to be given.

    Recurring meetings are not modelled. Times are UTC.
    """
    user = _user(call)
    if call.query.between is None:
        raise RefusalError(
            400,
            "This request requires a time window specified by the query string parameters"
            " StartDateTime and EndDateTime.",
            "ErrorInvalidParameter",
        )
    start, end = (_instant(text) for text in call.query.between)
    found = [
        event
        for event in call.tenant.calendars.get(user["id"], [])
        if _time(event, "start") < end and _time(event, "end") > start
    ]
    return call.page(f"users('{user['id']}')/calendarView", found, EVENT, frozenset())


def _user(call: Call) -> Stored:
    return call.found(Kind.USER, user_id(call))


def _time(event: Stored, which: str) -> datetime:
    return _instant(event[which]["dateTime"])


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise RefusalError(400, "The time is not valid.", "ErrorInvalidParameter") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
