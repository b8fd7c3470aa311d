import itertools
import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.faults import Permanent
from shared.passwords.mint import DIGITS, LOWER, UPPER, mint
from shared.passwords.policy import DEFAULT_SYMBOLS, PasswordPolicy

WORDS = st.text("abcdefgh2345", min_size=3, max_size=6)
POLICIES = st.builds(
    PasswordPolicy,
    length=st.integers(16, 127),
    symbols=st.text("-_.!#%*+=:,@/?~^", max_size=8),
    bannedWords=st.lists(WORDS, max_size=5).map(tuple),
)


def minted(policy: PasswordPolicy, seed: int) -> str:
    return mint(policy, random.Random(seed).choice).get_secret_value()


@given(POLICIES, st.integers(0, 2**32))
def test_a_password_is_as_its_policy_says(policy: PasswordPolicy, seed: int) -> None:
    password = minted(policy, seed)
    assert len(password) == policy.length
    assert set(password) <= set(LOWER + UPPER + DIGITS + policy.symbols)
    for kind in (LOWER, UPPER, DIGITS, policy.symbols):
        assert not kind or set(kind) & set(password)
    assert not any(word.lower() in password.lower() for word in policy.bannedWords)
    assert password[0].isalpha()


@given(POLICIES, st.integers(0, 2**32))
def test_a_seed_gives_the_same_password_again(policy: PasswordPolicy, seed: int) -> None:
    assert minted(policy, seed) == minted(policy, seed)


def test_a_password_has_nothing_that_markup_shells_and_readers_trip_over() -> None:
    every = LOWER + UPPER + DIGITS + DEFAULT_SYMBOLS
    assert not set(every) & set("&<>\"'\\`$ 0O1lI")
    assert every.isascii()


def test_a_banned_word_is_found_whatever_its_case() -> None:
    # A fifth of the passwords of this length has one of these somewhere.
    words = tuple("".join(pair) for pair in itertools.product("AEIN", "aein", "AEIN"))
    policy = PasswordPolicy(length=127, symbols="", bannedWords=words)
    passwords = [minted(policy, seed).casefold() for seed in range(50)]
    assert not any(word.casefold() in password for word in words for password in passwords)


def test_passwords_of_the_default_policy_have_160_bits() -> None:
    policy = PasswordPolicy()
    characters = len(LOWER + UPPER + DIGITS + DEFAULT_SYMBOLS)
    bits = math.log2(len(LOWER + UPPER)) + (policy.length - 1) * math.log2(characters)
    assert bits > 160


def test_no_character_of_a_class_comes_more_often_than_another() -> None:
    policy = PasswordPolicy(symbols="!!!!-")
    seen = Counter("".join(minted(policy, seed)[1:] for seed in range(2_000)))
    for kind in (LOWER, UPPER, DIGITS, "!-"):
        mean = sum(seen[character] for character in kind) / len(kind)
        assert all(0.8 * mean < seen[character] < 1.2 * mean for character in kind)


def test_no_two_passwords_are_alike() -> None:
    policy = PasswordPolicy(length=16)
    assert len({mint(policy).get_secret_value() for _ in range(1_000)}) == 1_000


def test_a_policy_that_nothing_passes_is_said_to_be_one() -> None:
    with pytest.raises(Permanent) as refused:
        mint(PasswordPolicy(), lambda characters: characters[0])
    assert refused.value.code == "password-policy"


@pytest.mark.parametrize("symbols", ["&", "<", '"', "'", "`", "$", " ", "\\", "ä", "a"])
def test_a_policy_does_not_take_symbols_that_are_not_safe(symbols: str) -> None:
    with pytest.raises(ValidationError):
        PasswordPolicy(symbols=symbols)


def test_a_password_shows_in_no_representation() -> None:
    password = mint(PasswordPolicy())
    assert password.get_secret_value() not in f"{password} {password!r}"
