"""Dry runs as callers use them, and a request that needs a secret."""

from typing import Any

from asking import update_account
from sluice_client import Sluice


def dry_run(sluice: Sluice, request: dict[str, Any], **headers: str) -> dict[str, Any]:
    """The answer to a dry run of the request."""
    answer = sluice.post(request | {"dryRun": True}, headers=headers)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    assert document.keys() == {"plan", "hash"}
    return document


def account(device: dict[str, Any], secret: str) -> dict[str, Any]:
    named = {"userPrincipalName": "hub@contoso.example", "passwordSecret": {"name": secret}}
    return update_account(device, named, calendarSyncEnabled=True)
