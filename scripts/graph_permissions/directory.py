"""The directory, through `az rest` as the person who is signed in. No other tool is needed."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

GRAPH = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph, in every tenant of every cloud."""

_NOT_REPLICATED = ("Not a valid reference update", "Request_ResourceNotFound")
_WAITS = (2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds between tries: an identity that was just made is not known everywhere yet."""


class Refused(Exception):
    """The directory refuses; `forbidden` when the person lacks the right to ask."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.forbidden = "Forbidden" in said or "Authorization_RequestDenied" in said


@dataclass(frozen=True)
class Granted:
    """One application permission that a principal has."""

    assignment: str
    name: str


class Directory:
    """Microsoft Graph's application permissions. Every method raises Refused."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep

    def granted(self, principal: str) -> list[Granted]:
        """What the principal has on Microsoft Graph."""
        link = f"{self._root}/servicePrincipals/{principal}/appRoleAssignments"
        assignments: list[dict[str, Any]] = []
        while link:
            page = self._rest("get", link)
            assignments += page["value"]
            link = page.get("@odata.nextLink", "")
        names = {id_: name for name, id_ in self._role_ids.items()}
        return [
            Granted(each["id"], names.get(each["appRoleId"], each["appRoleId"]))
            for each in assignments
            if each["resourceId"] == self._graph["id"]
        ]

    def grant(self, principal: str, permission: str) -> None:
        """Give the principal a permission; one that it has already is no fault."""
        body = {
            "principalId": principal,
            "resourceId": self._graph["id"],
            "appRoleId": self._role_ids[permission],
        }
        link = f"{self._root}/servicePrincipals/{principal}/appRoleAssignments"
        for wait in (*_WAITS, None):
            try:
                self._rest("post", link, body)
            except Refused as refused:
                if "already exists" in str(refused):
                    return
                if wait is None or not any(text in str(refused) for text in _NOT_REPLICATED):
                    raise
                self._sleep(wait)
            else:
                return

    def take_away(self, principal: str, assignment: str) -> None:
        """Take a permission away from the principal."""
        link = f"{self._root}/servicePrincipals/{principal}/appRoleAssignments/{assignment}"
        self._rest("delete", link)

    @cached_property
    def _root(self) -> str:
        clouds = _az("cloud", "show", "--query", "endpoints.microsoftGraphResourceId", "-o", "tsv")
        return f"{clouds.strip().rstrip('/')}/v1.0"

    @cached_property
    def _graph(self) -> dict[str, Any]:
        link = f"{self._root}/servicePrincipals(appId='{GRAPH}')?$select=id,appRoles"
        return self._rest("get", link)

    @cached_property
    def _role_ids(self) -> dict[str, str]:
        return {
            role["value"]: role["id"]
            for role in self._graph["appRoles"]
            if "Application" in role["allowedMemberTypes"]
        }

    @staticmethod
    def _rest(method: str, link: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        given = ["--headers", "Content-Type=application/json", "--body", json.dumps(body)]
        answer = _az("rest", "--method", method, "--url", link, *(given if body else []))
        found: dict[str, Any] = json.loads(answer) if answer.strip() else {}
        return found


def _az(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  our own arguments, and no shell
            ["az", *arguments],  # noqa: S607  the az that the person has signed in to
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Refused("There is no az here: install the Azure CLI, then az login.") from None
    if done.returncode:
        raise Refused(done.stderr.strip())
    return done.stdout
