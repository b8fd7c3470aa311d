"""What Graph may answer to a write, or not, and how the change ends: one row each."""

import json
from dataclasses import dataclass, replace
from typing import Any

HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
ALWAYS = None
FIRST_WAIT = 5.0
"""Seconds before the second try where Graph asks for none."""


def error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "No."}}


def nested(code: str, **members: Any) -> dict[str, Any]:
    """As Intune has it: JSON in a string."""
    message = {"_version": 3, "Message": "An error has occurred", "RetryAfter": None, **members}
    return {"error": {"code": code, "message": json.dumps(message)}}


def asks_to_wait(value: str) -> dict[str, Any]:
    return {"status": 429, "headers": {"Retry-After": value}}


@dataclass(frozen=True)
class Row:
    """Faults of the write, and how the change ends."""

    faults: tuple[dict[str, Any], ...]
    state: str
    writes: int
    code: str | None = None
    effects: int = 1
    wait: float | None = None
    """Seconds between the first try and what is done next; None when there is no next."""


def refused(code: str, *, writes: int = 1, **fault: Any) -> Row:
    """Permanent: nothing happened, and nothing is tried again."""
    return Row((fault,), "failed", writes, code, effects=0)


def passing(wait: float = FIRST_WAIT, **fault: Any) -> Row:
    """Transient: it happened at the second try."""
    return Row((fault,), "verified", writes=2, wait=wait)


def staying(code: str, tries: int, **fault: Any) -> Row:
    """Transient, and it never passes."""
    return Row(({**fault, "times": ALWAYS},), "failed", tries, code, effects=0, wait=FIRST_WAIT)


def found(wait: float = FIRST_WAIT, **fault: Any) -> Row:
    """The reply was lost, the effect was not: it is found, and not repeated."""
    return Row((fault,), "verified", writes=1, wait=wait)


TOKEN_EXPIRED = {
    "status": 401,
    "body": error("InvalidAuthenticationToken"),
    "headers": {"WWW-Authenticate": 'Bearer error="invalid_token"'},
}
EXHAUSTED = "attempts-exhausted"

