"""The semantics of Service Bus queues, without any input or output of its own.

Time comes in through a clock, durability leaves through a journal, and messages reach a consumer
through the three methods of `consumers.Consumer`.
"""
