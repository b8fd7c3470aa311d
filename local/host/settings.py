"""App settings: local.settings.json, the environment, and `%NAME%` in bindings."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from local.host.errors import StartupError

_PLACEHOLDER = re.compile(r"%([^%]+)%")


class Settings:
    """App settings as .NET's configuration reads them: any case, `__` and `:` are one separator."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {_key(name): value for name, value in values.items()}

    def get(self, name: str) -> str | None:
        """The setting's text; None when it is missing or empty (.NET takes empty for missing)."""
        return self._values.get(_key(name)) or None

    def under(self, section: str) -> dict[str, str]:
        """The settings below `section`, by their remaining path in lower case with `:`."""
        prefix = _key(section) + ":"
        return {
            path.removeprefix(prefix): value
            for path, value in self._values.items()
            if path.startswith(prefix)
        }

    def resolve(self, text: str) -> str:
        """Replace every `%NAME%`.

        Raises StartupError when a name has no setting, as the host's name resolver does.
        """

        def value_of(match: re.Match[str]) -> str:
            value = self.get(match[1])
            if value is None:
                raise StartupError(f"'%{match[1]}%' does not resolve to a value: no such setting")
            return value

        return _PLACEHOLDER.sub(value_of, text)


def _key(name: str) -> str:
    return name.replace("__", ":").lower()


def apply_local_settings(file: Path) -> None:
    """Put the `Values` of a local.settings.json into the environment.

    A variable that is already set wins, as with `func start`. Raises StartupError when the file
    cannot be read, is encrypted, or holds anything but text values.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise StartupError(f"settings file {file}: {error}") from error
    if not isinstance(document, dict) or document.get("IsEncrypted"):
        raise StartupError(f"settings file {file}: expected a plain, unencrypted JSON object")
    values = document.get("Values", {})
    for name, value in values.items():
        if not isinstance(value, str):
            raise StartupError(f"settings file {file}: Values.{name} must be text")
        os.environ.setdefault(name, value)
