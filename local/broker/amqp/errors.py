"""What goes wrong on the wire.

AmqpError                 has an error condition; told to the peer on link, session or connection
└── DecodeError           the peer's bytes are not AMQP 1.0
"""


class AmqpError(Exception):
    """An error with an AMQP condition (specification, part 2, section 2.8.14 and following)."""

    def __init__(self, condition: str, description: str) -> None:
        super().__init__(f"{condition}: {description}")
        self.condition = condition
        self.description = description


class DecodeError(AmqpError):
    """The peer's bytes cannot be decoded."""

    def __init__(self, description: str) -> None:
        super().__init__("amqp:decode-error", description)
