"""Patterns of the policy file: `*` stands for anything, capitals and small letters are the same.

What stands between two stars is taken where it comes first, for good: to try every other place as
well finds nothing more, and takes minutes over a name that somebody made for that.
"""

import re
from collections.abc import Iterable
from functools import cache


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """All of them as one: ten thousand targets are held against hundreds of patterns at once."""
    expression = "|".join(map(_expression, patterns)) if patterns else "(?!)"
    return re.compile(expression, re.IGNORECASE | re.DOTALL)


def _expression(pattern: str) -> str:
    first, *others = (re.escape(part) for part in pattern.split("*"))
    between = "".join(f"(?>.*?{part})" for part in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return first + between + last


def any_matches(patterns: tuple[str, ...], texts: Iterable[str]) -> bool:
    """Whether the whole of one of the texts is as one of the patterns has it."""
    matches = _compiled(patterns).fullmatch
    return any(matches(text) for text in texts)
