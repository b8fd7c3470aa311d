"""What `az rest` is for the script under test: a directory in the file FAKE_DIRECTORY names.

Errors are worded as az words those of Microsoft Graph.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

STATE = Path(os.environ["FAKE_DIRECTORY"])
ROOT = "https://graph.microsoft.com/v1.0"
PAGE = 2


def main(arguments: list[str]) -> None:
    state = json.loads(STATE.read_text())
    if arguments[:2] == ["cloud", "show"]:
        sys.stdout.write("https://graph.microsoft.com/\n")
        return
    given = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    link = given["--url"].removeprefix(ROOT)
    answer = _answer(state, given["--method"], link, json.loads(given.get("--body", "{}")))
    STATE.write_text(json.dumps(state))
    if answer is not None:
        sys.stdout.write(json.dumps(answer))


def _answer(state: dict[str, Any], method: str, link: str, body: dict[str, str]) -> Any:
    if link.startswith("/servicePrincipals(appId="):
        return {"id": "graph", "appRoles": state["roles"]}
    if state["forbidden"] and method != "get":
        _fail('Forbidden({"error":{"code":"Authorization_RequestDenied"}})')
    if method == "get":
        _, _, skip = link.partition("?$skip=")
        first = int(skip or 0)
        page = {"value": state["assignments"][first : first + PAGE]}
        if first + PAGE < len(state["assignments"]):
            page["@odata.nextLink"] = f"{ROOT}/servicePrincipals/x?$skip={first + PAGE}"
        return page
    if method == "delete":
        id_ = link.rpartition("/")[2]
        state["assignments"] = [each for each in state["assignments"] if each["id"] != id_]
        return None
    if state["unknown_for"]:
        state["unknown_for"] -= 1
        STATE.write_text(json.dumps(state))
        _fail('Bad Request({"error":{"message":"Not a valid reference update."}})')
    if any(each["appRoleId"] == body["appRoleId"] for each in state["assignments"]):
        _fail('Bad Request({"error":{"message":"Permission being assigned already exists on..."}})')
    state["assignments"].append(body | {"id": f"new-{body['appRoleId']}"})
    return body


def _fail(said: str) -> NoReturn:
    sys.exit(f"ERROR: {said}")


main(sys.argv[1:])
