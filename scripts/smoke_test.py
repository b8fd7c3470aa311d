"""`python scripts/smoke_test.py URL`: whether a Sluice that was just deployed does its work.

It is ready, lets nobody in without what it asks for, and plans a change by reading Graph. Nothing
is written. From the environment:

    SLUICE_KEY      a function key
    SLUICE_TOKEN    a token for the API, where callers have to show one
    SLUICE_DEVICE   the Entra device id to plan a change of; default: one that does not exist
    SLUICE_PATIENCE seconds to wait until it is ready; default: 300

Needs Python alone. Exit code 0 when all is well, 1 when not, and 3 when nothing is lacking but
Graph permissions, which an administrator grants once it is deployed.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PATIENCE = 300.0
"""Seconds that a new deployment has to become ready: rights take minutes to be known."""

PERMISSIONS = "permissions"
"""The check of health that compares what is granted in Graph with what is needed."""

NO_DEVICE = "00000000-0000-4000-8000-000000000000"


class Wrong(Exception):
    """Something is not as it should be; the text is for whoever deployed."""


class NotGranted(Exception):
    """All is well but for Graph permissions; the text names them."""


@dataclass(frozen=True)
class Answer:
    """Status and body, JSON where it is some."""

    status: int
    body: Any


@dataclass(frozen=True)
class Sluice:
    """The deployed app, as a caller sees it."""

    url: str
    credentials: Mapping[str, str]

    def ask(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request, with all credentials where no headers say otherwise."""
        request = urllib.request.Request(  # noqa: S310  main() takes http and https only
            f"{self.url}/api/{path}",
            None if body is None else json.dumps(body).encode(),
            {"content-type": "application/json"}
            | dict(self.credentials if headers is None else headers),
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  see above
                return Answer(answer.status, _json(answer.read()))
        except urllib.error.HTTPError as error:
            return Answer(error.code, _json(error.read()))
        except OSError as error:
            return Answer(0, str(error))


def is_ready(sluice: Sluice, patience: float) -> str:
    """Wait until health is well; a start takes seconds, rights that were just given minutes.

    For Graph permissions an administrator would have to be waited for.
    """
    end = time.monotonic() + patience
    while unwell := _unwell(sluice):
        if unwell == {PERMISSIONS}:
            return "it is ready, but for its permissions in Graph"
        if time.monotonic() > end:
            raise Wrong(f"not ready after {patience:g} s: {_reasons(sluice) or ', '.join(unwell)}")
        time.sleep(min(5.0, patience))
    return "it is ready"


def _unwell(sluice: Sluice) -> set[str]:
    """The checks of health that fail; another answer than that of health is one of them."""
    answer = sluice.ask("health", headers={})
    if answer.status == 200:  # noqa: PLR2004
        return set()
    checks = answer.body.get("checks", []) if isinstance(answer.body, dict) else []
    return {each["name"] for each in checks if not each["ok"]} or {
        f"it answers {answer.status}: {answer.body}"
    }


def lets_nobody_in(sluice: Sluice, _: float) -> str:
    """Leave out each credential in turn."""
    for left_out in ({}, *({name: sluice.credentials[name]} for name in _given_up(sluice))):
        status = sluice.ask("changes", _change(NO_DEVICE), left_out).status
        if status != 401:  # noqa: PLR2004
            shown = ", ".join(left_out) or "nothing"
            raise Wrong(f"whoever shows {shown} is answered {status} and not 401")
    return "without every credential it answers 401"


def _given_up(sluice: Sluice) -> list[str]:
    return list(sluice.credentials) if len(sluice.credentials) > 1 else []


def may_do_its_work(sluice: Sluice, _: float) -> str:
    """Whether Graph lets it do what is enabled."""
    if _unwell(sluice) == {PERMISSIONS}:
        raise NotGranted(_reasons(sluice) or "the identity lacks permissions in Graph")
    return "its identity has the permissions in Graph"


def plans(sluice: Sluice, _: float) -> str:
    """Plan a change; nothing is written."""
    device = os.environ.get("SLUICE_DEVICE", NO_DEVICE)
    answer = sluice.ask("changes", _change(device))
    if answer.status == 422 and "operation-not-enabled" in str(answer.body):  # noqa: PLR2004
        return "patchDevice is not enabled, so Graph was not asked"
    if answer.status != 200:  # noqa: PLR2004
        raise Wrong(f"a dry run is answered {answer.status}: {answer.body}")
    plan = answer.body["plan"]
    if plan["code"] and not (device == NO_DEVICE and plan["code"].startswith("graph-404")):
        raise Wrong(f"the plan is refused: {plan['code']}: {plan['detail']}")
    return f"it reads Graph: {plan['code'] or plan['effect']}"


def _change(device: str) -> Any:
    return {
        "operation": "patchDevice",
        "target": {"deviceId": device},
        "set": {"displayName": "Smoke test"},
        "dryRun": True,
    }


def _reasons(sluice: Sluice) -> str:
    """Why it is not well, for whoever has the credentials."""
    details = sluice.ask("health/details").body
    checks = details.get("checks", []) if isinstance(details, dict) else []
    return "; ".join(f"{each['name']}: {each['detail']}" for each in checks if not each["ok"])


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content[:200].decode(errors="replace")


CHECKS: tuple[Callable[[Sluice, float], str], ...] = (
    is_ready,
    lets_nobody_in,
    may_do_its_work,
    plans,
)


def main(arguments: list[str]) -> int:
    """Run all checks; the first that fails is the result."""
    if len(arguments) != 1 or not arguments[0].startswith(("https://", "http://127.0.0.1:")):
        print(__doc__, file=sys.stderr)
        return 2
    credentials = {"x-functions-key": os.environ.get("SLUICE_KEY", "")}
    if token := os.environ.get("SLUICE_TOKEN"):
        credentials["authorization"] = f"Bearer {token}"
    sluice = Sluice(arguments[0].rstrip("/"), credentials)
    patience = float(os.environ.get("SLUICE_PATIENCE", PATIENCE))
    try:
        for check in CHECKS:
            print(f"ok: {check(sluice, patience)}")
    except Wrong as wrong:
        print(f"wrong: {wrong}", file=sys.stderr)
        return 1
    except NotGranted as lacking:
        print(f"waits for an administrator: {lacking}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
