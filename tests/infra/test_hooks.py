"""What azd runs after a deployment, with an az and an app that stand in for the real ones."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[2]
AZ = """#!/bin/sh
echo "$@" >> "$AZ_ASKED"
case "$*" in
    *"keys list"*) echo k3y ;;
    *get-access-token*) echo t0ken ;;
esac
"""


@dataclass
class App:
    """Answers as a Sluice of which these checks of health fail."""

    unwell: list[str] = field(default_factory=list)
    key: str | None = "k3y"
    token: str | None = None
    port: int = 0

    def answer(self, path: str, shown: dict[str, str | None]) -> tuple[int, object]:
        if path.startswith("/api/health"):
            checks = [{"name": each, "ok": False, "detail": "it lacks X"} for each in self.unwell]
            return (503 if checks else 200), {"checks": checks}
        wanted = {
            "x-functions-key": self.key,
            "authorization": self.token and f"Bearer {self.token}",
        }
        if any(value and shown[name] != value for name, value in wanted.items()):
            return 401, {}
        return 200, {"plan": {"code": "graph-404-NotFound", "detail": "", "effect": None}}


@pytest.fixture
def app() -> Iterator[App]:
    app = App()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            names = ("x-functions-key", "authorization")
            status, body = app.answer(self.path, {name: self.headers[name] for name in names})
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    app.port = server.server_port
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield app
    server.shutdown()
    server.server_close()


def after_deploy(app: App, folder: Path, **environment: str) -> tuple[int, str, str]:
    """Exit code, everything that was said, and what az was asked."""
    az = folder / "az"
    az.write_text(AZ)
    az.chmod(0o755)
    asked = folder / "asked"
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "after-deploy.sh")],
        env={
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "AZ_ASKED": str(asked),
            "AZURE_SUBSCRIPTION_ID": "subscription",
            "AZURE_RESOURCE_GROUP": "group",
            "SLUICE_APP": "app",
            "SLUICE_URL": f"http://127.0.0.1:{app.port}",
            "SLUICE_PATIENCE": "0",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, asked.read_text()


def test_the_first_deployment_succeeds_although_graph_permissions_are_still_missing(
    app: App, tmp_path: Path
) -> None:
    app.unwell = ["permissions"]
    code, said, _ = after_deploy(app, tmp_path)
    assert code == 0, said
    assert "ok: without every credential it answers 401" in said
    assert "waits for an administrator: permissions: it lacks X" in said
    assert "step 2" in said


def test_whatever_else_is_wrong_fails_the_deployment(app: App, tmp_path: Path) -> None:
    app.unwell = ["queues", "permissions"]
    code, said, _ = after_deploy(app, tmp_path)
    assert code == 1
    assert "not ready after 0 s: queues: it lacks X; permissions: it lacks X" in said


def test_an_app_that_lets_anybody_in_fails_even_before_its_permissions_are_granted(
    app: App, tmp_path: Path
) -> None:
    app.unwell, app.key = ["permissions"], None
    code, said, _ = after_deploy(app, tmp_path)
    assert code == 1, said


def test_it_asks_in_the_subscription_of_azd_and_needs_no_token_where_callers_show_none(
    app: App, tmp_path: Path
) -> None:
    code, said, asked = after_deploy(app, tmp_path)
    assert code == 0, said
    assert "--subscription subscription" in asked
    assert "get-access-token" not in asked


def test_it_shows_a_token_where_callers_have_to(app: App, tmp_path: Path) -> None:
    app.token = "t0ken"
    code, said, asked = after_deploy(app, tmp_path, SLUICE_API_CLIENT_ID="the-api")
    assert code == 0, said
    assert "get-access-token --scope the-api/.default" in asked
    assert "k3y" not in said
    assert "t0ken" not in said
