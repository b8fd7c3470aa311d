"""Which trace something belongs to, as W3C Trace Context writes it (the header `traceparent`)."""

import re
import secrets
from dataclasses import dataclass
from typing import Self

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


def trace_properties(traceparent: str | None) -> dict[str, str]:
    """The application properties of a message from which the host goes on with the trace.

    Older SDKs look for `Diagnostic-Id` alone.
    """
    return {"traceparent": traceparent, "Diagnostic-Id": traceparent} if traceparent else {}


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A span and its trace, by their ids in hexadecimal digits."""

    trace_id: str
    span_id: str

    @classmethod
    def new(cls) -> Self:
        """The first span of a new trace."""
        return cls(secrets.token_hex(16), secrets.token_hex(8))

    @classmethod
    def read(cls, traceparent: object) -> Self | None:
        """What a `traceparent` says; None for anything else."""
        match = _TRACEPARENT.fullmatch(traceparent) if isinstance(traceparent, str) else None
        if match is None or not int(match[1], 16) or not int(match[2], 16):
            return None
        return cls(match[1], match[2])

    def child(self) -> "TraceContext":
        """Another span of the same trace."""
        return TraceContext(self.trace_id, secrets.token_hex(8))

    @property
    def traceparent(self) -> str:
        """As it travels. All of Sluice's own spans are kept, so it is always sampled."""
        return f"00-{self.trace_id}-{self.span_id}-01"
