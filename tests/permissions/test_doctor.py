"""The doctor names what is missing and what is too much, least privilege first."""

import base64
import json

import pytest

from shared.permissions.doctor import Doctor
from shared.permissions.needs import Need, may_need, needs_of
from shared.permissions.report import Report, examine
from shared.permissions.token import NotOurToken, roles_of

DEVICE = "Device.ReadWrite.All"
DIRECTORY = "Directory.ReadWrite.All"
SEE = "DeviceManagementManagedDevices.Read.All"
WRITE = "DeviceManagementManagedDevices.ReadWrite.All"
ACT = "DeviceManagementManagedDevices.PrivilegedOperations.All"
USER = "User.ReadWrite.All"


def needs(*operations: str, unofficial: bool = False) -> frozenset[Need]:
    return needs_of(operations, unofficial=unofficial)


@pytest.mark.parametrize(
    ("operation", "least"),
    [
        ("patchDevice", {DEVICE}),
        ("patchManagedDevice", {WRITE}),
        ("updateDeviceAccount", {ACT, SEE}),
        ("patchUser", {USER}),
        ("rotateDeviceAccount", {ACT, SEE, "User.Read.All", "User-PasswordProfile.ReadWrite.All"}),
    ],
)
def test_an_operation_needs_the_least_that_its_routes_can_do_with(
    operation: str, least: set[str]
) -> None:
    assert set(examine((), needs(operation)).missing) == least
    assert examine(least, needs(operation)) == Report(tuple(sorted(least)), (), (), {})


def test_routes_that_are_not_official_need_theirs_only_when_they_are_allowed() -> None:
    assert examine((), needs("patchUser")).missing == (USER,)
    assert examine((), needs("patchUser", unofficial=True)).missing == (WRITE, USER)


def test_one_permission_that_does_for_two_needs_is_asked_for_alone() -> None:
    assert examine((), needs("patchManagedDevice", "updateDeviceAccount")).missing == (ACT, WRITE)


def test_what_another_granted_permission_covers_is_superfluous() -> None:
    report = examine({SEE, WRITE, ACT}, needs("patchManagedDevice", "updateDeviceAccount"))
    assert (report.missing, report.superfluous) == ((), (SEE,))


def test_of_two_that_would_do_the_broader_one_is_superfluous() -> None:
    assert examine({DEVICE, DIRECTORY}, needs("patchDevice")).superfluous == (DIRECTORY,)
    assert examine({SEE, WRITE, ACT}, needs("updateDeviceAccount")).superfluous == (WRITE,)


def test_a_broader_permission_suffices_and_the_lesser_one_is_named() -> None:
    report = examine({DIRECTORY}, needs("patchDevice", "patchUser"))
    assert (report.missing, report.superfluous) == ((), ())
    assert report.broader == {DIRECTORY: (DEVICE, USER)}


def test_what_is_only_sometimes_needed_is_neither_missing_nor_superfluous() -> None:
    calendars, optional = "Calendars.ReadBasic.All", may_need(["rotateDeviceAccount"])
    assert examine((), (), optional).missing == ()
    assert examine({calendars}, (), optional).superfluous == ()
    assert examine({calendars, "Calendars.Read"}, (), optional).superfluous == ("Calendars.Read",)
    assert examine({calendars}, (), may_need(["patchUser"])).superfluous == (calendars,)


def test_reading_the_memberships_of_an_account_takes_more_than_writing_users() -> None:
    both = needs("patchUser", "rotateDeviceAccount")
    assert {USER, "User.Read.All"} <= set(examine((), both).missing)


def test_a_permission_of_another_kind_is_superfluous() -> None:
    assert examine({DEVICE, "Mail.Send"}, needs("patchDevice")).superfluous == ("Mail.Send",)


def token(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.signature"


def test_the_roles_of_a_token_are_read_and_none_at_all_is_none() -> None:
    assert roles_of(token(roles=[DEVICE, ACT])) == {DEVICE, ACT}
    assert roles_of(token()) == frozenset()


@pytest.mark.parametrize(
    "given",
    ["", "x", "a.b.c", "a.b.c.d", "e30.W10.x", "e30.\xe9.x", token(roles="x"), token(scp="User")],
)
def test_a_token_that_is_not_one_of_our_own_is_refused(given: str) -> None:
    with pytest.raises(NotOurToken):
        roles_of(given)


class Tokens:
    """The token in use, and the one that replaces it."""

    def __init__(self, old: list[str], new: list[str] | None) -> None:
        self.old, self.new, self.renewed = old, new, 0

    async def in_use(self) -> str:
        return token(roles=self.old)

    async def replaced(self) -> str:
        self.renewed += 1
        if self.new is None:
            raise ConnectionError
        return token(roles=self.new)


@pytest.mark.parametrize(
    ("old", "new", "missing", "renewed"),
    [
        ([DEVICE], None, (), 0),
        ([], [DEVICE], (), 1),
        ([], [], (DEVICE,), 1),
        ([], None, (DEVICE,), 1),
    ],
)
async def test_a_token_is_renewed_before_anything_is_said_to_be_missing(
    old: list[str], new: list[str] | None, missing: tuple[str, ...], renewed: int
) -> None:
    tokens = Tokens(old, new)
    report = await Doctor(tokens.in_use, tokens.replaced, needs("patchDevice")).examine()
    assert (report.missing, tokens.renewed) == (missing, renewed)
