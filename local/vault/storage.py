"""Where secrets survive a restart: one row per secret in SQLite, or nothing but memory."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from .secret import Secret

_TABLE = "CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY COLLATE NOCASE, document TEXT)"


class Storage:
    """Each call is one committed transaction, so a killed process loses nothing it answered."""

    def __init__(self, file: Path | None) -> None:
        if file is not None:
            file.touch(mode=0o600)
        self._database = sqlite3.connect(file or ":memory:", autocommit=True)
        self._database.execute(_TABLE)

    def load(self) -> Iterable[Secret]:
        """Return every secret."""
        for (document,) in self._database.execute("SELECT document FROM secret ORDER BY name"):
            yield Secret.model_validate_json(document)

    def save(self, secret: Secret) -> None:
        """Keep a secret as it now is."""
        self._database.execute(
            "INSERT OR REPLACE INTO secret VALUES (?, ?)", (secret.name, secret.model_dump_json())
        )

    def remove(self, name: str) -> None:
        """Forget a secret for good."""
        self._database.execute("DELETE FROM secret WHERE name = ?", (name,))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
