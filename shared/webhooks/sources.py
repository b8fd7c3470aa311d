"""The enabled sources, each loaded when it is first needed and kept."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from shared.faults import Permanent
from shared.policy.subject import Asker
from shared.webhooks.examples import failing
from shared.webhooks.source import NAME, RESERVED, Source
from shared.yaml_file import BadYaml, read_yaml, settings_named, told, with_settings

FOLDER = Path(__file__).parents[2] / "sources"
_WITH_SETTINGS = ("verify", "allowedOrigins", "fetch")
"""The members in which ${NAME} stands for an app setting: where things are, not what they mean."""
_SWITCHED = ("own", "writeBack")
"""The same, and left out while a setting that they name is not set: so a setting enables them."""


class SourceError(Permanent):
    """Source files cannot be used; says which ones, and what is wrong in them."""

    def __init__(self, detail: str) -> None:
        super().__init__("source-file", detail)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A source with its name, and the SHA-256 of the file that it is."""

    name: str
    source: Source
    digest: str

    @property
    def asker(self) -> Asker:
        """Who asks for what it maps.

        Approved it is, or nothing is written before it is and carries the hash of the plan.
        """
        bound = self.source.budget
        return Asker(self.name, approved=True, budget=bound.changesPerHour if bound else None)


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a folder; `enabled` are the names of those that may be used."""

    enabled: tuple[str, ...]
    folder: Path = FOLDER
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    _loaded: dict[str, Loaded] = field(default_factory=dict, repr=False)

    def find(self, name: str) -> Loaded | None:
        """The enabled source of that name, None when there is none; raises SourceError."""
        if name not in self.enabled:
            return None
        if name not in self._loaded:
            self._loaded[name] = load(self.folder, name, self.environment)
        return self._loaded[name]

    async def check(self) -> None:
        """Load every enabled source; raises SourceError for what is wrong with any of them."""
        faults = []
        for name in self.enabled:
            try:
                self.find(name)
            except SourceError as error:
                faults.append(error.detail)
        if faults:
            raise SourceError("; ".join(faults))


def load(folder: Path, name: str, environment: Mapping[str, str]) -> Loaded:
    """Read a source file, check it and try its examples; raises SourceError."""
    file = folder / f"{name}.yaml"
    try:
        if not NAME.fullmatch(name) or name in RESERVED:
            raise BadYaml("its name is not one of small letters, digits and -, or is taken")
        content = file.read_bytes()
        members = read_yaml(content.decode())
        for part in _SWITCHED:
            if part in members and not settings_named(str(members[part])) <= _set(environment):
                del members[part]
        members |= with_settings(
            {part: members[part] for part in (*_WITH_SETTINGS, *_SWITCHED) if part in members},
            environment,
        )
        source = Source.model_validate(members)
    except ValidationError as error:
        raise SourceError(f"{file.name}: {told(error)}") from None
    except OSError as error:
        raise SourceError(f"{file.name}: {error.strerror}") from None
    except ValueError as error:
        raise SourceError(f"{file.name}: {error}") from None
    if faults := failing(source, name):
        raise SourceError(f"{file.name}: {'; '.join(faults)}")
    return Loaded(name, source, hashlib.sha256(content).hexdigest())


def _set(environment: Mapping[str, str]) -> set[str]:
    return {name for name, value in environment.items() if value}
