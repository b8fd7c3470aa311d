"""Loading the exporter beside the work, once there has been some."""

import logging
import threading

from shared.telemetry.outbox import OUTBOX

_log = logging.getLogger(__name__)


class BackgroundExporter:
    """Brings the exporter up in a thread, behind the first invocation.

    Its libraries take more than a second to load, which a cold start must not wait for.
    """

    def __init__(self, connection_string: str) -> None:
        self._connection_string = connection_string
        self._thread: threading.Thread | None = None
        if connection_string:
            OUTBOX.open()

    def start(self) -> None:
        """Begin to load it, unless that has begun; returns at once."""
        if self._connection_string and self._thread is None:
            self._thread = threading.Thread(target=self._load, name="telemetry", daemon=True)
            self._thread.start()

    def _load(self) -> None:
        try:
            from shared.telemetry.azure_monitor import AzureMonitor

            OUTBOX.deliver_to(AzureMonitor(self._connection_string))
        except Exception as error:  # noqa: BLE001  without telemetry the work goes on
            OUTBOX.close()
            _log.error("telemetry is off: %s", type(error).__name__)
