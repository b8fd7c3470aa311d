"""What webhooks use, put together once per process; see shared/composition."""

from functools import cache
from typing import TYPE_CHECKING

from shared import composition
from shared.clock import utc_now

if TYPE_CHECKING:
    from shared.webhooks.admission import Admission
    from shared.webhooks.explain import Explainer
    from shared.webhooks.fetch import TicketFetcher
    from shared.webhooks.messages import SourceMessages
    from shared.webhooks.payload import Payload
    from shared.webhooks.receive import Receiver
    from shared.webhooks.sources import Loaded, Sources
    from shared.webhooks.verifiers.chain import Verifiers
    from shared.webhooks.verifiers.secrets import SenderSecrets


@cache
def sources() -> "Sources":
    """The enabled source files."""
    from shared.webhooks.sources import Sources

    return Sources(composition.settings().webhook_sources)


@cache
def sender_secrets() -> "SenderSecrets":
    """The secrets that senders of webhooks know."""
    from shared.webhooks.verifiers.secrets import SenderSecrets

    return SenderSecrets(composition.vault(), utc_now)


@cache
def verifiers() -> "Verifiers":
    """Who a webhook is from."""
    from shared.webhooks.jwks import PublishedKeys
    from shared.webhooks.verifiers.chain import Verifiers

    authority = composition.settings().offer.cloud.authority
    return Verifiers(sender_secrets(), PublishedKeys(utc_now), authority, utc_now)


@cache
def fetcher() -> "TicketFetcher":
    """How tickets are read where they are, for the sources that have it so."""
    from shared.webhooks.fetch import TicketFetcher

    return TicketFetcher(sender_secrets())


@cache
def admission() -> "Admission":
    """What webhooks and messages of sources have in common."""
    from shared.records.tickets import TableTickets
    from shared.webhooks.admission import Admission

    tickets = TableTickets(composition.tables())
    return Admission(composition.intake(), composition.actions(), tickets, _fetch)


@cache
def receiver() -> "Receiver":
    """The use case of webhooks."""
    from shared.webhooks.receive import Receiver

    return Receiver(sources(), verifiers(), admission())


@cache
def explainer() -> "Explainer":
    """The use case of asking what a payload would become."""
    from shared.webhooks.explain import Explainer

    return Explainer(sources(), verifiers(), _fetch, composition.intake())


@cache
def messages() -> "SourceMessages":
    """The use case of messages that a source of webhooks reads."""
    from shared.webhooks.messages import SourceMessages

    return SourceMessages(sources(), admission())


async def _fetch(loaded: "Loaded", payload: "Payload") -> "Payload":
    # An HTTP client is loaded by the first source that needs one.
    return await fetcher().fetch(loaded, payload)
