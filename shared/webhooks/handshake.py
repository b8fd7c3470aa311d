"""The question before events come: whether they may (CloudEvents, HTTP 1.1 Web Hooks, 4).

The answer permits, and proves nothing: each event is verified all the same. The callback that the
question may name is never called, since it would send Sluice wherever a stranger likes.
"""

from collections.abc import Mapping

from shared.changes.problems import Problem, RequestRefused
from shared.webhooks.sources import Sources

_RATE = "120"
"""Requests a minute. Advice to the sender; nothing here enforces it."""


def permission(sources: Sources, source: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that allow an origin to send; raises RequestRefused (403), SourceError."""
    origin = headers.get("webhook-request-origin", "")
    loaded = sources.find(source)
    if not loaded or origin not in loaded.source.allowedOrigins:
        detail = "WebHook-Request-Origin is not among the allowedOrigins of a source of this name."
        raise RequestRefused(403, [Problem("origin-not-allowed", "", detail)])
    return {
        "Allow": "POST, OPTIONS",
        "WebHook-Allowed-Origin": origin,
        "WebHook-Allowed-Rate": _RATE,
    }
