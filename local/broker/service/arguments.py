"""What a `$management` request brings along, read strictly."""

from typing import TypeIs
from uuid import UUID

from local.broker.amqp.errors import AmqpError


class Arguments:
    """The map in a request's body. Each method raises AmqpError if the value is unfit."""

    def __init__(self, body: object) -> None:
        self._values = body if isinstance(body, dict) else {}

    def number(self, name: str) -> int:
        """Read an integer that is not negative."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _unfit(name, "an integer that is not negative")
        return value

    def text(self, name: str) -> str | None:
        """Read a string, which may be missing."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise _unfit(name, "a string")
        return value

    def binary(self, name: str) -> bytes | None:
        """Read bytes, which may be missing."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bytes):
            raise _unfit(name, "binary")
        return value

    def numbers(self, name: str) -> list[int]:
        """Read an array of integers."""
        return [each for each in self._sequence(name) if _is(each, int, name)]

    def tokens(self) -> list[UUID]:
        """Read the lock tokens."""
        name = "lock-tokens"
        return [each for each in self._sequence(name) if _is(each, UUID, name)]

    def messages(self) -> list[bytes]:
        """Read the encoded messages."""
        found = []
        for entry in self._sequence("messages"):
            message = entry.get("message") if isinstance(entry, dict) else None
            if not isinstance(message, bytes):
                raise _unfit("messages", "a list of maps with a message")
            found.append(message)
        return found

    def _sequence(self, name: str) -> list[object]:
        value = self._values.get(name)
        if not isinstance(value, list):
            raise _unfit(name, "a list or an array")
        return value


def _is[T](value: object, kind: type[T], name: str) -> TypeIs[T]:
    if not isinstance(value, kind):
        raise _unfit(name, f"made of {kind.__name__}")
    return True


def _unfit(name: str, expected: str) -> AmqpError:
    return AmqpError("com.microsoft:argument-error", f"'{name}' has to be {expected}")
