"""AMQP 1.0 as specified by OASIS: types, frames, connections, sessions and links.

Nothing in here knows Service Bus.
"""
