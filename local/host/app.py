"""An app that is indexed, checked and ready to run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.host.checks import check_app
from local.host.functions import Function
from local.host.host_json import HostConfig, load_host_config
from local.host.settings import Settings
from local.host.worker import Worker


@dataclass(frozen=True)
class App:
    """The functions of a folder with what they need to run."""

    functions: Sequence[Function]
    config: HostConfig
    settings: Settings
    worker: Worker

    @classmethod
    def load(cls, folder: Path, settings: Settings, expected: Sequence[str] | None) -> "App":
        """Index and check the app in `folder`; the worker runs from here on.

        Raises StartupError with the reasons when the app is not fit to run.
        """
        config = load_host_config(folder, settings)
        worker = Worker(folder, config.function_timeout)
        worker.start()
        functions = worker.index(settings)
        check_app(functions, settings, config.route_prefix, expected)
        return cls(functions, config, settings, worker)

    def triggered_by(self, trigger_type: str) -> list[Function]:
        """The functions with this trigger, disabled ones included."""
        return [function for function in self.functions if function.trigger.type == trigger_type]
