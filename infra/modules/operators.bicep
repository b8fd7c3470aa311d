// What the people who operate Sluice may do: see and redrive dead letters, decide on changes, and read
// everything that the workbook shows. No right on secrets.

import { operator } from '../types.bicep'

@description('Who operates Sluice.')
param operators operator[]

@description('Name of the Service Bus namespace.')
param namespaceName string

@description('Name of the account that holds the records.')
param recordsStorageName string

@description('Name of the Application Insights component.')
param insightsName string

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the workbook.')
param workbookName string

var roles = {
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
  busSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39' // Azure Service Bus Data Sender
  busReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0' // Azure Service Bus Data Receiver
  monitoringReader: '43d0d8ad-25c7-4714-9337-8ba259a9fe05' // Monitoring Reader
}

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName
}

resource recordsStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: recordsStorageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' existing = {
  name: workbookName
}

// The dead-letter queue of a queue has no rights of its own: an operator needs those of the queue. The
// namespace has no other queues.
resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in operators: {
    name: guid(namespace.id, each.principalId, roles.busSender)
    scope: namespace
    properties: {
      principalId: each.principalId
      principalType: each.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busSender)
    }
  }
]

resource receive 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in operators: {
    name: guid(namespace.id, each.principalId, roles.busReceiver)
    scope: namespace
    properties: {
      principalId: each.principalId
      principalType: each.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busReceiver)
    }
  }
]

resource records 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in operators: {
    name: guid(recordsStorage.id, each.principalId, roles.tableContributor)
    scope: recordsStorage
    properties: {
      principalId: each.principalId
      principalType: each.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.tableContributor)
    }
  }
]

// The workbook, and what it asks: logs and metrics of the workspace, counts of the namespace.
resource seeWorkbook 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in operators: {
    name: guid(workbook.id, each.principalId, roles.monitoringReader)
    scope: workbook
    properties: {
      principalId: each.principalId
      principalType: each.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringReader)
    }
  }
]

resource seeWorkspace 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in operators: {
    name: guid(workspace.id, each.principalId, roles.monitoringReader)
    scope: workspace
    properties: {
      principalId: each.principalId
      principalType: each.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringReader)
    }
  }
]

resource seeNamespace 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in operators: {
    name: guid(namespace.id, each.principalId, roles.monitoringReader)
    scope: namespace
    properties: {
      principalId: each.principalId
      principalType: each.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringReader)
    }
  }
]

resource seeTraces 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in operators: {
    name: guid(insights.id, each.principalId, roles.monitoringReader)
    scope: insights
    properties: {
      principalId: each.principalId
      principalType: each.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringReader)
    }
  }
]
