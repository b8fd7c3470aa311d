import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

SYNC = """
import os
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
client = SecretClient(os.environ["V"], ManagedIdentityCredential(), verify_challenge_resource=False)
client.set_secret("hub", "x")
print(client.get_secret("hub").value)
"""
ASYNC = """
import asyncio, os
from azure.identity.aio import ManagedIdentityCredential
from azure.keyvault.secrets.aio import SecretClient
async def main():
    async with (
        ManagedIdentityCredential() as credential,
        SecretClient(os.environ["V"], credential, verify_challenge_resource=False) as client,
    ):
        await client.set_secret("hub", "x")
        print((await client.get_secret("hub")).value)
asyncio.run(main())
"""


@contextmanager
def started(*arguments: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    data = tmp_path_factory.mktemp("vault")
    with (
        started("local.identity") as identity,
        started("local.vault", "--jwks", identity["jwks"], "--data", str(data)) as vault,
    ):
        yield {
            "IDENTITY_ENDPOINT": identity["identity"],
            "IDENTITY_HEADER": identity["identityHeader"],
            "V": vault["vault"],
            "CA": vault["vaultCa"],
        }


@pytest.mark.parametrize(
    ("script", "variable"), [(SYNC, "REQUESTS_CA_BUNDLE"), (ASYNC, "SSL_CERT_FILE")]
)
def test_a_client_process_trusts_the_vault_through_its_environment(
    environment: dict[str, str], script: str, variable: str
) -> None:
    trusting = {**os.environ, **environment, variable: environment["CA"]}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=trusting,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("x", 0), done.stderr
