"""What keeps a host from starting: exit code 1, and every reason on standard error."""

import pytest


def refused(host):
    """The reasons of a host that has refused to start."""
    assert host.ready == {}
    assert host.process.returncode == 1
    return host.log


def test_every_mistake_that_the_runtime_lets_pass_is_named(run_host, write_app):
    app = write_app(
        """
@app.timer_trigger(arg_name="timer", schedule="every minute or so")
def bad_schedule(timer: func.TimerRequest) -> None: ...

@app.timer_trigger(arg_name="timer", schedule="%NO_SCHEDULE%")
def no_schedule(timer: func.TimerRequest) -> None: ...

@app.timer_trigger(arg_name="timer", schedule="0 0 0 30 2 *")
def never(timer: func.TimerRequest) -> None: ...

@app.route(route="{id:nonsense}")
def bad_constraint(req: func.HttpRequest) -> str: ...

@app.route(route="{id}/{id}")
def twice(req: func.HttpRequest) -> str: ...

@app.route(route="open{brace")
def bad_route(req: func.HttpRequest) -> str: ...

@app.route(route="admin/mine")
def built_in(req: func.HttpRequest) -> str: ...

@app.service_bus_queue_trigger(arg_name="m", connection="Nowhere", queue_name="q")
def no_connection(m: func.ServiceBusMessage) -> None: ...

@app.service_bus_queue_trigger(arg_name="m", connection="Bus", queue_name="%NO_QUEUE%")
def no_queue(m: func.ServiceBusMessage) -> None: ...

@app.service_bus_queue_trigger(arg_name="m", connection="Bus", queue_name="q")
@app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:01")
def retried(m: func.ServiceBusMessage) -> None: ...

@app.service_bus_queue_trigger(
    arg_name="m", connection="Bus", queue_name="q", cardinality=func.Cardinality.MANY
)
def many(m: func.ServiceBusMessage) -> None: ...

@app.queue_trigger(arg_name="m", connection="Bus", queue_name="q")
def storage(m: func.QueueMessage) -> None: ...

@app.function_name("9lives")
@app.route(route="lives")
def lives(req: func.HttpRequest) -> str: ...

@app.function_name("Same")
@app.route(route="one")
def one(req: func.HttpRequest) -> str: ...

@app.function_name("same")
@app.route(route="two")
def two(req: func.HttpRequest) -> str: ...
"""
    )

    reasons = refused(run_host(app, env={"Bus": "Endpoint=sb://127.0.0.1"}))

    for expected in (
        "'bad_schedule': 'every minute or so' has 4 fields",
        "'no_schedule': '%NO_SCHEDULE%' does not resolve",
        "'never': '0 0 0 30 2 *' never occurs",
        "'bad_constraint': unknown route constraint 'nonsense'",
        "'twice': a route parameter appears twice",
        "'bad_route': segment 'open{brace' is neither",
        "'built_in': the route conflicts",
        "'no_connection': connection 'Nowhere' does not resolve",
        "'no_queue': '%NO_QUEUE%' does not resolve",
        "'retried': a retry policy has no effect",
        "'many': cardinality 'many' is not supported",
        "'storage': trigger type 'queueTrigger' is not supported",
        "'9lives': the name must match",
        "2 functions are named 'same'",
    ):
        assert expected in reasons
    assert "Traceback" not in reasons


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nothing_by_this_name", "No module named 'nothing_by_this_name'"),
        (
            "@app.route(route='x')\ndef x(req: func.HttpRequest, extra=None) -> str: ...",
            "the following parameters are declared in Python but not in the function definition",
        ),
        ("other = func.FunctionApp()", "More than one FunctionApp"),
    ],
    ids=["missing module", "extra parameter", "two apps"],
)
def test_an_app_that_does_not_index_is_refused_with_the_runtimes_reason(
    run_host, write_app, code, reason
):
    reasons = refused(run_host(write_app(code)))

    assert reasons.startswith("indexing failed: ")
    assert reason in reasons


def test_an_app_without_functions_is_refused(run_host, write_app):
    assert refused(run_host(write_app(None))).startswith("no functions found")


def test_an_unregistered_blueprint_is_missed(run_host, write_app):
    app = write_app(
        """
blueprint = func.Blueprint()

@blueprint.route(route="forgotten")
def forgotten(req: func.HttpRequest) -> str: ...

@app.route(route="here")
def here(req: func.HttpRequest) -> str: ...
"""
    )

    reasons = refused(run_host(app, "--expect", "forgotten"))

    assert reasons == (
        "expected functions are missing: forgotten\nfunctions that nobody expects: here"
    )
