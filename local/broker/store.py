"""The journal in a SQLite database, so that a broker that was killed finds everything again."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import astuple, fields
from pathlib import Path

from local.broker.engine.journal import QueueSnapshot, SessionRecord
from local.broker.engine.message import Message, MessageState

FILE_NAME = "broker.sqlite3"

_COLUMNS = [field.name for field in fields(Message)]
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS message (
    queue TEXT NOT NULL, {", ".join(_COLUMNS)}, PRIMARY KEY (queue, sequence)
);
CREATE TABLE IF NOT EXISTS last_sequence (queue TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS session (
    queue TEXT NOT NULL, session_id TEXT NOT NULL, state BLOB NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (queue, session_id)
);
CREATE TABLE IF NOT EXISTS duplicate (
    queue TEXT NOT NULL, message_id TEXT NOT NULL, seen_at INTEGER NOT NULL,
    PRIMARY KEY (queue, message_id)
);
"""


class StoreInUseError(Exception):
    """Another broker keeps its messages in the folder."""


class SqliteJournal:
    """Collects changes until `commit`; `changed` is called when the first one comes in.

    A message that arrives and leaves between two commits costs no write at all.
    Raises StoreInUseError.
    """

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._changed = changed
        self._database = sqlite3.connect(folder / FILE_NAME, isolation_level=None, timeout=0)
        # One broker per folder: the lock is held until the process ends, however it does.
        self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as cause:
            raise StoreInUseError(f"{folder} is in use by another broker: {cause}") from cause
        # Survives the death of the process; only a power cut could lose the last commits.
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self._messages: dict[tuple[str, int], Message | None] = {}
        self._sequences: dict[str, int] = {}
        self._sessions: dict[tuple[str, str], SessionRecord | None] = {}
        self._duplicates: dict[tuple[str, str], int | None] = {}

    def load(self, queue: str, /) -> QueueSnapshot:
        """Read all that was committed for a queue."""
        read = self._database.execute
        last = read("SELECT sequence FROM last_sequence WHERE queue = ?", [queue]).fetchone()
        messages = read(
            f"SELECT {', '.join(_COLUMNS)} FROM message WHERE queue = ? ORDER BY sequence",  # noqa: S608 - column names of our own
            [queue],
        )
        sessions = read(
            "SELECT session_id, state, updated_at FROM session WHERE queue = ?", [queue]
        )
        duplicates = read(
            "SELECT message_id, seen_at FROM duplicate WHERE queue = ? ORDER BY seen_at", [queue]
        )
        return QueueSnapshot(
            last_sequence=last[0] if last else 0,
            messages=[_message(row) for row in messages],
            sessions=[SessionRecord(*row) for row in sessions],
            duplicates=dict(duplicates),
        )

    def save_message(self, queue: str, message: Message, /) -> None:
        """Note a new or changed message; what is written is its state at the commit."""
        self._note()
        self._messages[queue, message.sequence] = message

    def delete_message(self, queue: str, sequence: int, /) -> None:
        """Note that a message is gone."""
        self._note()
        self._messages[queue, sequence] = None

    def save_sequence(self, queue: str, last_sequence: int, /) -> None:
        """Note the last sequence number that was given out."""
        self._note()
        self._sequences[queue] = last_sequence

    def save_session(self, queue: str, record: SessionRecord, /) -> None:
        """Note a session's state."""
        self._note()
        self._sessions[queue, record.session_id] = record

    def delete_session(self, queue: str, session_id: str, /) -> None:
        """Note that a session has no state any more."""
        self._note()
        self._sessions[queue, session_id] = None

    def save_duplicate(self, queue: str, message_id: str, seen_at: int, /) -> None:
        """Note a message id for duplicate detection."""
        self._note()
        self._duplicates[queue, message_id] = seen_at

    def delete_duplicate(self, queue: str, message_id: str, /) -> None:
        """Note that a message id left the window."""
        self._note()
        self._duplicates[queue, message_id] = None

    def commit(self) -> None:
        """Make everything noted durable, or nothing of it. Raises sqlite3.Error."""
        if not (self._messages or self._sequences or self._sessions or self._duplicates):
            return
        with self._database:
            self._database.execute("BEGIN")
            self._write()
        for noted in (self._messages, self._sequences, self._sessions, self._duplicates):
            noted.clear()

    def close(self) -> None:
        """Commit what is noted and close the database."""
        try:
            self.commit()
        finally:
            self._database.close()

    def _note(self) -> None:
        if not (self._messages or self._sequences or self._sessions or self._duplicates):
            self._changed()

    def _write(self) -> None:
        self._write_table("message", "sequence", self._messages, astuple)
        self._write_table("session", "session_id", self._sessions, astuple)
        self._database.executemany(
            "INSERT OR REPLACE INTO last_sequence VALUES (?, ?)", self._sequences.items()
        )
        inserts = [(*key, at) for key, at in self._duplicates.items() if at is not None]
        self._database.executemany("INSERT OR REPLACE INTO duplicate VALUES (?, ?, ?)", inserts)
        deletes = [key for key, at in self._duplicates.items() if at is None]
        self._database.executemany(
            "DELETE FROM duplicate WHERE queue = ? AND message_id = ?", deletes
        )

    def _write_table[K, V](
        self,
        table: str,
        key_column: str,
        noted: Mapping[tuple[str, K], V | None],
        row: Callable[[V], tuple[object, ...]],
    ) -> None:
        kept = [(key[0], *row(value)) for key, value in noted.items() if value is not None]
        if kept:
            marks = ", ".join("?" * len(kept[0]))
            self._database.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES ({marks})",  # noqa: S608 - names of our own
                kept,
            )
        gone = [key for key, value in noted.items() if value is None]
        self._database.executemany(
            f"DELETE FROM {table} WHERE queue = ? AND {key_column} = ?",  # noqa: S608 - the same
            gone,
        )


def _message(row: tuple[object, ...]) -> Message:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["state"] = MessageState(int(str(values["state"])))
    return Message(**values)  # type: ignore[arg-type] # the columns are the fields
