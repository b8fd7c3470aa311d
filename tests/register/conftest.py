import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from local.serving import SUPERVISED
from shared.records.register import TableRegister
from shared.records.tables import Tables

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tables_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Azurite alone: its connection string."""
    data = tmp_path_factory.mktemp("tables")
    process = subprocess.Popen(
        [sys.executable, "-m", "local.azurite", "--port", "0", "--data", str(data)],
        cwd=ROOT,
        env={**os.environ, SUPERVISED: "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())["tableConnection"]
        finally:
            process.kill()


@pytest.fixture
async def tables(tables_at: str) -> AsyncIterator[Tables]:
    tables = Tables.connect(tables_at, None)
    yield tables
    await tables.close()


@pytest.fixture
def register(tables: Tables) -> TableRegister:
    return TableRegister(tables)
