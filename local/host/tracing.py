"""The W3C trace context that an invocation runs under."""

import re
import secrets

_TRACE_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def continue_trace(trace_parent: str | None) -> str:
    """The trace parent of a new invocation.

    The host always starts a span of its own: below the caller's when the caller sent a valid one,
    else in a new trace.
    """
    match = _TRACE_PARENT.fullmatch(trace_parent or "")
    trace_id, flags = (match[1], match[3]) if match else (secrets.token_hex(16), "00")
    return f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"
