"""Whether what runs now is background work, which leaves a part of each quota to the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_background: ContextVar[bool] = ContextVar("background", default=False)

BACKGROUND_SOURCES = frozenset({"bulk", "timer"})
"""Of operations: nobody waits for one of them alone."""


def is_background() -> bool:
    """Whether it is."""
    return _background.get()


@contextmanager
def working_for(source: str) -> Iterator[None]:
    """Everything in here is done for an operation from this source."""
    token = _background.set(source in BACKGROUND_SOURCES)
    try:
        yield
    finally:
        _background.reset(token)
