"""The ids of tickets, as each tool has them: they become a part of an address."""

import re

from shared.faults import Permanent
from shared.writeback.outcome import Outcome


def ticket_id(outcome: Outcome, pattern: re.Pattern[str]) -> str:
    """The id of the outcome's ticket; raises Permanent when the tool cannot have given it."""
    ticket = outcome.ticket
    if ticket is None or not pattern.fullmatch(ticket.id):
        raise Permanent("not-an-id", "The tool has no tickets with an id like this.")
    return ticket.id
