"""What write-back uses, put together once per process; see shared/composition."""

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from shared import composition
from shared.clock import utc_now
from shared.webhooks.composition import sender_secrets, sources

if TYPE_CHECKING:
    from shared.webhooks.sources import Loaded
    from shared.writeback.messages import OutcomeMessages
    from shared.writeback.ports import Tool


@cache
def outcome_messages() -> "OutcomeMessages":
    """The use case of messages on `outcomes`."""
    from shared.writeback.messages import OutcomeMessages

    chosen = composition.settings()
    return OutcomeMessages(
        sources(),
        _tool,
        composition.refusals(),
        composition.sender(),
        utc_now,
        replace(chosen.patience, most_attempts=chosen.write_back_attempts),
    )


def _tool(loaded: "Loaded") -> "Tool":
    # An HTTP client is loaded by the first outcome that somebody wants to be told.
    from shared.writeback.tools.choose import ToolChooser

    return ToolChooser(sender_secrets(), utc_now)(loaded)
