// Every right that Sluice has in Azure, and no other. Each is on one resource, or on one queue. What
// people have is in operators.bicep, what the identity may do in Graph in ../graph.

import { queue } from '../queues.bicep'

@description('Principal id of the identity of the app.')
param principalId string

@description('Name of the host storage account.')
param hostStorageName string

@description('Name of the account that holds the package.')
param packageStorageName string

@description('Name of the account that holds the records.')
param recordsStorageName string

@description('Name of the Service Bus namespace.')
param namespaceName string

@description('The queues: the app sends to all and takes from those that are marked.')
param queues queue[]

@description('Name of the vault.')
param vaultName string

@description('Name of the Application Insights component.')
param insightsName string

@description('Whether an enabled operation mints passwords and keeps them in the vault.')
param writesSecrets bool

@description('Whether the platform scales by the number of messages. Needs a custom role, which only an Owner or User Access Administrator can make.')
param scalesByCount bool

var roles = {
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
  busSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39' // Azure Service Bus Data Sender
  busReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0' // Azure Service Bus Data Receiver
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User
  secretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7' // Key Vault Secrets Officer
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorageName
}

resource packageStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: packageStorageName
}

resource recordsStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: recordsStorageName
}

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName
}

resource entities 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' existing = [
  for each in queues: {
    parent: namespace
    name: each.name
  }
]

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// The host keeps its keys, the locks of its timers and its leases in blobs.
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostStorage.id, principalId, roles.blobOwner)
  scope: hostStorage
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobOwner)
  }
}

// And the events that it reports when it cannot start in tables.
resource hostTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostStorage.id, principalId, roles.tableContributor)
  scope: hostStorage
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.tableContributor)
  }
}

resource package 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(packageStorage.id, principalId, roles.blobContributor)
  scope: packageStorage
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobContributor)
  }
}

resource records 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(recordsStorage.id, principalId, roles.tableContributor)
  scope: recordsStorage
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.tableContributor)
  }
}

resource sends 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (each, place) in queues: {
    name: guid(entities[place].id, principalId, roles.busSender)
    scope: entities[place]
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busSender)
    }
  }
]

resource receives 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (each, place) in queues: if (each.received) {
    name: guid(entities[place].id, principalId, roles.busReceiver)
    scope: entities[place]
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busReceiver)
    }
  }
]

// Without it the scale controller looks at the oldest message alone and adds instances one by one.
resource counts 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (scalesByCount) {
  name: guid(resourceGroup().id, 'sluice reads queue lengths')
  properties: {
    roleName: 'Sluice reads queue lengths (${namespaceName})'
    description: 'Lets the scale controller of Azure Functions see how many messages wait.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [{ actions: ['Microsoft.ServiceBus/namespaces/*/read'] }]
  }
}

resource countsAssigned 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (scalesByCount) {
  name: guid(namespace.id, principalId, 'sluice reads queue lengths')
  scope: namespace
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: counts.id
  }
}

var secretsRole = writesSecrets ? roles.secretsOfficer : roles.secretsUser

resource secrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, secretsRole)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsRole)
  }
}

resource telemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, roles.metricsPublisher)
  scope: insights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.metricsPublisher)
  }
}
