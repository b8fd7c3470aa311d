"""Write and delete entries of the register, as people ask for it.

What is known of the rotations of an account stays when its document is replaced.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError

from shared.changes.document import read_document
from shared.changes.problems import Problem, RequestRefused
from shared.changes.validation import Fault, problem_at, refused
from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry, EntryState, entry_id
from shared.register.ports import EntryChanged, Register, SecretNameTaken
from shared.register.precondition import Precondition
from shared.register.schedule import next_due, next_slot

_UNKNOWN = Problem("unknown-device-account", "", "There is no device account with this id.")
_UNDER_WAY = "rotation-under-way"
NAME_TAKEN = Problem(
    "secret-name-taken",
    "/secretName",
    "Another account keeps, or kept, its password under this name; give another secretName.",
)


@dataclass(frozen=True, slots=True)
class Written:
    """The entry as it is now; whether it is new, and whether anything was written."""

    entry: Entry
    created: bool
    changed: bool


async def known(register: Register, wanted: str) -> Entry:
    """The entry with this id, in upper or lower case. Raises RequestRefused (404)."""
    if entry := await register.get(wanted.lower()):
        return entry
    raise RequestRefused(404, [_UNKNOWN])


async def put(
    register: Register, wanted: str, body: bytes, precondition: Precondition, now: datetime
) -> Written:
    """Write the document in `body` under the id `wanted`.

    Raises RequestRefused: 400, 409, 412, 413 or 422.
    """
    document = read_entry(body)
    if entry_id(document.account) != wanted.lower():
        detail = "The id in the path is that of another account; a backslash in it is a !."
        raise RequestRefused(422, [Problem("another-account", "/account", detail)])
    return await write(register, document, now, precondition)


def read_entry(body: bytes) -> DeviceAccountDocument:
    """The document that `body` holds. Raises RequestRefused: 400, 413 or 422."""
    read_document(body)
    try:
        return DeviceAccountDocument.model_validate_json(body)
    except ValidationError as error:
        raise refused(error, _problem) from None


def _problem(fault: Fault) -> Problem:
    """What is wrong with the document as a whole is that the devices do not fit the family."""
    return problem_at(fault["loc"] or ("devices",), fault)


async def write(
    register: Register,
    document: DeviceAccountDocument,
    now: datetime,
    precondition: Precondition = Precondition(),  # noqa: B008  immutable
) -> Written:
    """Write the document; one that is there already is not written. Raises RequestRefused."""
    while True:
        entry = await register.get(entry_id(document.account))
        precondition.check(entry)
        edited = with_document(entry, document, now)
        if edited is entry:
            return Written(edited, created=False, changed=False)
        try:
            saved = await register.save(edited, was=entry)
        except EntryChanged:
            continue
        except SecretNameTaken:
            raise RequestRefused(409, [NAME_TAKEN]) from None
        return Written(saved, created=entry is None, changed=True)


def with_document(entry: Entry | None, document: DeviceAccountDocument, now: datetime) -> Entry:
    """The entry with this document, due as its schedule says; itself where that is its own.

    Raises RequestRefused (409) for another secret name while a rotation is under way: the
    password that is on its way is kept under the present one.
    """
    if entry is None:
        new = Entry(entry_id(document.account), document, EntryState.NEW, None)
        due = next_due(new, now)
        return replace(new, due=due, scheduled=due)
    if document == entry.document:
        return entry
    edited = replace(entry, document=document)
    if entry.under_way:
        if edited.secret_name.lower() != entry.secret_name.lower():
            detail = "A rotation is under way; give another secretName when it has ended."
            raise RequestRefused(409, [Problem(_UNDER_WAY, "/secretName", detail)])
        return edited
    old = entry.document
    if (document.schedule, document.paused) == (old.schedule, old.paused):
        return edited
    due = next_due(edited, entry.verified_at or now)
    if due and due <= now:
        due = next_slot(document, now)
    owed = entry.scheduled if due and entry.scheduled and entry.scheduled <= now else due
    return replace(edited, due=due, scheduled=owed)


async def remove(register: Register, wanted: str, precondition: Precondition) -> None:
    """Delete the entry; its secret stays, and its name stays taken.

    Raises RequestRefused: 404, 412, or 409 while a rotation is under way.
    """
    while True:
        entry = await known(register, wanted)
        precondition.check(entry)
        if entry.under_way:
            detail = f"A rotation is under way; let it end or cancel it: change {entry.operation}."
            raise RequestRefused(409, [Problem(_UNDER_WAY, "", detail)])
        try:
            return await register.delete(entry)
        except EntryChanged:
            continue
