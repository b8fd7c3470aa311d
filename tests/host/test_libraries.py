"""What the host loads, and when."""

from azure.servicebus import ServiceBusMessage

APP_THAT_TELLS_WHAT_CAME_AFTER_IT = """
import json
import sys

BEFORE = set(sys.modules)


@app.service_bus_queue_trigger(arg_name="message", connection="Bus", queue_name="text")
def text(message: func.ServiceBusMessage) -> None:
    late = [name for name in sys.modules if name not in BEFORE and name.startswith("azure.")]
    print("RESULT", json.dumps({"late": late}), flush=True)
"""


def test_the_host_loads_no_library_while_the_app_may_be_loading_it(
    bus, broker, run_host, results_of, write_app
):
    host = run_host(write_app(APP_THAT_TELLS_WHAT_CAME_AFTER_IT), env={"Bus": broker.connection})
    bus.send("text", ServiceBusMessage("x"))
    assert results_of(host)(1) == [{"late": []}]
