"""The calendars of rooms.

Source: Microsoft Graph, "List calendarView" and the resource type event.
"""

from datetime import UTC, datetime, timedelta

from shared.changes.operation import Json
from shared.graph.client import GraphClient
from shared.graph.routes import ROUTES
from shared.rotation.ports import Calls

_NOT_BUSY = {"free", "workingElsewhere"}
_MOMENT = timedelta(seconds=1)
_MOST_AT_ONCE = 50


class RoomCalendars:
    """Implements the port Calendar."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def busy_until(self, account: str, at: datetime, calls: Calls) -> datetime | None:
        """When the meeting ends that the room is in at that time; None when there is none.

        Of several at once the one that ends last counts.
        """
        answer = await self._graph.call(
            ROUTES["list-calendar-view"],
            {"userId": account},
            select=["start", "end", "showAs", "isCancelled"],
            between=(_utc(at), _utc(at + _MOMENT)),
            top=_MOST_AT_ONCE,
            calls=calls,
        )
        meetings = [each for each in answer.get("value") or [] if _takes_the_room(each, at)]
        return max((_time(each["end"]) for each in meetings), default=None)


def _takes_the_room(event: Json, at: datetime) -> bool:
    if event.get("isCancelled") or event.get("showAs") in _NOT_BUSY:
        return False
    return _time(event["start"]) <= at < _time(event["end"])


def _time(said: Json) -> datetime:
    """A dateTimeTimeZone: UTC, for no other zone was asked for."""
    return datetime.fromisoformat(said["dateTime"]).replace(tzinfo=UTC)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
