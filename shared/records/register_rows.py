"""The rows of a device account in Table Storage: what is in them, and what they are called.

Sixteen partitions, by a hash of the id. Beside each account stand rows that only say when it is
due and what is under way, in the same partition, so that all are written in one transaction, and
whoever looks for what is due reads those alone, never the accounts:

    account.<id>            the account
    due.<time>.<id>         its next rotation; with the operation that was asked for
    scheduled.<time>.<id>   when that was to be by its schedule
    underway.<id>           the rotation that was asked for and has not ended

    secret.<name>           in the partition of the name: the account that it belongs to, for good,
                            because the vault keeps the password of an account that was deleted
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from shared.records.tables import Entity
from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry, EntryState
from shared.register.ports import Due

type Row = dict[str, Any]

SHARDS = "0123456789abcdef"


def shard_of(text: str) -> str:
    """The partition of an account, or of the name of a secret."""
    return hashlib.sha256(text.encode()).hexdigest()[0]


def to_entity(entry: Entry) -> Row:
    """The entry as an entity, with its keys; absent members have no column."""
    columns = {
        "document": entry.document.model_dump_json(exclude_unset=True),
        "state": str(entry.state),
        "due": entry.due,
        "scheduled": entry.scheduled,
        "operation": entry.operation,
        "verifiedAt": entry.verified_at,
        "endedAt": entry.ended_at,
        "detail": entry.detail,
    }
    keys = {"PartitionKey": shard_of(entry.id), "RowKey": f"account.{entry.id}"}
    return keys | {name: value for name, value in columns.items() if value is not None}


def from_entity(entity: Entity, etag: str) -> Entry:
    """The entry that `to_entity` wrote."""
    return Entry(
        id=entity["RowKey"].removeprefix("account."),
        document=DeviceAccountDocument.model_validate_json(entity["document"]),
        state=EntryState(entity["state"]),
        due=entity.get("due"),
        scheduled=entity.get("scheduled"),
        operation=entity.get("operation"),
        verified_at=entity.get("verifiedAt"),
        ended_at=entity.get("endedAt"),
        detail=entity["detail"],
        etag=etag,
    )


def rows_beside(entry: Entry) -> list[Row]:
    """The rows that say when the account is due, and what is under way."""
    rows: list[Row] = []
    if entry.due:
        asked = {"operation": entry.operation} if entry.under_way else {}
        rows.append({"RowKey": f"due.{time_in_keys(entry.due)}.{entry.id}", **asked})
    if entry.scheduled:
        rows.append({"RowKey": f"scheduled.{time_in_keys(entry.scheduled)}.{entry.id}"})
    if entry.under_way:
        rows.append({"RowKey": f"underway.{entry.id}", "operation": entry.operation})
    return [{"PartitionKey": shard_of(entry.id), **row} for row in rows]


def name_keys(secret_name: str) -> tuple[str, str]:
    """Row and partition of a name; to Key Vault upper and lower case are the same."""
    name = secret_name.lower()
    return f"secret.{name}", shard_of(name)


def name_row(entry: Entry) -> Row:
    """The row that says that the name of its secret belongs to this account."""
    row, partition = name_keys(entry.secret_name)
    return {"PartitionKey": partition, "RowKey": row, "account": entry.id}


def time_in_keys(at: datetime) -> str:
    """A time that sorts as text; due times are whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def due_of(row: Entity) -> Due:
    """What a due row says."""
    _, at, entry_id = row["RowKey"].split(".", 2)
    return Due(entry_id, datetime.fromisoformat(at), row.get("operation"))
