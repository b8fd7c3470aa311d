"""What the register, the directory, the devices and the vault say of an account that do not agree.

Nothing is written but in the register: that a rotation has ended, where its record says so; and
that an account is due at once, whose device was enrolled anew and has lost it.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.faults import Permanent
from shared.register.entry import Entry, EntryState
from shared.register.ports import EntryChanged
from shared.register.schedule import retry_due
from shared.rotation.dependencies import Dependencies
from shared.rotation.families import FAMILIES
from shared.rotation.fitness import require_cloud_name, require_family, require_rotatable
from shared.rotation.secrets import OPERATION

ANEW = "device-enrolled-anew"

SKEW = timedelta(minutes=5)
"""How far the clocks of Microsoft's services and ours may be apart."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree: a stable code, and words for people. `account` is its id."""

    account: str
    code: str
    detail: str
    repaired: bool = False


type Found = Iterable[tuple[str, str]]
"""Codes, each with its detail."""


async def findings(use: Dependencies, entry: Entry) -> list[Finding]:
    """What is wrong with this account; raises Transient where somebody cannot be asked.

    While a rotation is under way only the rotation is looked at, for the parties change.
    """
    if entry.under_way:
        return await _unended(use, entry)
    found = [*_by_itself(entry)]
    for look in (_in_directory, _on_devices, _in_vault):
        found += await _asked(look, use, entry)
    if found:
        now = await use.register.get(entry.id)
        if now is None or now.etag != entry.etag:
            return []  # somebody was at work on it meanwhile
    return [
        Finding(entry.id, code, detail, code == ANEW and await _due_at_once(use, entry))
        for code, detail in found
    ]


async def _due_at_once(use: Dependencies, entry: Entry) -> bool:
    """Let the timer rotate it in the next window; not where people ask for rotations only."""
    now = use.clock()
    if entry.due is None or entry.due <= now:
        return False
    try:
        await use.register.save(replace(entry, due=retry_due(entry.document, now)), was=entry)
    except EntryChanged:
        return False  # the next run looks again
    return True


async def _unended(use: Dependencies, entry: Entry) -> list[Finding]:
    operation = await use.operations.get(entry.operation) if entry.operation else None
    if operation is None:
        detail = "The register waits for a rotation that is not on record; ask for another."
        return [Finding(entry.id, "rotation-missing", detail)]
    if operation.state.ended:
        await use.ended(operation)
        detail = "A rotation had ended and the register did not know."
        return [Finding(entry.id, "rotation-not-settled", detail, repaired=True)]
    if operation.awaits_person:
        detail = f"The rotation {operation.id} is held and waits for a person."
        return [Finding(entry.id, "rotation-held", detail)]
    return []


def _by_itself(entry: Entry) -> Found:
    document = entry.document
    if document.deviceRotatesPassword and document.schedule.everyDays is not None:
        detail = "The device changes the password by itself, and so does Sluice; let one of them."
        yield "two-rotate", detail


async def _asked(
    look: Callable[[Dependencies, Entry], Awaitable[Found]], use: Dependencies, entry: Entry
) -> Found:
    """What a look finds, or why there is nothing to look at."""
    try:
        return await look(use, entry)
    except Permanent as refusal:
        return [(refusal.code, refusal.detail)]


async def _in_directory(use: Dependencies, entry: Entry) -> Found:
    require_cloud_name(entry.document)
    account = await use.directory.account(entry.document.account, [])
    require_rotatable(account)
    if _is_later(account.password_changed_at, _ours(entry)):
        detail = "Its password was changed after the last rotation, and not by one; rotate it."
        return [("password-changed-elsewhere", detail)]
    return []


async def _on_devices(use: Dependencies, entry: Entry) -> Found:
    if not FAMILIES[entry.document.family].takes_account:
        return []
    found: list[tuple[str, str]] = []
    for reference in entry.document.devices:
        device = await use.devices.find(reference, [])
        require_family(entry.document, device)
        if device.enrolled_at and entry.verified_at and device.enrolled_at > entry.verified_at:
            detail = f"The device {device.id} was enrolled after the last rotation."
            found.append((ANEW, detail))
        if _is_later(device.began_at, _ours(entry)):
            detail = f"The device {device.id} was given an account after the last rotation."
            found.append(("device-changed-elsewhere", detail))
    return found


async def _in_vault(use: Dependencies, entry: Entry) -> Found:
    if entry.verified_at is None:
        return []
    current = await use.vault.find(entry.secret_name)
    if current is None:
        detail = f"Key Vault has no secret {entry.secret_name} any more; recover it, or rotate."
        return [("secret-not-found", detail)]
    if entry.state is EntryState.VERIFIED and current.tags.get(OPERATION) != entry.operation:
        detail = f"The current version of {entry.secret_name} is not that of the last rotation."
        return [("secret-changed-elsewhere", detail)]
    return []


def _ours(entry: Entry) -> datetime | None:
    """Until when the parties were changed by us; None when never."""
    undone = entry.ended_at if entry.state is EntryState.REVERSED else None
    return undone or entry.verified_at


def _is_later(text: str | None, than: datetime | None) -> bool:
    """Whether a time as Graph writes it is later, by more than clocks may be apart."""
    if not text or than is None:
        return False
    try:
        return datetime.fromisoformat(text) > than + SKEW
    except (ValueError, TypeError):
        return False
