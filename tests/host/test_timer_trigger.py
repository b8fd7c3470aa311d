"""Timers fire by their schedule, at start-up, and on demand; never twice at a time."""

from datetime import datetime

import httpx
import pytest

APP = """
import asyncio, json, os, time

running = 0

def report(name, timer):
    facts = {"past_due": timer.past_due, "status": timer.schedule_status, "at": time.time()}
    print("RESULT", json.dumps({"function": name, **facts}))

@app.timer_trigger(arg_name="timer", schedule="%OFTEN%")
async def often(timer: func.TimerRequest) -> None:
    report("often", timer)

@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
def yearly(timer: func.TimerRequest) -> None:
    report("yearly", timer)

@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", use_monitor=False)
def rarely(timer: func.TimerRequest) -> None:
    report("rarely", timer)

@app.timer_trigger(arg_name="timer", schedule="%OVERRUN%")
async def slow(timer: func.TimerRequest) -> None:
    global running
    running += 1
    report(f"slow {running}", timer)
    await asyncio.sleep(float(os.environ["TAKES"]))
    running -= 1
    report("slow end", timer)

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def failing(timer: func.TimerRequest) -> None:
    report("failing", timer)
    raise RuntimeError("timers go on")

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def disabled(timer: func.TimerRequest) -> None:
    report("disabled", timer)
"""


SETTINGS = {
    "OFTEN": "*/1 * * * * *",
    "OVERRUN": "* * * * * *",
    "TAKES": "1.2",
    "AzureWebJobs.disabled.Disabled": "true",
}


@pytest.fixture
def host(run_host, write_app):
    return run_host(write_app(APP), "--master-key", "the-master-key", env=SETTINGS)


@pytest.fixture
def results(host, results_of):
    return results_of(host)


def test_timers_fire_by_their_schedule_and_tell_the_function_so(host, results, subtests):
    often = results(4, function="often")
    [started] = results(1, function="yearly")
    results(2, function="slow 1")

    with subtests.test("not more often than the schedule says, which is a setting"):
        whole = int(datetime.fromisoformat(started["status"]["Last"]).timestamp())
        assert all(tick["at"] >= whole + number for number, tick in enumerate(often))
    with subtests.test("a schedule within the minute has no status"):
        assert (often[0]["past_due"], often[0]["status"]) == (False, {})
    with subtests.test("run on start-up"):
        assert started["status"]["Next"].endswith("-01-01T00:00:00+00:00")
    with subtests.test("never twice at a time"):
        assert "slow 2" not in [result["function"] for result in host.results()]
    with subtests.test("a failure does not end the schedule"):
        assert len(results(2, function="failing")) >= 2
    with subtests.test("disabled"):
        assert "disabled" not in [result["function"] for result in host.results()]


@pytest.mark.slow
def test_timers_fire_when_due_and_an_overrun_is_followed_at_once(run_host, write_app, results_of):
    settings = SETTINGS | {"OVERRUN": "*/10 * * * * *", "TAKES": "10.2"}
    results = results_of(run_host(write_app(APP), env=settings))

    first, second = results(2, function="slow 1")
    first_end = results(1, function="slow end")[0]

    assert first["at"] % 10 < 5
    # Waiting for the next occurrence instead would take 9.8 s.
    assert second["at"] - first_end["at"] < 8


def test_a_timer_can_be_fired_now_and_finishes_when_the_host_stops(host, results):
    key = {"x-functions-key": "the-master-key"}
    url = f"{host.ready['http']}/admin/functions/Rarely"
    response = httpx.post(url, headers=key, json={"input": ""}, timeout=60, trust_env=False)

    assert response.status_code == 202
    [fired] = results(1, function="rarely")
    assert (fired["past_due"], fired["status"]) == (False, {})
    results(1, function="slow 1")

    assert host.stop() == 0
    started = sum("[slow" in line and "Executing" in line for line in host.lines)
    finished = sum("[slow" in line and "Executed" in line for line in host.lines)
    assert started == finished
