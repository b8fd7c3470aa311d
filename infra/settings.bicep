// App settings that have a default in the app: those that a deployment may give. The ones without
// a default are made of the resources, in modules/functionapp.bicep. docs/settings.md has them all.

@export()
@sealed()
@description('Each as docs/settings.md has it. What is left out keeps the default of the app.')
type settings = {
  @description('Only where the cloud of the deployment does not tell: usgov-dod.')
  CLOUD: string?

  @description('A gateway before Graph; without it, Graph of the cloud.')
  GRAPH_ENDPOINT: string?

  @description('What tokens for that gateway are asked for.')
  GRAPH_AUDIENCE: string?

  @description('The enabled operations, separated by commas.')
  OPERATIONS: string?

  @description('The policy file of the package, where it is another than policy.yaml.')
  POLICY_FILE: string?

  @description('The enabled sources of webhooks, separated by commas: names of files in sources/.')
  WEBHOOK_SOURCES: string?

  @description('Where tickets are read and outcomes written back to, for sources/: https addresses.')
  FRESHSERVICE_URL: string?
  SERVICENOW_URL: string?
  JIRA_URL: string?
  GENERIC_OUTCOMES_URL: string?

  @description('The user that writes back, whose password is in the vault.')
  SERVICENOW_USER: string?

  @description('The e-mail address of the user that comments, whose API token is in the vault.')
  JIRA_USER: string?

  @description('The account id of that user, by which what it did is ignored.')
  JIRA_ACCOUNT_ID: string?

  WRITE_BACK_ATTEMPTS: string?

  @description('Whether the queue outcomes is left to whoever else reads it: nothing is written back.')
  'AzureWebJobs.write_back.Disabled': ('true' | 'false')?

  ALLOW_UNOFFICIAL_ROUTES: ('true' | 'false')?
  LANES: string?
  MAX_ATTEMPTS: string?
  RETRY_FIRST_SECONDS: string?
  RETRY_LONGEST_SECONDS: string?
  CLAIM_SECONDS: string?
  READ_BACK_SECONDS: string?
  ACTION_CHECK_SECONDS: string?
  BULK_OPEN: string?
  STOPPED_CHECK_SECONDS: string?
  RESEND_AFTER_SECONDS: string?

  ROTATION_RETRY_HOURS: string?
  OVERDUE_AFTER_HOURS: string?
  RECONCILE_ACCOUNTS: string?
  GRAPH_QUOTA_PERCENT: string?
  GRAPH_QUOTA_RESERVE_PERCENT: string?
  GRAPH_QUOTAS: string?

  @description('NCRONTAB, UTC.')
  RESEND_SCHEDULE: string?

  @description('NCRONTAB, UTC.')
  ROTATION_SCHEDULE: string?

  @description('NCRONTAB, UTC.')
  RECONCILE_SCHEDULE: string?
}
