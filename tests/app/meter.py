"""What the app asked of everything around it, as the meter of its stack counted it."""

import ssl
from collections import Counter
from dataclasses import dataclass
from typing import Self

import httpx
from waiting import eventually

from local.up.endpoints import Endpoints

QUEUES = ("intake", "changes", "outcomes")


@dataclass(frozen=True)
class Call:
    """One call or connection: to which service, what it does, to what."""

    service: str
    what: str
    where: str

    @property
    def shared(self) -> bool:
        """Whether it is not one change's: quotas and the kill switch, which many changes share."""
        return "/quotas" in self.where or "kill-switch" in self.where

    @property
    def opens_connection(self) -> bool:
        """Whether the app opens one; receivers of messages are the host's, which keeps its own."""
        if self.service == "broker":
            return (self.what, self.where) == ("open", "SBSender")
        return self.what == "connect"


class Meter:
    """The journal of the meter; what is counted begins anew with `clear`."""

    def __init__(self, endpoints: Endpoints) -> None:
        # The meter cannot look into TLS; the vault keeps a journal of its own.
        trusted = ssl.create_default_context(cafile=endpoints.vault_ca)
        self._http = httpx.Client(timeout=30, trust_env=False, verify=trusted)
        self._meter = f"{endpoints.meter}/_control/journal"
        self._vault = f"{endpoints.vault}/_control/journal"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def clear(self) -> None:
        """Forget what was counted so far."""
        for journal in (self._meter, self._vault):
            self._http.delete(journal).raise_for_status()

    def calls(self) -> list[Call]:
        """What was counted."""
        found = [Call(**each) for each in self._http.get(self._meter).raise_for_status().json()]
        secrets = self._http.get(self._vault).raise_for_status().json()
        return found + [Call("vault", each["method"], each["path"]) for each in secrets]

    def settled(self) -> list[Call]:
        """What was counted, once every message that was received is settled."""

        def at_rest() -> list[Call] | None:
            found = self.calls()
            kinds = Counter(each.what for each in found if each.where in ("", *QUEUES))
            return found if kinds["receive"] == kinds["settle"] else None

        return eventually(at_rest, what="every message is settled")


def trips(calls: list[Call]) -> tuple[int, ...]:
    """Round trips to Graph, tables and vault, and messages received and sent."""
    own = [each for each in calls if not each.shared and each.what != "connect"]
    to = Counter(each.service for each in own)
    messages = Counter(each.what for each in own if each.where in QUEUES)
    return to["graph"], to["tables"], to["vault"], messages["receive"], messages["send"]
