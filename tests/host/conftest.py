"""Runs the host as its users do: a process per app, spoken to over its socket."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.servicebus import ServiceBusClient, ServiceBusSender
from azure.servicebus.exceptions import SessionCannotBeLockedError

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds to wait for what comes at once on a machine with time."""


class HostProcess:
    """A running `python -m local.host` with what it has written so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.ready: dict[str, Any] = json.loads(process.stdout.readline() or "{}")
        if not self.ready:
            process.wait(PATIENCE)
            self._reader.join(PATIENCE)

    def _read(self) -> None:
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, condition: Callable[[list[str]], bool]) -> None:
        """Wait until the log lines meet `condition`."""
        with self._news:
            met = self._news.wait_for(lambda: condition(self.lines), PATIENCE)
        assert met, self.log

    def wait_for_log(self, text: str, times: int = 1) -> list[str]:
        """Wait until `text` stands in that many log lines; returns them."""
        self.wait_for(lambda lines: sum(text in line for line in lines) >= times)
        return [line for line in self.lines if text in line]

    def results(self) -> list[dict[str, Any]]:
        """What handlers have reported with `print("RESULT", json)`."""
        return [json.loads(line[7:]) for line in list(self.lines) if line.startswith("RESULT ")]

    def stop(self) -> int:
        """Tell the host to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.stopped()

    def stopped(self) -> int:
        """Wait for the end of the process and of its log; its exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code


BUS_FUNCTIONS = {"text", "binary", "failing", "kept", "slow", "outlived", "parallel", "lanes"}


def spawn(
    app: Path,
    *arguments: str,
    env: dict[str, str] | None = None,
    settings: Path | None = None,
    only: Iterable[str] = BUS_FUNCTIONS,
) -> HostProcess:
    """Start a host; of the app apps/bus, `only` these functions are not disabled."""
    others = BUS_FUNCTIONS.difference(only)
    disabled = {f"AzureWebJobs.{name}.Disabled": "true" for name in others}
    command = [sys.executable, "-m", "local.host", "--app", str(app), *arguments]
    if settings is not None:
        command += ["--settings", str(settings)]
    return HostProcess(
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | (env or {}) | disabled,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    )


@contextlib.contextmanager
def running(app: Path, *arguments: str, **options: Any) -> Iterator[HostProcess]:
    host = spawn(app, *arguments, **options)
    try:
        yield host
    finally:
        host.process.kill()
        host.process.wait()


@pytest.fixture(scope="session")
def start_host() -> Callable[..., contextlib.AbstractContextManager[HostProcess]]:
    """Start a host for longer than one test: `with start_host(app, ...) as host`."""
    return lambda app, *arguments, **options: running(APPS / app, *arguments, **options)


@pytest.fixture
def run_host() -> Iterator[Callable[..., HostProcess]]:
    """Start a host on an app (a folder name below apps/, or a path); killed after the test."""
    with contextlib.ExitStack() as stack:

        def start(app: str | Path, *arguments: str, **options: Any) -> HostProcess:
            return stack.enter_context(running(APPS / app, *arguments, **options))

        yield start


class Results:
    """What the handlers of a host report, without what it has reported `before`."""

    def __init__(self, host: HostProcess, before: int = 0) -> None:
        self._host = host
        self._before = before

    def __call__(self, count: int, **match: object) -> list[dict[str, Any]]:
        """Wait for `count` results that have these values; return all such, without the values."""

        def matching() -> list[dict[str, Any]]:
            new = self._host.results()[self._before :]
            return [result for result in new if match.items() <= result.items()]

        self._host.wait_for(lambda _: len(matching()) >= count)
        return [{name: v for name, v in r.items() if name not in match} for r in matching()]


@pytest.fixture
def results(bus_host: HostProcess) -> Results:
    """What the handlers of apps/bus report during this test."""
    return Results(bus_host, before=len(bus_host.results()))


@pytest.fixture
def results_of() -> type[Results]:
    """For a host of the test's own."""
    return Results


