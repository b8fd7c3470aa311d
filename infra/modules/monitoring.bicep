// Where logs, traces and metrics go, and who is told.

@description('Last part of the names of the resources.')
param suffix string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param retention int

@description('GB of logs a day, beyond which the rest of the day is dropped; -1: no limit.')
param dailyQuota int

@description('Mail addresses that alerts go to.')
param alertEmails string[]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retention
    workspaceCapping: { dailyQuotaGb: dailyQuota }
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'sluice'
    enabled: true
    emailReceivers: [
      for (address, place) in alertEmails: {
        name: 'mail-${place}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

resource queries 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: workspace
  properties: {
    workspaceId: workspace.id
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

output workspaceId string = workspace.id
output workspaceName string = workspace.name
output insightsId string = insights.id
output insightsName string = insights.name
output actionGroupId string = people.id
output connectionString string = insights.properties.ConnectionString
