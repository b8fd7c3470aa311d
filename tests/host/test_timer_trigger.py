"""Timers fire by their schedule, at start-up, and on demand; never twice at a time."""

import httpx
import pytest

APP = """
import asyncio, json, time

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

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
async def slow(timer: func.TimerRequest) -> None:
    global running
    running += 1
    report(f"slow {running}", timer)
    await asyncio.sleep(1.2)
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


@pytest.fixture
def host(run_host, write_app):
    settings = {"OFTEN": "*/1 * * * * *", "AzureWebJobs.disabled.Disabled": "true"}
    return run_host(write_app(APP), "--master-key", "the-master-key", env=settings)


@pytest.fixture
def results(host, results_of):
    return results_of(host)


def test_timers_fire_by_their_schedule_and_tell_the_function_so(host, results, subtests):
    often = results(3, function="often")
    slow = results(2, function="slow 1")
    slow_ends = results(1, function="slow end")

    with subtests.test("on the second, from a setting"):
        assert all(tick["at"] % 1 < 0.7 for tick in often)
        assert often[1]["at"] - often[0]["at"] > 0.5
    with subtests.test("a schedule within the minute has no status"):
        assert (often[0]["past_due"], often[0]["status"]) == (False, {})
    with subtests.test("run on start-up"):
        [started] = results(1, function="yearly")
        assert started["status"]["Next"].endswith("-01-01T00:00:00+00:00")
    with subtests.test("never twice at a time, and an overrun follows at once"):
        # Waiting for the next whole second instead would take 0.8 s.
        assert 0 <= slow[1]["at"] - slow_ends[0]["at"] < 0.6
        assert "slow 2" not in host.log
    with subtests.test("a failure does not end the schedule"):
        assert len(results(2, function="failing")) >= 2
    with subtests.test("disabled"):
        assert "disabled" not in [result["function"] for result in host.results()]


def test_a_timer_can_be_fired_now_and_finishes_when_the_host_stops(host, results):
    key = {"x-functions-key": "the-master-key"}
    url = f"{host.ready['http']}/admin/functions/Rarely"
    response = httpx.post(url, headers=key, json={"input": ""}, trust_env=False)

    assert response.status_code == 202
    [fired] = results(1, function="rarely")
    assert (fired["past_due"], fired["status"]) == (False, {})
    results(1, function="slow 1")

    assert host.stop() == 0
    started = sum("[slow" in line and "Executing" in line for line in host.lines)
    finished = sum("[slow" in line and "Executed" in line for line in host.lines)
    assert started == finished
