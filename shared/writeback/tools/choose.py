"""The tool that a source writes back to."""

from dataclasses import dataclass

from shared.clock import Clock
from shared.webhooks.sources import Loaded
from shared.webhooks.tool import Reached
from shared.webhooks.verifiers.secrets import SenderSecrets
from shared.writeback.ports import Tool
from shared.writeback.tools.client import ToolClient
from shared.writeback.tools.freshservice import FreshserviceTickets
from shared.writeback.tools.jira import JiraIssues
from shared.writeback.tools.receiver import WebhookReceiver
from shared.writeback.tools.servicenow import ServiceNowRecords


@dataclass(frozen=True, slots=True)
class ToolChooser:
    """Makes the tool of a source that has one (`writeBack`)."""

    secrets: SenderSecrets
    clock: Clock

    def __call__(self, loaded: Loaded) -> Tool:
        """The tool; raises LookupError for a source without one."""
        form = loaded.source.writeBack
        if form and form.serviceNow:
            return ServiceNowRecords(form.serviceNow, self._client(form.serviceNow))
        if form and form.jira:
            return JiraIssues(form.jira, self._client(form.jira))
        if form and form.freshservice:
            return FreshserviceTickets(form.freshservice, self._client(form.freshservice))
        if form and form.standardWebhooks:
            return WebhookReceiver(form.standardWebhooks, self.secrets, self.clock)
        raise LookupError(loaded.name)

    def _client(self, tool: Reached) -> ToolClient:
        return ToolClient(tool, self.secrets, self.clock)
