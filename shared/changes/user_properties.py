"""What an application may set on a user, and why not the rest.

Passwords are not among it: they are refused wherever they stand. Null clears where Graph lets a
property be empty. Sources: Microsoft Graph, "Update user" and the user resource type (lengths).
"""

from typing import Annotated, Literal, TypedDict

from pydantic import StringConstraints, with_config

from shared.changes.properties import STRICT

type Text64 = Annotated[str, StringConstraints(min_length=1, max_length=64)]
type Text128 = Annotated[str, StringConstraints(min_length=1, max_length=128)]


@with_config(STRICT)
class UserProperties(TypedDict, total=False):
    """What an application may write on a user of Microsoft Entra ID."""

    accountEnabled: bool
    ageGroup: Literal["Minor", "NotAdult", "Adult"] | None
    city: Text128 | None
    companyName: Text64 | None
    consentProvidedForMinor: Literal["Granted", "Denied", "NotRequired"] | None
    country: Text128 | None
    department: Text64 | None
    displayName: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    employeeId: Annotated[str, StringConstraints(min_length=1, max_length=16)] | None
    employeeType: Text128 | None
    givenName: Text64 | None
    jobTitle: Text128 | None
    mobilePhone: Text64 | None
    officeLocation: Text128 | None
    postalCode: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None
    preferredLanguage: (
        Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z]+)*$")] | None
    )
    state: Text128 | None
    streetAddress: Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None
    surname: Text64 | None
    usageLocation: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


UNWRITABLE_USER: dict[str, str] = {
    "id": "It identifies the user; name it in target.",
    **dict.fromkeys(
        (
            "aboutMe birthday hireDate interests mySite pastProjects preferredName "
            "responsibilities schools skills"
        ).split(),
        "Graph takes it from a signed-in user only, never from an application.",
    ),
    **dict.fromkeys(
        (
            "createdDateTime creationType deletedDateTime externalUserState imAddresses "
            "isManagementRestricted isResourceAccount lastPasswordChangeDateTime "
            "onPremisesDistinguishedName onPremisesDomainName onPremisesLastSyncDateTime "
            "onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled "
            "onPremisesUserPrincipalName proxyAddresses securityIdentifier "
            "signInSessionsValidFromDateTime"
        ).split(),
        "The directory sets it; it cannot be written.",
    ),
    **dict.fromkeys(
        ("userPrincipalName", "mail", "mailNickname", "identities", "otherMails"),
        "It decides who the user is to sign-in and mail; Sluice does not change it.",
    ),
}
