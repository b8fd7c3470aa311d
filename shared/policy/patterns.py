"""Patterns of the policy file: `*` stands for anything, capitals and small letters are the same."""

import re
from collections.abc import Iterable
from functools import cache


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in pattern.split("*"))
    return re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern has it."""
    return _compiled(pattern).fullmatch(text) is not None


def any_matches(patterns: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether one of the texts is as one of the patterns has it."""
    known = tuple(texts)
    return any(matches(pattern, text) for pattern in patterns for text in known)
