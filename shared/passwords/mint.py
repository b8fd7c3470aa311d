"""Make a password: every one that the policy allows is as likely as any other."""

import secrets
from collections.abc import Callable, Sequence

from pydantic import SecretStr

from shared.faults import Permanent
from shared.passwords.policy import PasswordPolicy

type Choose = Callable[[Sequence[str]], str]
"""Picks one of the characters; `random.Random(seed).choice` replays a history."""

LOWER = "abcdefghijkmnopqrstuvwxyz"
UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
"""Without 0, O, 1, l and I, which people who type a password into a room's device mistake."""

MOST_TRIES = 1_000
"""A policy that lets one in ten pass fails to give a password once in 10^45 times."""


def mint(policy: PasswordPolicy, choose: Choose = secrets.choice) -> SecretStr:
    """A password of the policy's length, with a character of every class and no banned word.

    It begins with a letter: command lines take a first `-`, and spreadsheets a first `=`, for
    something else. Raises Permanent when no password of the policy is to be found.
    """
    classes = [set(kind) for kind in (LOWER, UPPER, DIGITS, policy.symbols) if kind]
    alphabet = sorted(set[str]().union(*classes))
    letters = LOWER + UPPER
    for _ in range(MOST_TRIES):
        rest = (choose(alphabet) for _ in range(policy.length - 1))
        password = choose(letters) + "".join(rest)
        if all(kind & set(password) for kind in classes) and not _banned(password, policy):
            return SecretStr(password)
    detail = "Its banned words leave no password; shorten the list in the register."
    raise Permanent("password-policy", detail)


def _banned(password: str, policy: PasswordPolicy) -> bool:
    folded = password.casefold()
    return any(word.casefold() in folded for word in policy.bannedWords)
