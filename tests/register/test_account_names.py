"""An account is called in a change as it is in the register."""

import pytest
from pydantic import ValidationError

from shared.changes.targets import RegisteredAccount
from shared.register.document import DeviceAccountDocument


def in_register(name: str) -> str | None:
    try:
        return DeviceAccountDocument(account=name, family="directoryOnly").account
    except ValidationError:
        return None


def in_change(name: str) -> str | None:
    try:
        return RegisteredAccount(account=name).account
    except ValidationError:
        return None


@pytest.mark.parametrize("name", ["Room@Contoso.com", "o'hara#1@contoso.com", "Contoso\\Hub$4"])
def test_what_the_register_takes_a_change_takes_in_small_letters(name: str) -> None:
    assert in_register(name) == name
    assert in_change(name) == name.lower()


@pytest.mark.parametrize(
    "name", ["contoso\\hub 4", "contoso\\hüb", "contoso\\a:b", "contoso\\a=b", "a" * 65 + "@x.com"]
)
def test_what_the_register_does_not_take_a_change_does_not_take(name: str) -> None:
    assert in_register(name) is in_change(name) is None
