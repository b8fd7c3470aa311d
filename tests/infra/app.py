"""What the app asks of its surroundings, asked of the app itself."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from function_app import app
from shared.settings import Settings, SettingsError
from shared.webhooks.sources import FOLDER
from shared.yaml_file import settings_named


@dataclass(frozen=True)
class Trigger:
    """The trigger of one function, as the host is told."""

    function: str
    binding: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.binding["type"])


def triggers() -> list[Trigger]:
    # get_functions() may be called once in a process, and other tests are here too.
    functions = [builder.build(app.auth_level) for builder in app._function_builders]
    return [
        Trigger(each.get_function_name(), each.get_trigger().get_dict_repr()) for each in functions
    ]


def settings_in_triggers() -> set[str]:
    """The settings that triggers refer to as %NAME%."""
    texts = " ".join(str(value) for each in triggers() for value in each.binding.values())
    return set(re.findall(r"%(\w+)%", texts))


def settings_in_sources() -> set[str]:
    """The settings that source files of webhooks refer to as ${NAME}."""
    return set().union(*(settings_named(file.read_text()) for file in FOLDER.glob("*.yaml")))


class _Recorder(Mapping[str, str]):
    """An empty environment that remembers what was looked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def settings_that_are_read() -> set[str]:
    """Every setting that the app looks for, and those that its triggers refer to."""
    recorder = _Recorder()
    with contextlib.suppress(SettingsError):
        Settings.read(recorder)
    return recorder.asked | settings_in_triggers() | settings_in_sources()
