"""Delivery states as Service Bus reads them."""

from local.broker.amqp.performatives import REJECTED
from local.broker.amqp.types import Described
from local.broker.engine.message import Abandon, Complete, DeadLetter, Defer, Outcome, Release

_REJECTED = 0x25


def outcome_of(state: Described | None) -> Outcome:
    """Tell what a receiver wants to become of a message.

    `modified` always counts as a failed delivery: Microsoft's JavaScript SDK abandons without
    setting `delivery-failed`.
    """
    fields = state.value if state is not None and isinstance(state.value, list) else []
    match None if state is None else state.descriptor:
        case 0x24:
            return Complete()
        case 0x25:
            return _dead_letter(fields)
        case 0x27:
            undeliverable_here = fields[1] if len(fields) > 1 else False
            return Defer() if undeliverable_here else Abandon()
        case _:
            return Release()


def echo_of(state: Described | None) -> Described | None:
    """Give the state that confirms an outcome: the same, but a `rejected` without its error.

    To a client an error in a `rejected` that comes back says that the settlement failed.
    """
    return REJECTED if state is not None and state.descriptor == _REJECTED else state


def _dead_letter(fields: list[object]) -> DeadLetter:
    error = fields[0] if fields else None
    parts = error.value if isinstance(error, Described) else None
    info = parts[2] if isinstance(parts, list) and len(parts) > 2 else None  # noqa: PLR2004
    if not isinstance(info, dict):
        return DeadLetter()
    return DeadLetter(_text(info, "DeadLetterReason"), _text(info, "DeadLetterErrorDescription"))


def _text(info: dict[object, object], key: str) -> str | None:
    value = info.get(key)
    return value if isinstance(value, str) else None
