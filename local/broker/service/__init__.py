"""Service Bus as clients see it over AMQP: links on queues, `$cbs` and `$management`."""
