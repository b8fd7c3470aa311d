"""Accounts of Microsoft Entra ID, for the rotation of their passwords.

Sources: Microsoft Graph, "Get a user", "List a user's memberships (direct and transitive)" and
"Update user"; Microsoft Entra, "Password policies and account restrictions".
"""

from pydantic import SecretStr

from shared.faults import Permanent
from shared.graph.classify import PASSWORD_REJECTED
from shared.graph.client import GraphClient
from shared.graph.routes import ROUTES
from shared.rotation.ports import Calls, DirectoryAccount, PasswordRejected

_ROLE = "#microsoft.graph.directoryRole"
_LARGEST_PAGE = 999


class EntraDirectory:
    """Implements the port Directory."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def account(self, name: str, calls: Calls) -> DirectoryAccount:
        """The account with this user principal name or object id.

        Raises Permanent `account-not-found`.
        """
        try:
            found = await self._graph.call(
                ROUTES["get-user"],
                {"userId": name},
                select=[
                    "id",
                    "userPrincipalName",
                    "accountEnabled",
                    "onPremisesSyncEnabled",
                    "lastPasswordChangeDateTime",
                ],
                calls=calls,
            )
        except Permanent as fault:
            if fault.code.startswith("graph-404"):
                detail = "Microsoft Entra ID has no such account; look at it in the register."
                raise Permanent("account-not-found", detail) from None
            raise
        return DirectoryAccount(
            id=str(found["id"]),
            name=str(found.get("userPrincipalName") or name),
            enabled=found.get("accountEnabled") is not False,
            synced=found.get("onPremisesSyncEnabled") is True,
            has_roles=await self._has_roles(str(found["id"]), calls),
            password_changed_at=found.get("lastPasswordChangeDateTime"),
        )

    async def _has_roles(self, user_id: str, calls: Calls) -> bool:
        # Without the cast to directoryRole, which reads an index that may lag behind. Whoever may
        # not read roles is still told which of the memberships are roles, and no more.
        answer = await self._graph.call(
            ROUTES["list-memberships"],
            {"userId": user_id},
            select=["id"],
            top=_LARGEST_PAGE,
            calls=calls,
        )
        held = {each.get("@odata.type") for each in answer.get("value") or []}
        # A device account in a thousand groups is none: what is not seen counts as a role.
        return _ROLE in held or "@odata.nextLink" in answer

    async def set_password(self, user_id: str, password: SecretStr, calls: Calls) -> None:
        """Set the password, without asking the user to change it at the next sign-in.

        Raises PasswordRejected.
        """
        secret = password.get_secret_value()
        # Left out, the second member makes the reset ask for a change, which no device answers.
        profile = {"password": secret, "forceChangePasswordNextSignIn": False}
        try:
            await self._graph.call(
                ROUTES["reset-password"],
                {"userId": user_id},
                body={"passwordProfile": profile},
                secrets=[secret],
                calls=calls,
            )
        except Permanent as fault:
            if fault.code == PASSWORD_REJECTED:
                raise PasswordRejected(fault.code, fault.detail) from None
            raise