@pytest.fixture
def check_table() -> Callable[..., list[list[str]]]:
    """The rows that `--check` prints for an app."""

    def check(app: str | Path, *arguments: str, env: dict[str, str] | None = None) -> Any:
        output = subprocess.run(
            [sys.executable, "-m", "local.host", "--app", APPS / app, "--check", *arguments],
            cwd=ROOT,
            env=os.environ | (env or {}),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return [line.split(maxsplit=2) for line in output.splitlines()]

    return check


@pytest.fixture
def write_app(tmp_path: Path) -> Callable[..., Path]:
    """Write an app: the text of function_app.py (None: no such file) and of host.json."""

    def write(code: str | None, host_json: object = None) -> Path:
        if code is not None:
            prelude = "import azure.functions as func\n\napp = func.FunctionApp()\n\n\n"
            (tmp_path / "function_app.py").write_text(prelude + code)
        (tmp_path / "host.json").write_text(json.dumps(host_json or {"version": "2.0"}))
        return tmp_path

    return write


@pytest.fixture(scope="module")
def http_host() -> Iterator[HostProcess]:
    """The app of apps/http, shared by a module's tests."""
    env = {"AzureWebJobs.off.Disabled": "true"}
    keys = ("--function-key", "the-function-key", "--master-key", "the-master-key")
    with running(APPS / "http", *keys, env=env) as host:
        yield host


@pytest.fixture(scope="module")
def http(http_host: HostProcess) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=http_host.ready["http"], timeout=PATIENCE, trust_env=False
    ) as client:
        yield client


def wait_until(condition: Callable[[], object]) -> None:
    """For a state that no event announces: ask until it holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """For a test's own states that no event announces."""
    return wait_until


class Broker:
    """The local broker as a process that can be killed and started again on its port."""

    def __init__(self, data: Path) -> None:
        self._port = "0"
        self._data = data
        self.start()

    def start(self) -> None:
        queues = Path(__file__).parent / "queues.json"
        command = ["-m", "local.broker", "--port", self._port, "--config", str(queues)]
        command += ["--data", str(self._data)]
        self._process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        ready = json.loads(self._process.stdout.readline())
        self._port = ready["amqp"].rsplit(":", 1)[1]
        self.connection = ready["serviceBusConnection"]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Bus:
    """The SDK's own client, for what a test sends and looks for."""

    def __init__(self, connection: str) -> None:
        self._client = ServiceBusClient.from_connection_string(connection)
        self._senders: dict[str, ServiceBusSender] = {}

    def send(self, queue: str, *messages: Any) -> None:
        # Kept open: the SDK takes a second to close one.
        sender = self._senders.setdefault(queue, self._client.get_queue_sender(queue))
        sender.send_messages(list(messages))

    def receive(self, queue: str, count: int = 1, **options: Any) -> list[Any]:
        """Receive and complete `count` messages."""
        received: list[Any] = []
        with self._client.get_queue_receiver(queue, **options) as receiver:
            while len(received) < count:
                messages = receiver.receive_messages(count - len(received), max_wait_time=PATIENCE)
                assert messages
                for message in messages:
                    receiver.complete_message(message)
                received += messages
        return received

    def until_empty(self, queue: str) -> None:
        with self._client.get_queue_receiver(queue) as receiver:
            wait_until(lambda: not receiver.peek_messages())

    def until_empty_session(self, queue: str, session: str) -> None:
        """Wait until nobody holds the session and it has no messages."""

        def is_empty() -> bool:
            try:
                receiver = self._client.get_queue_receiver(queue, session_id=session)
                with receiver:
                    return not receiver.peek_messages()
            except SessionCannotBeLockedError:
                return False

        wait_until(is_empty)

    def close(self) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(ServiceBusSender.close, self._senders.values()))
        self._client.close()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that keeps its messages when it is killed."""
    broker = Broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def bus(broker: Broker) -> Iterator[Bus]:
    bus = Bus(broker.connection)
    yield bus
    bus.close()


@pytest.fixture(scope="module")
def bus_host(broker: Broker) -> Iterator[HostProcess]:
    """The app of apps/bus on the module's broker, shared by the module's tests."""
    with running(APPS / "bus", env={"Bus": broker.connection}) as host:
        yield host
