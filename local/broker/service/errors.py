"""Engine errors as AMQP errors: both know the same conditions."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.broker.amqp.errors import AmqpError
from local.broker.engine.errors import EngineError


def as_amqp(cause: EngineError) -> AmqpError:
    """Give an engine error the shape in which a peer hears of it."""
    return AmqpError(cause.condition, str(cause))


@contextmanager
def amqp_errors() -> Iterator[None]:
    """Raise AmqpError where the engine raises its own."""
    try:
        yield
    except EngineError as cause:
        raise as_amqp(cause) from cause
