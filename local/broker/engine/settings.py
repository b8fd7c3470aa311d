"""What can be set for a queue."""

from dataclasses import dataclass

MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """The properties of one queue, named as in the official emulator; durations in milliseconds."""

    name: str
    lock_duration: int = MINUTE
    max_delivery_count: int | None = 10
    """How often a message is delivered before it is dead-lettered; None for without end."""
    default_message_time_to_live: int | None = None
    """The time to live of messages that ask for none or for longer; None for unlimited."""
    dead_lettering_on_message_expiration: bool = False
    duplicate_detection_history_time_window: int | None = None
    """How long message ids are remembered; None without duplicate detection."""
    requires_session: bool = False
