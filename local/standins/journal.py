"""The record of every exchange, fit to be read by anybody: no credential and no secret in it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from .faults import Match

_KEPT_HEADERS = (
    "Accept",
    "client-request-id",
    "Content-Type",
    "If-Match",
    "Prefer",
    "Retry-Attempt",
    "User-Agent",
    "x-ms-throttle-priority",
    "x-msft-approval-code",
    "x-msft-approval-justification",
)


def digest(secret: str) -> str:
    """Return the form in which a stand-in keeps and shows a secret."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()


def without_secrets(value: object, secret: Iterable[str], *, inside: bool = False) -> object:
    """Copy a JSON value with every string in or under a `secret` member replaced by its digest.

    Member names are compared in lower case, so that a misspelt member does not leak.
    """
    if isinstance(value, dict):
        return {
            name: without_secrets(member, secret, inside=inside or name.lower() in secret)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(member, secret, inside=inside) for member in value]
    return digest(value) if inside and isinstance(value, str) else value


@dataclass(slots=True)
class Entry:
    """One exchange. Times are seconds since the epoch; `finishedAt` is null while it is open."""

    seq: int
    at: float
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: object
    finished_at: float | None = None
    status: int | None = None
    fault: dict[str, object] | None = None
    effect: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the entry in the shape the control API answers."""
        return {
            "seq": self.seq,
            "at": self.at,
            "finishedAt": self.finished_at,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self.body,
            "status": self.status,
            "fault": self.fault,
            "effect": self.effect,
        }


class Journal:
    """Every exchange since the start or the last clearing, in order of arrival."""

    def __init__(self, secret: Iterable[str]) -> None:
        self._secret = frozenset(secret)
        self._entries: list[Entry] = []
        self._arrived = 0

    def open(self, request: web.Request, body: bytes, now: float) -> Entry:
        """Note the arrival of a request."""
        self._arrived += 1
        entry = Entry(
            seq=self._arrived,
            at=now,
            method=request.method,
            path=request.rel_url.raw_path,
            query=dict(request.query),
            headers={n: request.headers[n] for n in _KEPT_HEADERS if n in request.headers},
            body=self._readable(body),
        )
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        """Forget the exchanges so far; numbering goes on."""
        self._entries.clear()

    def find(self, wanted: Match) -> list[dict[str, object]]:
        """List the exchanges that match."""
        return [
            entry.as_json() for entry in self._entries if wanted.covers(entry.method, entry.path)
        ]

    def _readable(self, body: bytes) -> object:
        if not body:
            return None
        try:
            return without_secrets(json.loads(body), self._secret)
        except ValueError:
            # A secret may hide anywhere in what is not JSON.
            return {"unreadable": digest(body.decode(errors="replace"))}
