"""An AMQP 1.0 broker with Azure Service Bus semantics, for one machine."""
