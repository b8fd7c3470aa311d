"""Every setting the app reads, typed, with its unit and default. Read once per process.

A connection is named as Functions names it: NAME holds a connection string (on one machine), or
NAME__<endpoint> names a service to reach with the managed identity (in Azure).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from shared.clouds import CLOUDS, GLOBAL, Cloud, cloud_of_graph, is_elsewhere
from shared.policy.offer import EVERY_OPERATION, Offer
from shared.processing.patience import Patience
from shared.quota.quotas import QUOTAS, Quota, read_quotas

LOCK = 60.0
"""Seconds that the lock of a message lasts, see infra/queues.bicep."""
_DAY = 86_400.0
_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:|/|$)")


class SettingsError(Exception):
    """One or more settings are missing or wrong; the text names each and says what it takes."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a service is.

    With `by_identity` the target is an endpoint, else a connection string, which holds a key and
    is therefore kept out of `repr`.
    """

    target: str = field(repr=False)
    by_identity: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """The app's settings; the name of each in the environment stands beside it."""

    service_bus: Connection  # ServiceBus or ServiceBus__fullyQualifiedNamespace
    records: Connection  # Records or Records__tableServiceUri
    key_vault_url: str  # KEY_VAULT_URL
    graph_root: str  # GRAPH_ENDPOINT
    graph_audience: str  # GRAPH_AUDIENCE
    client_id: str | None  # AZURE_CLIENT_ID: the user-assigned identity
    graph_client_id: str | None  # GRAPH_CLIENT_ID: the one for Graph, where it is another
    offer: Offer  # OPERATIONS: the enabled ones; CLOUD: global, usgov, usgov-dod or china
    identity: str  # SLUICE_IDENTITY: managed, or azure-cli for the operator's command
    lanes: int  # LANES: 1 to 128
    unofficial_routes: bool  # ALLOW_UNOFFICIAL_ROUTES: true or false
    caller_roles: bool  # CALLER_ROLES: whether callers over HTTP need an app role, true or false
    policy_file: Path  # POLICY_FILE: who may do what; in the folder of the app unless absolute
    webhook_sources: tuple[str, ...]  # WEBHOOK_SOURCES: names of files in sources/, none by default
    write_back_attempts: int  # WRITE_BACK_ATTEMPTS: to tell an outcome, before it is a dead letter
    quotas: Mapping[str, Quota]  # GRAPH_QUOTAS: other sizes than Microsoft's, name=calls/seconds,…
    quota_share: float  # GRAPH_QUOTA_PERCENT: the part of each quota that Sluice uses
    quota_reserve: float  # GRAPH_QUOTA_RESERVE_PERCENT: of that, what timers and bulks leave free
    bulk_open: int  # BULK_OPEN: changes of one bulk change that are under way at once
    resend_after: float  # RESEND_AFTER_SECONDS: grace before a recorded change is sent again
    rotation_retry: timedelta  # ROTATION_RETRY_HOURS: before a rotation that failed is due again
    reconcile_accounts: int  # RECONCILE_ACCOUNTS: examined in one run, by whole hundreds
    overdue_after: timedelta  # OVERDUE_AFTER_HOURS: behind its due time, when it is an alarm
    telemetry: str = field(repr=False)  # APPLICATIONINSIGHTS_CONNECTION_STRING: none by default
    patience: Patience

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read and check all of them; raises SettingsError that names every fault."""
        reader = _Reader(environment)
        cloud, root = reader.graph()
        client_id = environment.get("AZURE_CLIENT_ID") or None
        defaults = Patience()
        settings = cls(
            service_bus=reader.connection("ServiceBus", "fullyQualifiedNamespace", cloud),
            records=reader.connection("Records", "tableServiceUri", cloud),
            key_vault_url=reader.endpoint("KEY_VAULT_URL", cloud),
            graph_root=root,
            # A Graph elsewhere (a stand-in, a gateway) takes the tokens of the real one.
            graph_audience=reader.text("GRAPH_AUDIENCE", cloud.graph),
            offer=Offer(reader.some_of("OPERATIONS", EVERY_OPERATION), cloud),
            client_id=client_id,
            graph_client_id=environment.get("GRAPH_CLIENT_ID") or client_id,
            identity=reader.choice("SLUICE_IDENTITY", ("managed", "azure-cli")),
            lanes=reader.whole("LANES", 16, most=128),
            unofficial_routes=reader.choice("ALLOW_UNOFFICIAL_ROUTES", ("false", "true")) == "true",
            caller_roles=reader.choice("CALLER_ROLES", ("false", "true")) == "true",
            policy_file=Path(reader.text("POLICY_FILE", "policy.yaml")),
            webhook_sources=reader.names("WEBHOOK_SOURCES"),
            write_back_attempts=reader.whole("WRITE_BACK_ATTEMPTS", 100),
            quotas=reader.quotas("GRAPH_QUOTAS"),
            quota_share=reader.whole("GRAPH_QUOTA_PERCENT", 90, most=100) / 100,
            quota_reserve=reader.whole("GRAPH_QUOTA_RESERVE_PERCENT", 10, most=90) / 100,
            bulk_open=reader.whole("BULK_OPEN", 100),
            resend_after=reader.number("RESEND_AFTER_SECONDS", 30.0),
            rotation_retry=reader.hours("ROTATION_RETRY_HOURS", 24.0),
            reconcile_accounts=reader.whole("RECONCILE_ACCOUNTS", 400, most=10_000),
            overdue_after=reader.hours("OVERDUE_AFTER_HOURS", 24.0),
            telemetry=environment.get("APPLICATIONINSIGHTS_CONNECTION_STRING", ""),
            patience=Patience(
                most_attempts=reader.whole("MAX_ATTEMPTS", defaults.most_attempts),
                first_delay=reader.number("RETRY_FIRST_SECONDS", defaults.first_delay),
                longest_delay=reader.number("RETRY_LONGEST_SECONDS", defaults.longest_delay),
                claim=reader.number("CLAIM_SECONDS", defaults.claim, least=1, most=LOCK),
                read_back=reader.numbers("READ_BACK_SECONDS", defaults.read_back),
                stopped=reader.number("STOPPED_CHECK_SECONDS", defaults.stopped),
                action=reader.numbers("ACTION_CHECK_SECONDS", defaults.action),
            ),
        )
        reader.finish()
        return settings


class _Reader:
    """Reads settings and collects what is wrong with them, so that all is said at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environment.get(name) or default
        if value is None:
            self._faults.append(f"{name} is not set")
        return value or ""

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, choices[0])
        if value not in choices:
            self._faults.append(f"{name} takes {' or '.join(choices)}")
        return value

    def whole(self, name: str, default: int, *, most: int = 1_000) -> int:
        text = self._environment.get(name) or str(default)
        if text.isdecimal() and 1 <= int(text) <= most:
            return int(text)
        self._faults.append(f"{name} takes a whole number from 1 to {most}")
        return default

    def number(self, name: str, default: float, *, least: float = 0.0, most: float = _DAY) -> float:
        numbers = self.numbers(name, (default,), least=least, most=most)
        if len(numbers) > 1:
            self._faults.append(f"{name} takes one number")
        return numbers[0]

    def hours(self, name: str, default: float) -> timedelta:
        numbers = self.numbers(name, (default,), most=8_760.0)
        if len(numbers) > 1:
            self._faults.append(f"{name} takes one number")
        return timedelta(hours=numbers[0])

    def numbers(
        self,
        name: str,
        default: tuple[float, ...],
        *,
        least: float = 0.0,
        most: float = _DAY,
    ) -> tuple[float, ...]:
        text = self._environment.get(name)
        if not text:
            return default
        try:
            numbers = tuple(float(part) for part in text.split(","))
        except ValueError:
            numbers = ()
        if not numbers or not all(least <= number <= most for number in numbers):
            self._faults.append(f"{name} takes numbers from {least:g} to {most:g}")
            return default
        return numbers

    def names(self, name: str) -> tuple[str, ...]:
        text = self._environment.get(name, "")
        return tuple(part.strip() for part in text.split(",") if part.strip())

    def some_of(self, name: str, names: frozenset[str]) -> frozenset[str]:
        text = self._environment.get(name)
        if not text:
            return names
        chosen = frozenset(part.strip() for part in text.split(","))
        if not chosen <= names:
            self._faults.append(f"{name} takes some of {', '.join(sorted(names))}")
        return chosen

    def quotas(self, name: str) -> Mapping[str, Quota]:
        try:
            return read_quotas(self._environment.get(name) or "")
        except ValueError:
            self._faults.append(f"{name} takes {'=200/20,'.join(QUOTAS)}=200/20 or some of them")
            return QUOTAS

    def graph(self) -> tuple[Cloud, str]:
        """The cloud, and the root of the Graph to call, which may be a stand-in or a gateway."""
        root = self._environment.get("GRAPH_ENDPOINT", "").rstrip("/").removesuffix("/v1.0")
        found = cloud_of_graph(root)
        name = self.text("CLOUD", (found or GLOBAL).name)
        if name not in CLOUDS:
            self._faults.append(f"CLOUD takes {' or '.join(CLOUDS)}")
        cloud = CLOUDS.get(name, GLOBAL)
        if found and found is not cloud:
            self._faults.append(f"GRAPH_ENDPOINT is that of {found.name}, and CLOUD is another")
        if root and not (root.startswith("https://") or _LOOPBACK.match(root)):
            # The SDK sends no token to it, and says so too late.
            self._faults.append("GRAPH_ENDPOINT takes https, and http on this machine only")
        return cloud, root or cloud.graph

    def endpoint(self, name: str, cloud: Cloud) -> str:
        """The address of a service of Azure, as a URL or as the name of its host."""
        address = self.text(name)
        try:
            host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
        except ValueError:
            host = ""
            self._faults.append(f"{name} is no address")
        if is_elsewhere(host, cloud):
            self._faults.append(f"{name} is in another cloud than {cloud.name}, see CLOUD")
        return address

    def connection(self, name: str, endpoint: str, cloud: Cloud) -> Connection:
        if text := self._environment.get(name):
            return Connection(text, by_identity=False)
        if self._environment.get(f"{name}__{endpoint}"):
            return Connection(self.endpoint(f"{name}__{endpoint}", cloud), by_identity=True)
        self._faults.append(f"neither {name} nor {name}__{endpoint} is set")
        return Connection("", by_identity=True)

    def finish(self) -> None:
        if self._faults:
            raise SettingsError("; ".join(self._faults))
