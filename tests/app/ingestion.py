"""Where Application Insights takes telemetry in, as far as its exporter needs it; keeps all."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Ingestion:
    """What arrived, in a file."""

    file: Path
    port: int

    @property
    def settings(self) -> dict[str, str]:
        """For an app that sends here, soon."""
        key = "11111111-1111-4111-8111-111111111111"
        endpoint = f"http://127.0.0.1:{self.port}/"
        return {
            "APPLICATIONINSIGHTS_CONNECTION_STRING": (
                f"InstrumentationKey={key};IngestionEndpoint={endpoint}"
            ),
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
        }

    def items(self, kind: str) -> list[dict[str, Any]]:
        """The items with this base type: RemoteDependencyData or MetricData."""
        found = (json.loads(line) for line in self.file.read_text().splitlines())
        return [item for item in found if item["data"]["baseType"] == kind]

    def spans(self, trace: str) -> dict[str, dict[str, Any]]:
        """The spans of a trace, by name."""
        return {
            item["data"]["baseData"]["name"]: item
            for item in self.items("RemoteDependencyData")
            if item["tags"]["ai.operation.id"] == trace
        }

    def metrics(self) -> set[str]:
        """The names of what was measured."""
        return {
            str(metric["name"])
            for item in self.items("MetricData")
            for metric in item["data"]["baseData"]["metrics"]
        }


@contextmanager
def ingestion(folder: Path) -> Iterator[Ingestion]:
    """Take telemetry in, on a free port."""
    folder.mkdir()
    file = folder / "track.jsonl"
    file.touch()

    class Track(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            items = json.loads(body)
            with file.open("a") as kept:
                kept.writelines(json.dumps(item) + "\n" for item in items)
            taken = {"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}
            answer = json.dumps(taken).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """What arrives is in the file."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Track)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Ingestion(file, server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
