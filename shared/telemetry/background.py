"""Loading the exporter beside the work, once there has been some."""

import logging
import threading
from collections.abc import Callable

from shared.telemetry.outbox import OUTBOX, Exporter

_log = logging.getLogger(__name__)


class BackgroundExporter:
    """Brings the exporter up in a thread, behind the first invocation.

    Its libraries take more than a second to load, which a cold start must not wait for. Without
    `make` nothing is told to anybody.
    """

    def __init__(self, make: Callable[[], Exporter] | None) -> None:
        self._make = make
        self._begun = False
        if make:
            OUTBOX.open()

    def start(self) -> None:
        """Begin to load it, unless that has begun; returns at once."""
        if self._make and not self._begun:
            self._begun = True
            threading.Thread(
                target=self._load, args=(self._make,), name="telemetry", daemon=True
            ).start()

    def _load(self, make: Callable[[], Exporter]) -> None:
        try:
            OUTBOX.deliver_to(make())
        except Exception as error:  # noqa: BLE001  without telemetry the work goes on
            OUTBOX.close()
            _log.error("telemetry is off: %s", type(error).__name__)
