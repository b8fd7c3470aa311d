"""Azurite as a process of the local stack, through Microsoft's table client."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from azure.data.tables import TableServiceClient

from local.serving import SUPERVISED

ROOT = Path(__file__).parents[2]


@contextmanager
def azurite(data: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield the running process and its connection string."""
    command = [sys.executable, "-m", "local.azurite", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, SUPERVISED: "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            line = json.loads(process.stdout.readline())
            assert line.pop("ready") is True
            assert line["tables"] in line["tableConnection"]
            yield process, line["tableConnection"]
        finally:
            process.kill()


def port_of(connection: str) -> int:
    with TableServiceClient.from_connection_string(connection) as service:
        return urlsplit(service.url).port


def put(connection: str, number: int) -> None:
    with TableServiceClient.from_connection_string(connection) as service:
        table = service.create_table_if_not_exists("records")
        table.create_entity({"PartitionKey": "p", "RowKey": str(number)})


def rows(connection: str) -> list[str]:
    with TableServiceClient.from_connection_string(connection) as service:
        found = service.get_table_client("records").list_entities()
        return [entity["RowKey"] for entity in found]


def test_records_survive_every_orderly_stop_and_the_port_can_be_had_again(tmp_path: Path) -> None:
    stops = [
        lambda process: process.terminate(),
        lambda process: process.send_signal(signal.SIGINT),
        lambda process: process.stdin.close(),  # what the end of a killed supervisor looks like
    ]
    port = 0
    for number, stop in enumerate(stops):
        with azurite(tmp_path, port) as (process, connection):
            put(connection, number)
            stop(process)
            assert process.wait() == 0
        port = port_of(connection)
    with azurite(tmp_path, port) as (_, again):
        assert again == connection
        assert rows(again) == ["0", "1", "2"]


def test_a_taken_port_ends_it_with_a_reason(tmp_path: Path) -> None:
    with azurite(tmp_path / "first") as (_, connection):
        port = str(port_of(connection))
        second = subprocess.run(
            [sys.executable, "-m", "local.azurite", "--port", port, "--data", tmp_path / "second"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert "EADDRINUSE" in second.stderr


def test_the_lock_file_names_no_download_address() -> None:
    lock = json.loads((ROOT / "local/azurite/package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for package in packages.values())
