// What somebody is woken up for. Counts of messages come from the namespace's own metrics, because
// metrics that are exported to a workspace no longer tell which queue they belong to. Everything
// else is a query in ../alerts that finds rows only when something is wrong.

import { queue } from '../queues.bicep'

@description('Last part of the names of the resources.')
param suffix string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Who is told.')
param actionGroupId string

@description('The queues to watch.')
param queues queue[]

@description('Resource id of the Service Bus namespace.')
param namespaceId string

@description('Resource id of the vault.')
param vaultId string

@description('Resource id of the workspace.')
param workspaceId string

@description('Whether the app is a stand-by, which has nothing to do.')
param standby bool

resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for each in queues: {
    name: 'dead-letters-${each.name}-${suffix}'
    location: 'global'
    tags: tags
    properties: {
      description: 'There are dead letters in ${each.name}. See docs/operating.md, Dead letters.'
      severity: 2
      enabled: true
      scopes: [namespaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: 'any'
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            metricName: 'DeadletteredMessages'
            dimensions: [{ name: 'EntityName', operator: 'Include', values: [each.name] }]
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]

resource backlog 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for each in queues: {
    name: 'backlog-${each.name}-${suffix}'
    location: 'global'
    tags: tags
    properties: {
      description: 'More messages than usual wait in ${each.name}. See docs/operating.md, When it stands still.'
      severity: 3
      enabled: !standby
      scopes: [namespaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: 'many'
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            metricName: 'ActiveMessages'
            dimensions: [{ name: 'EntityName', operator: 'Include', values: [each.name] }]
            timeAggregation: 'Minimum'
            operator: 'GreaterThan'
            threshold: each.backlog
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]

var namespaceTroubles = ['ServerErrors', 'ThrottledRequests']

resource namespaceTrouble 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for metric in namespaceTroubles: {
    name: 'bus-${toLower(metric)}-${suffix}'
    location: 'global'
    tags: tags
    properties: {
      description: 'Service Bus reports ${metric}. Counts of messages read 0 while it throttles.'
      severity: 3
      enabled: true
      scopes: [namespaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: 'any'
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            metricName: metric
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: 10
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]

resource vaultTrouble 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'vault-unavailable-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Key Vault answers less than it should: changes of device accounts wait.'
    severity: 2
    enabled: true
    scopes: [vaultId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'below'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.KeyVault/vaults'
          metricName: 'Availability'
          timeAggregation: 'Average'
          operator: 'LessThan'
          threshold: 99
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

var found = [
  {
    name: 'failure-share'
    title: 'Too many changes fail'
    severity: 2
    query: loadTextContent('../alerts/failure-share.kql')
    window: 'PT1H'
    whileStandby: true
  }
  {
    name: 'backlog-age'
    title: 'Messages wait too long'
    severity: 2
    query: loadTextContent('../alerts/backlog-age.kql')
    window: 'PT30M'
    whileStandby: false
  }
  {
    name: 'nothing-taken'
    title: 'Messages wait and none is taken'
    severity: 1
    query: loadTextContent('../alerts/nothing-taken.kql')
    window: 'PT30M'
    whileStandby: false
  }
  {
    name: 'silent-timers'
    title: 'A timer does not run'
    severity: 1
    query: loadTextContent('../alerts/silent-timers.kql')
    window: 'P1D'
    whileStandby: false
  }
  {
    name: 'overdue-rotations'
    title: 'Passwords of device accounts are overdue'
    severity: 2
    query: loadTextContent('../alerts/overdue-rotations.kql')
    window: 'P1D'
    whileStandby: true
  }
  {
    name: 'throttled-share'
    title: 'Graph throttles too much'
    severity: 3
    query: loadTextContent('../alerts/throttled-share.kql')
    window: 'PT1H'
    whileStandby: true
  }
  {
    name: 'brake-engaged'
    title: 'The brake or the kill switch is on'
    severity: 1
    query: loadTextContent('../alerts/brake-engaged.kql')
    window: 'PT30M'
    whileStandby: true
  }
  {
    name: 'missing-permissions'
    title: 'The identity lacks a Graph permission'
    severity: 1
    query: loadTextContent('../alerts/missing-permissions.kql')
    window: 'PT1H'
    whileStandby: true
  }
  {
    name: 'own-faults'
    title: 'Sluice itself fails'
    severity: 2
    query: loadTextContent('../alerts/own-faults.kql')
    window: 'PT30M'
    whileStandby: true
  }
  {
    name: 'resent-changes'
    title: 'Accepted changes reach their queue late'
    severity: 3
    query: loadTextContent('../alerts/resent-changes.kql')
    window: 'PT30M'
    whileStandby: true
  }
]

resource logAlert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for each in found: {
    name: '${each.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Sluice: ${each.title}'
      description: 'See docs/observability.md, ${each.name}.'
      severity: each.severity
      enabled: each.whileStandby || !standby
      scopes: [workspaceId]
      evaluationFrequency: 'PT15M'
      windowSize: each.window
      // Before the app has run for the first time, the tables that are asked do not exist.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: each.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [actionGroupId] }
    }
  }
]
