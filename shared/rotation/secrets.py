"""The two secrets of an account.

    <name>           only ever verified passwords; its older versions are the previous ones
    <name>-pending   the password that a rotation is about to set, written before anybody is told

Whoever reads `<name>` finds a password that opened the account when it was verified. A pending
version is known by its tags, so that a crash behind the write, or a reply that is lost, mints no
second one.
"""

from datetime import datetime

from pydantic import SecretStr

from shared.rotation.progress import Progress
from shared.vault.ports import RotatingVault, Secret

OPERATION, MINT = "operation", "mint"
_LONGEST_TAG = 256


def pending_name(secret: str) -> str:
    """The name of the secret that holds what is being set."""
    return f"{secret}-pending"


async def pending(vault: RotatingVault, progress: Progress, operation: str) -> Secret | None:
    """The password that this operation minted last, if it did."""
    found = await vault.find(pending_name(progress.secret))
    if found is None or _mint_of(found) != (operation, str(progress.minted)):
        return None
    return found


async def keep_pending(
    vault: RotatingVault, progress: Progress, operation: str, password: SecretStr
) -> Secret:
    """Keep a new password before it is set anywhere."""
    tags = {**_tags(progress, operation), MINT: str(progress.minted)}
    return await vault.write(pending_name(progress.secret), password, tags, None)


async def password(vault: RotatingVault, progress: Progress) -> SecretStr:
    """The password that is given to the directory and the devices now."""
    if progress.undoing:
        return (await vault.read(progress.secret, progress.previous)).value
    return (await vault.read(pending_name(progress.secret), progress.pending)).value


async def promote(
    vault: RotatingVault,
    progress: Progress,
    operation: str,
    verified_at: datetime,
    next_due: datetime | None,
) -> Secret:
    """Make the verified password the current one; the one before it stays as a version."""
    current = await vault.find(progress.secret)
    if current and current.tags.get(OPERATION) == operation:
        return current
    tags = {**_tags(progress, operation), "verified-at": verified_at.isoformat()}
    if progress.told_at:
        tags["rotated-at"] = progress.told_at.isoformat()
    return await vault.write(progress.secret, await password(vault, progress), tags, next_due)


def _tags(progress: Progress, operation: str) -> dict[str, str]:
    devices = ",".join(device.id for device in progress.devices)
    tags = {"account": progress.account.account, "devices": devices, OPERATION: operation}
    return {name: value[:_LONGEST_TAG] for name, value in tags.items() if value}


def _mint_of(secret: Secret) -> tuple[str | None, str | None]:
    return secret.tags.get(OPERATION), secret.tags.get(MINT)
