"""The hosts as the last components: they get the app's settings, made of what all others answered.

Several are what Azure calls instances: processes of one app on the same queues.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from local.up.components import Answers, Component, Launch
from local.up.settings import app_settings, write_settings, write_trusted


def host_components(
    count: int,
    *,
    app: Path,
    port: int,
    folder: Path,
    settings_file: Path,
    graph: str | None,
    overrides: Mapping[str, str],
    needs: tuple[str, ...],
) -> list[Component]:
    """Return the components that run the function app in the folder `app`: host, host-2, ….

    `port` is that of the first. `graph` is the Graph to use instead of the stand-in; `overrides`
    replace generated settings.
    """
    # Made here and not by the host, so that clients keep their keys when the host is restarted.
    keys = ("--function-key", secrets.token_hex(20), "--master-key", secrets.token_hex(20))
    # In Azure a timer fires on one instance.
    timers = ("--timers", str(folder / "timers.lock"))

    def launch(up: Answers) -> Launch:
        trusted = folder / "trusted.pem"
        write_trusted(trusted, Path(str(up["vault"]["vaultCa"])))
        endpoint = graph or str(up["graph"]["graph"])
        values = app_settings(up, graph=endpoint, trusted=trusted) | dict(overrides)
        if "meter" in up:
            values = _through(cast("Mapping[str, str]", up["meter"]["through"]), values)
        write_settings(settings_file, values)
        return Launch(
            "local.host",
            ("--app", str(app.resolve()), "--settings", str(settings_file), *keys, *timers),
            # As with func, the environment wins over the file. And aiohttp reads the trusted
            # authorities when it is imported, which in the host is before the file is read.
            environment=values,
        )

    first = Component("host", launch, "http", needs=needs, port=port)
    others = (f"host-{number}" for number in range(2, count + 1))
    return [first, *(Component(name, launch, "http", needs=needs) for name in others)]


def _through(gauges: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The settings with the address of each service replaced by that of its gauge."""
    text = json.dumps(dict(values))
    for service, gauge in gauges.items():
        text = text.replace(service, gauge)
    return cast("dict[str, str]", json.loads(text))
