"""Whom what runs now is done for, and how long it may wait for a quota."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

_BACKGROUND = frozenset({"bulk", "timer"})
"""Sources of operations of which nobody waits for one alone."""
_QUEUE = "intake"
"""The source that may bring very many at once, each of which counts as a single one."""


@dataclass(frozen=True, slots=True)
class _Work:
    background: bool = False
    waits_until: float | None = None


_NOBODYS = _Work()
_work: ContextVar[_Work] = ContextVar("work", default=_NOBODYS)


def is_background() -> bool:
    """Whether it is background work, which leaves a part of each quota to the others."""
    return _work.get().background


def waits_until() -> float | None:
    """When it has to go on or give up, in seconds since 1970; None when nobody said."""
    return _work.get().waits_until


def crowd_of(source: str) -> str:
    """Which of those with lanes of their own a source belongs to; empty for people and tickets."""
    return "background" if source in _BACKGROUND else _QUEUE if source == _QUEUE else ""


@contextmanager
def working_for(source: str, waits_until: datetime | None = None) -> Iterator[None]:
    """Everything in here is done for an operation from this source.

    What it waits for has to come until then, all waits together.
    """
    until = waits_until.timestamp() if waits_until else None
    token = _work.set(_Work(source in _BACKGROUND, until))
    try:
        yield
    finally:
        _work.reset(token)
