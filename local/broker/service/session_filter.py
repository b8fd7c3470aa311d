"""How a client names a session in the source of its link, and how the broker answers."""

from local.broker.amqp.errors import AmqpError
from local.broker.amqp.types import Described, Symbol, UInt

LOCKED_UNTIL = Symbol("com.microsoft:locked-until-utc")
"""A link property in .NET ticks: tenths of microseconds since the year 1."""
TICKS_BEFORE_1970 = 621_355_968_000_000_000

_FILTER = Symbol("com.microsoft:session-filter")
_TIMEOUT = Symbol("com.microsoft:timeout")
_DEFAULT_TIMEOUT = 65_000
"""How long the SDKs expect the service to look for a session unless they say."""
_POSITION = 7  # of the filter set in a source (AMQP 1.0, part 3.5.3)


def is_present(source: Described | None) -> bool:
    """Tell whether a client asks for a session at all."""
    return _FILTER in _filters(source)


def wanted(source: Described | None) -> str | None:
    """Give the session id that a client asks for; None for the next session.

    Raises AmqpError if it is neither.
    """
    value = _filters(source).get(_FILTER)
    if isinstance(value, Described):
        value = value.value
    if value is not None and not isinstance(value, str):
        raise AmqpError("amqp:invalid-field", "a session id is a string")
    return value


def timeout(properties: dict[object, object] | None) -> int:
    """Give the milliseconds for which a client wants to wait for the next session."""
    value = (properties or {}).get(_TIMEOUT)
    return value if isinstance(value, UInt) else _DEFAULT_TIMEOUT


def granted(source: Described | None, session_id: str) -> Described | None:
    """Give the source back with the session that the client got."""
    if source is None or not isinstance(source.value, list):
        return source
    fields = list(source.value)
    fields[_POSITION] = _filters(source) | {_FILTER: session_id}
    return Described(source.descriptor, fields)


def _filters(source: Described | None) -> dict[object, object]:
    fields = None if source is None else source.value
    filters = fields[_POSITION] if isinstance(fields, list) and len(fields) > _POSITION else None
    return filters if isinstance(filters, dict) else {}
