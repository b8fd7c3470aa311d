IMPATIENT = {
    # The tests read `outcomes`, as other systems do that want to.
    "AzureWebJobs.write_back.Disabled": "true",
    "ACTION_CHECK_SECONDS": "0.3,0.3,0.3,0.6",
    "CLAIM_SECONDS": "6",
    "FRESHSERVICE_URL": "https://example.freshservice.com",
    "GRAPH_QUOTAS": "intune-writes=900/1,directory-writes=900/1",
    "MAX_ATTEMPTS": "4",
    "READ_BACK_SECONDS": "0.2,0.3,0.5",
    "RESEND_AFTER_SECONDS": "1",
    "RESEND_SCHEDULE": "*/2 * * * * *",
    "RETRY_FIRST_SECONDS": "0.3",
    "RETRY_LONGEST_SECONDS": "1",
    "STOPPED_CHECK_SECONDS": "0.3",
    "WEBHOOK_SOURCES": "freshservice,generic,jira,jira-automation,servicenow",
}
"""Settings with which every wait of a change is short enough for a test; all sources enabled."""
