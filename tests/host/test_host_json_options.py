"""host.json and its overrides in app settings, where a message feels them."""

import json

from azure.servicebus import ServiceBusMessage

OVERRIDE = "AzureFunctionsJobHost__extensions__serviceBus__"


def test_without_renewal_a_long_handler_loses_its_lock(bus, broker, run_host, results_of):
    env = {"Bus": broker.connection, OVERRIDE + "maxAutoLockRenewalDuration": "00:00:00"}
    host = run_host("bus", env=env, only=("outlived",))
    results = results_of(host)
    bus.send("binary", ServiceBusMessage("for a disabled function"))
    bus.send("outlived", ServiceBusMessage("x"))  # the first handler waits for the second

    assert results(2, function="outlived") == [{"started": 1}, {"started": 2}]
    host.wait_for_log("could not complete message")
    [untouched] = bus.receive("binary")
    assert untouched.delivery_count == 0


def test_the_maximum_of_sessions_holds(bus, broker, run_host, results_of):
    env = {"Bus": broker.connection, OVERRIDE + "maxConcurrentSessions": "1"}
    host = run_host("bus", env=env, only=("lanes",))
    results = results_of(host)
    lanes = ("first", "second")
    body = json.dumps({"number": 0, "sleep": 0.5})
    bus.send("lanes", *(ServiceBusMessage(body, session_id=lane) for lane in lanes))

    steps = results(4, function="lanes")

    assert ["begins" in step for step in steps] == [True, False, True, False]


def test_an_invocation_that_outlives_function_timeout_ends_the_process(bus, broker, run_host):
    env = {"Bus": broker.connection, "AzureFunctionsJobHost__functionTimeout": "00:00:01"}
    host = run_host("bus", env=env, only=("parallel",))
    bus.send("parallel", ServiceBusMessage("x"))

    assert host.stopped() == 1
    assert "Timeout value of 0:00:01 exceeded by 'parallel'" in host.log
    # Its message was abandoned, not left to the end of its lock, which is minutes away.
    [message] = bus.receive("parallel")
    assert message.delivery_count == 1
