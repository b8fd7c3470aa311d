import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_identity import AppIdentity
from azure.keyvault.secrets import SecretClient
from impatience import IMPATIENT
from ingestion import Ingestion, ingestion
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack, blocking_stack


@pytest.fixture(scope="session")
def stack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stack of the session keeps its data, its settings and its logs."""
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="session")
def telemetry(stack_folder: Path) -> Iterator[Ingestion]:
    """What the app of the stack sends to Application Insights; among the stack's own files."""
    with ingestion(stack_folder / "telemetry") as running:
        yield running


@pytest.fixture(scope="session")
def stack(stack_folder: Path, telemetry: Ingestion) -> Iterator[BlockingStack]:
    """One stack for all tests that kill nothing; each of them has devices of its own."""
    settings = IMPATIENT | telemetry.settings
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)  # it would replace the stand-in
        with blocking_stack(data=stack_folder, settings=settings) as running:
            yield running


@pytest.fixture(scope="session")
def sluice(stack: BlockingStack) -> Iterator[Sluice]:
    with Sluice(stack.endpoints) as client:
        yield client


@pytest.fixture(scope="session")
def graph(stack: BlockingStack) -> Iterator[TenantControl]:
    with TenantControl(stack.endpoints) as control:
        yield control


@pytest.fixture(scope="session")
def queues(stack: BlockingStack) -> Iterator[Queues]:
    with Queues(stack.endpoints) as queues:
        yield queues


@pytest.fixture(scope="session")
def vault(stack: BlockingStack) -> Iterator[SecretClient]:
    """The vault, as whoever fills it uses it."""
    with SecretClient(
        stack.endpoints.vault,
        AppIdentity(stack.endpoints),
        verify_challenge_resource=False,
        connection_verify=str(stack.endpoints.vault_ca),
    ) as client:
        yield client


@pytest.fixture
def secret(vault: SecretClient) -> str:
    """The name of a secret that can be read."""
    name = f"hub-{uuid.uuid4()}"
    vault.set_secret(name, "Hunter2-canary")
    return name
