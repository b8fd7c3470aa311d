"""`--check` prints what the app consists of."""

import json


def test_the_table_names_functions_triggers_and_causes(check_table):
    rows = check_table("http")

    assert rows[0] == ["FUNCTION", "TRIGGER", "RUNS ON"]
    assert ["item", "httpTrigger", "GET /api/items/{id:guid} [anonymous]"] in rows
    assert ["guarded", "httpTrigger", "any method /api/guarded [admin]"] in rows


def test_settings_fill_the_environment_but_do_not_override_it(check_table, write_app, tmp_path):
    app = write_app(
        """
import os

@app.route(route=os.environ["FROM_FILE"] + "/" + os.environ["FROM_BOTH"])
def here(req: func.HttpRequest) -> str: ...
"""
    )
    settings = tmp_path / "settings.json"
    values = {"FROM_FILE": "file", "FROM_BOTH": "file"}
    settings.write_text(json.dumps({"IsEncrypted": False, "Values": values}))

    rows = check_table(app, "--settings", str(settings), env={"FROM_BOTH": "environment"})

    assert rows[1] == ["here", "httpTrigger", "any method /api/file/environment [function]"]


def test_placeholders_and_the_route_prefix_are_resolved(check_table, write_app):
    app = write_app(
        """
@app.timer_trigger(arg_name="timer", schedule="%WHEN%")
def tick(timer: func.TimerRequest) -> None: ...

@app.service_bus_queue_trigger(
    arg_name="m", connection="Bus", queue_name="%QUEUE%", is_sessions_enabled=True
)
def work(m: func.ServiceBusMessage) -> None: ...

@app.route(route="here", methods=["PUT"])
def here(req: func.HttpRequest) -> str: ...
""",
        {"version": "2.0", "extensions": {"http": {"routePrefix": "v1"}}},
    )
    settings = {
        "WHEN": "0 */5 * * * *",
        "QUEUE": "changes",
        "Bus__fullyQualifiedNamespace": "example.servicebus.windows.net",
        "AzureWebJobs.tick.Disabled": "1",
    }

    assert check_table(app, env=settings)[1:] == [
        ["here", "httpTrigger", "PUT /v1/here [function]"],
        ["tick", "(disabled)", "timerTrigger       0 */5 * * * *"],
        ["work", "serviceBusTrigger", "queue changes [sessions]"],
    ]
