"""Patterns of the policy file: `*` stands for anything, capitals and small letters are the same.

What stands between two stars is taken where it comes first, for good: to try every other place as
well finds nothing more, and takes minutes over a name that somebody made for that.
"""

import re
from collections.abc import Iterable
from functools import cache


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    first, *others = (re.escape(part) for part in pattern.split("*"))
    between = "".join(f"(?>.*?{part})" for part in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + between + last, re.IGNORECASE | re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern has it."""
    return _compiled(pattern).fullmatch(text) is not None


def any_matches(patterns: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether one of the texts is as one of the patterns has it."""
    known = tuple(texts)
    return any(matches(pattern, text) for pattern in patterns for text in known)
