"""One HTTP request of a sender, as it came; and the first check, before anything is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.changes.problems import Problem, RequestRefused

MOST_BYTES = 256 * 1024
"""The largest public sample of Jira has 18 KB; Standard Webhooks advises 20 KB."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`headers` have names in lower case. `target` is path and query as they were sent."""

    source: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def check_size(delivery: Delivery) -> None:
    """Refuse what is too large, or empty; raises RequestRefused (413 or 400)."""
    if len(delivery.body) > MOST_BYTES:
        detail = f"A webhook may have {MOST_BYTES} bytes at most."
        raise RequestRefused(413, [Problem("too-large", "", detail)])
    if not delivery.body.strip():
        # The Functions host hands over only what a Content-Length announces.
        detail = "The body is empty. Send it with Content-Length; in chunks it does not arrive."
        raise RequestRefused(400, [Problem("empty-body", "", detail)])
