"""The supervisor against small processes that follow the contract of local/serving.py."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.up.components import Component, Launch
from local.up.process import ComponentFailed
from local.up.supervisor import Supervisor


def fake(name: str, *needs: str) -> Component:
    launch = Launch("tests.stack.fakes.component", (name,))
    return Component(name, lambda _: launch, "address", needs=needs)


def journal(home: Path) -> list[str]:
    return (home / "journal").read_text().splitlines()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_components_start_after_what_they_need_and_stop_before_it(home: Path) -> None:
    components = [fake("app", "store", "queue"), fake("store"), fake("queue", "store")]
    async with Supervisor(components, home) as supervisor:
        pids = supervisor.pids
        assert set(supervisor.answers) == {"app", "store", "queue"}
    assert journal(home) == [
        "started store",
        "started queue",
        "started app",
        "stopped app",
        "stopped queue",
        "stopped store",
    ]
    assert not [pid for pid in pids.values() if alive(pid)]


async def test_what_needs_another_gets_its_ready_line(home: Path) -> None:
    seen = {}

    def launch(up: object) -> Launch:
        seen["up"] = up
        return Launch("tests.stack.fakes.component", ("app",))

    app = Component("app", launch, "address", needs=("store",))
    async with Supervisor([app, fake("store")], home) as supervisor:
        assert seen["up"] == {"store": supervisor.answers["store"]}


async def test_a_killed_component_comes_back_on_its_port(home: Path) -> None:
    async with Supervisor([fake("store")], home) as supervisor:
        address, pid = supervisor.answers["store"]["address"], supervisor.pids["store"]
        os.kill(pid, signal.SIGKILL)
        await until(lambda: journal(home).count("started store") == 2)
        await supervisor.answering("store")
        assert supervisor.answers["store"]["address"] == address
        assert supervisor.pids["store"] != pid


async def test_kill_ends_the_process_and_answering_waits_for_the_next_one(home: Path) -> None:
    async with Supervisor([fake("store")], home) as supervisor:
        pid = supervisor.pids["store"]
        supervisor.kill("store")
        await supervisor.answering("store")
        assert supervisor.pids["store"] != pid
        assert not alive(pid)


async def test_a_stopped_component_stays_down_until_it_is_started(home: Path) -> None:
    async with Supervisor([fake("store")], home) as supervisor:
        before = supervisor.answers
        await supervisor.stop("store")
        assert not alive(supervisor.pids["store"])
        supervisor.start("store")
        await supervisor.answering("store")
        assert supervisor.answers == before
    assert journal(home) == ["started store", "stopped store"] * 2


async def test_a_component_that_fails_its_first_start_ends_everything_and_says_why(
    home: Path,
) -> None:
    (home / "fail-app").touch()
    with pytest.raises(ComponentFailed, match=r"app ended with 1.*\napp cannot start today"):
        async with Supervisor([fake("store"), fake("app", "store")], home):
            pytest.fail("a stack without its app")
    assert journal(home) == ["started store", "failed app", "stopped store"]


async def test_a_component_is_given_up_after_three_failed_restarts(home: Path) -> None:
    async with Supervisor([fake("store")], home) as supervisor:
        (home / "fail-store").touch()
        supervisor.kill("store")
        assert "store cannot start today" in await supervisor.given_up
        with pytest.raises(ComponentFailed, match="store cannot start today"):
            await supervisor.answering("store")
    assert journal(home) == ["started store", *["failed store"] * 3]


async def test_a_component_that_recovers_in_time_is_kept(home: Path) -> None:
    async with Supervisor([fake("store")], home) as supervisor:
        (home / "fail-store").touch()
        supervisor.kill("store")
        await until(lambda: "failed store" in journal(home))
        (home / "fail-store").unlink()
        await supervisor.answering("store")
        assert not supervisor.given_up.done()


async def test_a_component_that_comes_back_as_another_one_is_given_up(home: Path) -> None:
    async with Supervisor([fake("store")], home) as supervisor:
        (home / "identity-store").write_text("other")
        supervisor.kill("store")
        assert "store came back with other addresses or keys" in await supervisor.given_up


async def test_no_component_uses_a_proxy_on_the_loopback(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    async with Supervisor([fake("store")], home) as supervisor:
        no_proxy = supervisor.answers["store"]["noProxy"]
    assert no_proxy == ["intranet.example,127.0.0.1,localhost"] * 2, "clients read either"


async def test_what_a_component_writes_is_kept_and_shown_when_asked(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Supervisor([fake("store")], home / "logs", verbose=True):
        pass
    assert (home / "logs" / "store.log").read_text() == "store says hello\n"
    assert "[store] store says hello\n" in capsys.readouterr().err


async def test_no_component_outlives_a_killed_supervisor(home: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.stack.fakes.supervisor",
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    pids = json.loads(await supervisor.stdout.readline())
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: "stopped store" in journal(home))
    await until(lambda: not alive(pids["store"]))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for happens in another process
        await asyncio.sleep(0.02)
