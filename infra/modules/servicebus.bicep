// The namespace and its queues.

import { queue } from '../queues.bicep'

@description('Name of the namespace.')
param name string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags object

@description('The queues to make.')
param queues queue[]

@description('Whether it is reached by private endpoints alone, which only Premium offers.')
param private bool

@description('Whether it spans zones. Standard does so by itself where the region can.')
param zoneRedundant bool

@description('Workspace for the logs.')
param workspaceId string

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: private ? { name: 'Premium', tier: 'Premium', capacity: 1 } : { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    zoneRedundant: private && zoneRedundant
  }
}

resource entity 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for each in queues: {
    parent: namespace
    name: each.name
    properties: {
      lockDuration: each.lock
      maxDeliveryCount: each.deliveries
      defaultMessageTimeToLive: each.timeToLive
      deadLetteringOnMessageExpiration: true
      requiresSession: each.sessions
      requiresDuplicateDetection: each.duplicates != null
      duplicateDetectionHistoryTimeWindow: each.?duplicates ?? 'PT5M'
      enablePartitioning: false
    }
  }
]

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

var host = split(replace(namespace.properties.serviceBusEndpoint, 'https://', ''), ':')[0]

output id string = namespace.id
output name string = namespace.name
output host string = host
output domain string = join(skip(split(host, '.'), 1), '.')
