from pathlib import Path

import pytest

from scripts.bicep import Infra

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def infra() -> Infra:
    return Infra.read(ROOT / "infra")
