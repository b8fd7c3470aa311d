import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from tenants import device


@contextmanager
def started(*arguments: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(timeout=60) == 0


def test_the_process_serves_its_seed_under_the_quota_it_was_given() -> None:
    with (
        started("local.identity") as identity,
        started("local.graph", "--jwks", identity["jwks"], "--write-quota", "directory=1/99") as up,
    ):
        query = {"api-version": "2019-08-01", "resource": "https://graph.microsoft.com"}
        header = {"X-IDENTITY-HEADER": identity["identityHeader"]}
        token = httpx.get(identity["identity"], params=query, headers=header, timeout=60).json()
        url = f"{up['graph']}/v1.0/devices/{device('HUB-ATRIUM')['id']}"
        authorization = {"Authorization": f"Bearer {token['access_token']}"}
        answers = [
            httpx.patch(url, headers=authorization, json={"displayName": "x"}, timeout=60)
            for _ in range(2)
        ]
    assert [answer.status_code for answer in answers] == [204, 429]
    assert 0 < int(answers[1].headers["Retry-After"]) <= 99
