"""What the local stack consists of: one row for each process, with what it needs from others."""

import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

type ReadyLine = Mapping[str, object]
"""The fields that a component prints once it answers (see local/serving.py)."""

type Answers = Mapping[str, ReadyLine]
"""The ready line of each component that is up, by component name."""


@dataclass(frozen=True)
class Launch:
    """How to start one component, without its `--port`."""

    module: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the component finds in its environment beside, or instead of, what it inherits."""

    def command(self, port: int) -> list[str]:
        """Return the whole command line; port 0 asks for a free port."""
        return [sys.executable, "-m", self.module, "--port", str(port), *self.arguments]


@dataclass(frozen=True)
class Component:
    """One process of the local stack."""

    name: str
    launch: Callable[[Answers], Launch]
    """Called each time that the component starts, with what it needs already up."""
    address: str
    """The ready field that holds the component's address, and with it its port."""
    needs: tuple[str, ...] = ()
    port: int = 0
    """The port to ask for at the first start; a restart always takes the same one again."""


def stand_ins(
    data: Path, *, graph: bool, itsm: bool, tables_in_memory: bool = False
) -> list[Component]:
    """Return everything that stands in for a cloud service.

    `graph` says whether Graph is among them, `itsm` whether ticketing tools are.
    """
    kept = () if tables_in_memory else _kept(data, "tables")
    # Made here and not by the endpoint, so that the app's settings stay true when it is restarted.
    identity = Launch("local.identity", ("--header", secrets.token_hex(16)))
    components = [
        Component("broker", lambda _: Launch("local.broker", _kept(data, "broker")), "amqp"),
        Component("tables", lambda _: Launch("local.azurite", kept), "tables"),
        Component("identity", lambda _: identity, "identity"),
        Component(
            "vault",
            lambda up: Launch("local.vault", (*_kept(data, "vault"), *_jwks(up))),
            "vault",
            needs=("identity",),
        ),
    ]
    if graph:
        components.append(
            Component(
                "graph", lambda up: Launch("local.graph", _jwks(up)), "graph", needs=("identity",)
            )
        )
    if itsm:
        tools = Launch("local.itsm", ("--password", secrets.token_hex(16)))
        components.append(Component("itsm", lambda _: tools, "itsm"))
    return components


def meter(measured: Sequence[Component]) -> Component:
    """Return what stands before these components and counts what the app asks of them."""

    def launch(up: Answers) -> Launch:
        services = (f"{each.name}={up[each.name][each.address]}" for each in measured)
        return Launch("local.meter", tuple(services))

    return Component("meter", launch, "meter", needs=tuple(each.name for each in measured))


def _kept(data: Path, name: str) -> tuple[str, str]:
    return "--data", str(data / name)


def _jwks(up: Answers) -> tuple[str, str]:
    return "--jwks", str(up["identity"]["jwks"])
