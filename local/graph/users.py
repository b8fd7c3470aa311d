"""Users: https://learn.microsoft.com/graph/api/resources/user, as far as device accounts need."""

from typing import Any

from local.standins.journal import digest

from .accounts import UserPassword
from .bodies import UserBody, given, parse, writable
from .call import Call
from .clock import directory_time
from .members import USER, USER_DEFAULT, USER_NOT_FOR_APPLICATIONS
from .objects import Kind, Stored
from .refusals import NO_PRIVILEGE, RefusalError

_CLASSES = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
_CLASSES_NEEDED = 3
_SHORTEST, _LONGEST = 8, 256


def get(call: Call) -> dict[str, object]:
    """GET /users/{id or userPrincipalName}; a password is never returned."""
    user = call.found(Kind.USER, user_id(call))
    hidden = frozenset() if call.query.select else USER - USER_DEFAULT
    return call.entity(Kind.USER, call.query.project(user, USER, hidden))


def patch(call: Call) -> None:
    """PATCH /users/{id or userPrincipalName}."""
    _check_permission(call)
    _change(call)


def patch_through_device(call: Call) -> dict[str, object]:
    """PATCH …/managedDevice/users/{id}, which answers with the user."""
    return call.entity(Kind.USER, _change(call))


def _change(call: Call) -> Stored:
    user = call.target(Kind.USER, user_id(call))
    names = call.members
    if names & USER_NOT_FOR_APPLICATIONS:
        raise RefusalError(403, NO_PRIVILEGE)
    for name in sorted(names & (USER - writable(UserBody))):
        raise RefusalError(400, f"Property '{name}' is read-only and cannot be set.")
    changes: dict[str, Any] = given(parse(call.body, UserBody, "user"))
    profile = changes.pop("passwordProfile", None) or {}
    if profile:
        _check_profile(user, profile)
        changes["lastPasswordChangeDateTime"] = directory_time(call.tenant.clock())
    call.change(Kind.USER, user, changes)
    _set_password(call, user["id"], profile)
    return user


def user_id(call: Call) -> str:
    """The object id of the user on the path, who is named by that or by userPrincipalName."""
    name = call.parameters["userId"]
    for user in call.tenant.objects.all(Kind.USER):
        if name.casefold() in {user["id"], str(user.get("userPrincipalName", "")).casefold()}:
            return str(user["id"])
    raise call.not_found(name)


def _check_permission(call: Call) -> None:
    names = call.members
    if "passwordProfile" in names:
        call.needs_one_of("User-PasswordProfile.ReadWrite.All")
    if names - {"passwordProfile"}:
        call.needs_one_of("User.ReadWrite.All", "Directory.ReadWrite.All")


def _check_profile(user: Stored, profile: dict[str, Any]) -> None:
    if user.get("onPremisesSyncEnabled"):
        raise RefusalError(
            400,
            "Unable to update the specified properties for on-premises mastered Directory Sync"
            " objects or objects currently undergoing migration.",
        )
    password = profile.get("password")
    if password is not None and not _complies(password):
        raise RefusalError(
            400,
            "The specified password does not comply with password complexity requirements."
            " Please provide a different password.",
        )


def _complies(password: str) -> bool:
    # https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy
    present = sum(any(map(test, password)) for test in _CLASSES)
    return (
        _SHORTEST <= len(password) <= _LONGEST and password.isascii() and present >= _CLASSES_NEEDED
    )


def _set_password(call: Call, user_id: str, profile: dict[str, Any]) -> None:
    known = call.tenant.accounts.users.get(user_id)
    must_change = profile.get("forceChangePasswordNextSignIn")
    if profile.get("password") is not None:
        # A reset asks the user for a change unless told not to.
        call.tenant.accounts.users[user_id] = UserPassword(
            digest(profile["password"]), must_change is not False
        )
    elif known is not None and must_change is not None:
        call.tenant.accounts.users[user_id] = UserPassword(known.digest, must_change)
