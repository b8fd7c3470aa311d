"""The passwords that rotations mint are in Key Vault and in Graph's bodies, and nowhere else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.keyvault.secrets import SecretClient
from queues import Queues
from rooms import Room
from sluice_client import Sluice
from tenant_control import TenantControl

from shared.register.document import secret_name_of


@pytest.fixture(scope="module")
def rooms(graph: TenantControl, vault: SecretClient, sluice: Sluice) -> list[Room]:
    """One that was rotated, one that was reversed, one that is held, one that Graph refused."""
    found = [Room.furnished(graph, vault, sluice, whenUnconfirmed="reverse") for _ in range(3)]
    found.append(Room.furnished(graph, vault, sluice, confirmWithinHours=1 / 3600))
    graph.behave(found[1].hub["id"], outcome="failed")
    graph.behave(found[3].hub["id"], outcome="pending")
    echo = {"error": {"code": "BadRequest", "message": "The password is wrong."}}
    graph.fault(f"/users/{found[2].user}", method="PATCH", status=400, body=echo)
    changes = [room.rotate() for room in found]
    for change, state in zip(changes, ("verified", "reversed", "failed", "held"), strict=True):
        sluice.wait(change, state, within=60)
    return found


def minted(vault: SecretClient, rooms: list[Room]) -> set[str]:
    """Every value of every version."""
    names = [secret_name_of(room.account) for room in rooms]
    return {
        str(vault.get_secret(name, version.version).value)
        for secret in names
        for name in (secret, f"{secret}-pending")
        for version in vault.list_properties_of_secret_versions(name)
    }


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the stack but those in which the vault keeps its secrets."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "vault" not in path.relative_to(folder).parts[0]:
            yield str(path.relative_to(folder)), path.read_bytes()


def test_no_password_of_a_rotation_is_anywhere_else(
    stack_folder: Path, vault: SecretClient, sluice: Sluice, queues: Queues, rooms: list[Room]
) -> None:
    passwords = [password.encode() for password in minted(vault, rooms)]
    assert len(passwords) >= 2 * len(rooms)
    places = dict(written(stack_folder))
    places["answers"] = b"".join(
        sluice.http.get(f"/device-accounts/{room.account}").content
        + sluice.http.get(f"/changes/{room.rotation['operation']}").content
        for room in rooms
    )
    places["messages"] = json.dumps(
        [
            repr(message)
            for queue in ("intake", "changes", "outcomes")
            for dead in (False, True)
            if (queue, dead) != ("changes", False)
            for message in queues.peek(queue, dead=dead)
        ]
    ).encode()
    kinds = ("host.log", "broker.sqlite3", "tables/", "graph.log", "telemetry/")
    assert all(any(kind in place for place in places) for kind in kinds), sorted(places)
    size = sum(map(len, places.values()))
    print(  # noqa: T201  for whoever proves it
        f"searched: {len(passwords)} passwords in {len(places)} places, {size:,} bytes"
    )
    for place, content in places.items():
        plain = content.replace(b"\0", b"")  # as UTF-16 has it
        assert not [1 for each in passwords if each in content or each in plain], place
