"""What a pattern of the policy file matches."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy.patterns import any_matches


def matches(pattern: str, text: str) -> bool:
    return any_matches((pattern,), [text])


@given(patterns=st.lists(st.text("ab*", max_size=4), max_size=3), text=st.text("ab", max_size=6))
def test_of_several_patterns_one_has_to_fit_the_whole_text(patterns: list[str], text: str) -> None:
    fits = any(fnmatchcase(text, pattern) for pattern in patterns)
    assert any_matches(tuple(patterns), [text]) == fits


@given(pattern=st.text("ab*", max_size=8), text=st.text("ab", max_size=12))
def test_a_star_stands_for_anything(pattern: str, text: str) -> None:
    assert matches(pattern, text) == fnmatchcase(text, pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("SHUB-*", "shub-0042", True),
        ("*-board@contoso.com", "Room-BOARD@contoso.com", True),
        ("a.c", "abc", False),
        ("a[b]?", "a[b]?", True),
        ("a*", "a\n", True),
        ("a", "a\n", False),
    ],
)
def test_everything_but_the_star_is_itself_in_capitals_or_not(
    pattern: str, text: str, fits: bool
) -> None:
    assert matches(pattern, text) is fits


@pytest.mark.timeout(20)
def test_a_name_that_was_made_to_be_tried_for_ever_is_not() -> None:
    assert not matches("-*" * 12 + "board", "-" * 256)