ANYWHERE = {
    "302": refused("graph-302", status=302, headers={"Location": "/v1.0/elsewhere"}, body=""),
    "400": refused("graph-400-Request_BadRequest", status=400),
    "400 of Intune": refused("graph-400-BadRequest", status=400, body=nested("BadRequest")),
    "400 no such route": refused(
        "route-not-served",
        status=400,
        body=nested("BadRequest", Message="No method match route template"),
    ),
    "401 in mid-flight": Row((TOKEN_EXPIRED,), "verified", writes=2),
    "401 with the new token": Row(
        (TOKEN_EXPIRED, TOKEN_EXPIRED),
        "failed",
        2,
        "graph-401-InvalidAuthenticationToken",
        effects=0,
    ),
    "403": refused("graph-403-Authorization_RequestDenied", status=403),
    "403 of Intune": refused("graph-403-Forbidden", status=403, body=nested("Forbidden")),
    "404": refused("graph-404-Request_ResourceNotFound", status=404),
    "404 of Intune": refused(
        "graph-404-ResourceNotFound", status=404, body=nested("ResourceNotFound")
    ),
    **{
        f"{status}": refused(f"graph-{status}", status=status, body="")
        for status in (405, 406, 410, 413, 415, 422, 501, 505)
    },
    "400 in HTML": refused("graph-400", status=400, body=HTML),
    "400 and nothing": refused("graph-400", status=400, body=""),
    "400 without error": refused("graph-400", status=400, body={"message": "not Graph's"}),
    "400 with an empty error": refused("graph-400", status=400, body={"error": None}),
    "409": refused("graph-409-Conflict", status=409, body=error("Conflict")),
    "409 of two writers": passing(status=409, body=error("Directory_ConcurrencyViolation")),
    "409 of two writers with a wait": passing(
        30, status=409, body=error("Directory_ConcurrencyViolation"), headers={"Retry-After": "30"}
    ),
    "412": passing(status=412, body=error("PreconditionFailed")),
    "423": passing(status=423, body=error("Locked")),
    "423 for ever": staying(EXHAUSTED, 4, status=423, body=error("Locked")),
    "429": passing(status=429),
    "429 of Intune": passing(status=429, body=nested("TooManyRequests")),
    "429 of Intune with a wait": passing(
        90, status=429, body=nested("TooManyRequests", RetryAfter="90")
    ),
    "429 for ever": staying(EXHAUSTED, 8, status=429),
    "wait in seconds": passing(30, **asks_to_wait("30")),
    "wait in fractions": passing(7.128, **asks_to_wait("7.128")),
    "wait as a list": passing(120, **asks_to_wait("30,120")),
    "wait as a date": passing(60, **asks_to_wait("Tue, 01 Dec 2026 00:01:00 GMT")),
    "wait that is past": passing(**asks_to_wait("Wed, 21 Oct 2015 07:28:00 GMT")),
    "wait of nothing": passing(**asks_to_wait("0")),
    "wait less than ours": passing(**asks_to_wait("1")),
    "wait of ten minutes": passing(600, **asks_to_wait("600")),
    "wait in words": passing(**asks_to_wait("soon")),
    "500": passing(status=500),
    "500 of Intune": passing(status=500, body=nested("InternalError")),
    "500 for ever": staying(EXHAUSTED, 3, status=500),
    "500 behind others that pass": Row(
        ({"status": 429, "times": 3}, {"status": 500}), "verified", writes=5, wait=FIRST_WAIT
    ),
    "500 for the third time, others between": Row(
        ({"status": 500}, {"status": 429}, {"status": 500}, {"status": 429}, {"status": 500}),
        "failed",
        5,
        EXHAUSTED,
        effects=0,
        wait=FIRST_WAIT,
    ),
    "500 of Intune for ever": staying(EXHAUSTED, 3, status=500, body=nested("InternalServerError")),
}
GATEWAY = {"502": HTML, "503": "", "504": HTML, "509": error("BandwidthLimitExceeded"), "408": ""}
"""Answers that may be given for a request that was carried out."""
LOST = {
    **{
        f"{status} after": found(status=int(status), body=body, afterEffect=True)
        for status, body in GATEWAY.items()
    },
    "reset after": found(drop="after"),
}
PATCHES = {
    **ANYWHERE,
    **LOST,
    **{
        f"{status} before": passing(status=int(status), body=body)
        for status, body in GATEWAY.items()
    },
    "412 and somebody did it": Row(
        ({"status": 412, "afterEffect": True},), "unchanged", writes=1, wait=FIRST_WAIT
    ),
    "503 for ever": staying(EXHAUSTED, 8, status=503, body=""),
    "reset before": passing(drop="before"),
    "reset for ever": staying(EXHAUSTED, 8, drop="before"),
}
READ = {"match": {"method": "GET"}}
READS = {
    "read 404": refused("graph-404-Request_ResourceNotFound", writes=0, **READ, status=404),
    "read 401": Row(({**READ, **TOKEN_EXPIRED},), "verified", writes=1),
    **{
        f"read {name}": Row(({**READ, **fault},), "verified", writes=1, wait=FIRST_WAIT)
        for name, fault in {
            "429": {"status": 429},
            "503": {"status": 503, "body": HTML},
            "reset": {"drop": "before"},
            "200 in HTML": {"status": 200, "body": HTML},
            "200 and nothing": {"status": 200, "body": ""},
        }.items()
    },
}
PATCHES |= READS
AN_ACTION_SHOWS = 60.0
"""Seconds that an action in doubt is given to show on the device, before it is sent again."""
ACTIONS = {
    **LOST,
    **{
        name: ANYWHERE[name]
        for name in (
            "400 of Intune",
            "400 no such route",
            "401 in mid-flight",
            "401 with the new token",
            "403 of Intune",
            "404 of Intune",
            "423 for ever",
            "429 of Intune with a wait",
        )
    },
    **{
        name: replace(ANYWHERE[name], wait=AN_ACTION_SHOWS)
        for name in ("500 of Intune", "500 of Intune for ever")
    },
}
