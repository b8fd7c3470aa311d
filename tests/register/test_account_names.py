"""An account is called in a change as it is in the register."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from shared.changes.problems import RequestRefused
from shared.changes.targets import RegisteredAccount
from shared.register.csv_file import read_rows
from shared.register.document import DeviceAccountDocument, secret_name_of
from shared.register.edit import read_entry


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


@pytest.mark.parametrize(
    "name", ["contoso\\hub-1-pending", "hub@contoso.Pending", "hub@" + "c" * 103 + ".com"]
)
def test_an_account_whose_name_makes_no_name_of_a_secret_is_given_one(name: str) -> None:
    body: dict[str, Any] = {"account": name, "family": "directoryOnly"}
    with pytest.raises(RequestRefused) as refused:
        read_entry(json.dumps(body).encode())
    assert [(each.code, each.pointer) for each in refused.value.problems] == [
        ("invalid-value", "/secretName")
    ]
    given = read_entry(json.dumps(body | {"secretName": "hub-1"}).encode())
    assert (given.account, given.secretName) == (name, "hub-1")
    with pytest.raises(RequestRefused) as line:
        read_rows(f"account,family\n{name},directoryOnly\n".encode())
    assert [(each.code, each.pointer) for each in line.value.problems] == [
        ("invalid-value", "/2/secretName")
    ]


def test_the_longest_name_of_a_secret_may_be_made_of_an_account() -> None:
    name = "hub@" + "c" * 102 + ".com"
    assert len(secret_name_of(name)) == 110
    assert in_register(name) == name
