"""Invokes a function with one message."""

import logging
from dataclasses import dataclass

from azure.servicebus import ServiceBusReceivedMessage

from local.host.functions import Function
from local.host.host_json import ServiceBusOptions
from local.host.protos import rpc_pb2 as rpc
from local.host.servicebus.binding_data import (
    application_properties,
    trigger_data,
    trigger_metadata,
)
from local.host.tracing import continue_trace
from local.host.worker import Worker

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dispatcher:
    """The way from a received message to its function."""

    function: Function
    options: ServiceBusOptions
    worker: Worker

    async def invoke(self, message: ServiceBusReceivedMessage) -> bool:
        """Whether the function returned; what it raised is in the log."""
        binary = self.function.trigger.text("dataType").lower() == "binary"
        try:
            data = trigger_data(message, binary=binary)
            metadata = trigger_metadata(message)
        except (TypeError, ValueError) as error:
            _log.error("%s: message %s: %s", self.function.name, message.message_id, error)
            return False
        properties = application_properties(message)
        parent = properties.get("traceparent") or properties.get("Diagnostic-Id")
        response = await self.worker.invoke(
            self.function,
            data,
            metadata=metadata,
            trace_parent=continue_trace(parent if isinstance(parent, str) else None),
        )
        return bool(response.result.status == rpc.StatusResult.Success)

    @property
    def auto_complete(self) -> bool:
        """Whether a return completes the message; the trigger's own word wins over host.json's."""
        return self.function.trigger.flag(
            "autoCompleteMessages", default=self.options.auto_complete_messages
        )
