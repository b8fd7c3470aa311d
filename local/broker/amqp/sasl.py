"""The SASL layer (specification, part 5.3). Who a client is, `$cbs` finds out later."""

from local.broker.amqp.decode import decode
from local.broker.amqp.encode import encode
from local.broker.amqp.types import Array, Described, Symbol, UByte, ULong

_MECHANISMS = Array([Symbol("MSSBCBS"), Symbol("ANONYMOUS")])
_INIT = 0x41


def mechanisms() -> bytes:
    """Offer the mechanisms that leave authentication to claims."""
    return encode(Described(ULong(0x40), [_MECHANISMS]))


def accepts(body: bytes) -> bool:
    """Tell whether `body` is a `sasl-init` with an offered mechanism. Raises DecodeError."""
    value, _ = decode(body)
    return (
        isinstance(value, Described)
        and value.descriptor == _INIT
        and isinstance(value.value, list)
        and value.value[:1] != []
        and value.value[0] in _MECHANISMS
    )


def outcome(*, accepted: bool) -> bytes:
    """Make a `sasl-outcome` with the code ok (0) or auth (1)."""
    return encode(Described(ULong(0x44), [UByte(0 if accepted else 1)]))
