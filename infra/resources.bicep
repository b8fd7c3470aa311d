// A whole Sluice in one resource group. Whoever owns no more than a group deploys this:
//   az deployment group create -g <group> -p infra/environments/prod.bicepparam
// main.bicep makes the group first.

import { queues } from 'queues.bicep'
import { settings } from 'settings.bicep'
import { budget, callers, network, operator, scale } from 'types.bicep'

@description('What this Sluice is called, for example sluice-prod: letters, digits and hyphens. Part of the names of all resources.')
@minLength(3)
@maxLength(24)
param name string

@description('Region. Flex Consumption is not everywhere: az functionapp list-flexconsumption-locations.')
param location string = resourceGroup().location

@description('Tags of all resources.')
param tags object = {}

@description('Size of the app.')
param scaling scale = {}

@description('Settings of the app that differ from their defaults.')
param options settings = {}

@description('Mail addresses that alerts go to.')
param alertEmails string[] = []

@description('Who operates Sluice, beside those with rights on the whole group.')
param operators operator[] = []

@description('Callers show a token of Microsoft Entra ID beside the function key. null: the key alone.')
param callersAllowed callers?

@description('Keep Azure traffic in a network of its own, nothing public. Makes Service Bus Premium.')
param privateNetworking bool = false

@description('How that network is.')
param networking network = {}

@description('Spread over availability zones, where the region has them. Keeps two instances of each always-ready group.')
param zoneRedundant bool = false

@description('Call Graph with an identity of its own, so that no connection of the host carries Graph rights.')
param separateGraphIdentity bool = false

@description('Let the platform scale by queue length. Makes a custom role: the deployer has to be Owner or User Access Administrator.')
param scalesByCount bool = false

@description('Protect the identities and the records from deletion. Making a lock takes an Owner or User Access Administrator.')
param locked bool = true

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetention int = 90

@description('GB of logs a day, beyond which they are dropped; -1: no limit.')
param logQuota int = -1

@description('Days that a deleted secret can be had back. Azure refuses to change it later.')
@minValue(7)
@maxValue(90)
param secretRetention int = 90

@description('Tell when the group costs too much. null: do not.')
param costs budget?

@description('Deploy a stand-by: ready to run, taking nothing from queues and timers.')
param standby bool = false

// Every name ends in the same characters: some have to be unique in the world.
var token = take(uniqueString(resourceGroup().id, name), 6)
var suffix = '${name}-${token}'
var compact = toLower('${take(replace(name, '-', ''), 12)}${token}')

// A rotation mints passwords. Without an explicit list, and with an empty one, every operation is
// enabled.
var writesSecrets = empty(options.?OPERATIONS) || contains(
  split(replace(options.?OPERATIONS ?? '', ' ', ''), ','),
  'rotateDeviceAccount'
)

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: { name: 'id-${suffix}', location: location, tags: tags, locked: locked }
}

module graphIdentity 'modules/identity.bicep' = if (separateGraphIdentity) {
  name: 'graph-identity'
  params: { name: 'id-graph-${suffix}', location: location, tags: tags, locked: locked }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    suffix: suffix
    location: location
    tags: tags
    retention: logRetention
    dailyQuota: logQuota
    alertEmails: alertEmails
  }
}

var redundancy = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'

// Three accounts: whoever gets at the package or the host's keys gets at no record, and the load of
// the one does not throttle the others.
module hostStorage 'modules/storage.bicep' = {
  name: 'host-storage'
  params: {
    name: 'sth${compact}'
    location: location
    tags: tags
    redundancy: redundancy
    private: privateNetworking
    workspaceId: monitoring.outputs.workspaceId
  }
}

module packageStorage 'modules/storage.bicep' = {
  name: 'package-storage'
  params: {
    name: 'stp${compact}'
    location: location
    tags: tags
    redundancy: redundancy
    containers: ['packages']
    private: privateNetworking
    workspaceId: monitoring.outputs.workspaceId
  }
}

module recordsStorage 'modules/storage.bicep' = {
  name: 'records-storage'
  params: {
    name: 'str${compact}'
    location: location
    tags: tags
    redundancy: redundancy
    private: privateNetworking
    locked: locked
    workspaceId: monitoring.outputs.workspaceId
  }
}

module serviceBus 'modules/servicebus.bicep' = {
  name: 'service-bus'
  params: {
    name: 'sb-${suffix}'
    location: location
    tags: tags
    queues: queues
    private: privateNetworking
    zoneRedundant: zoneRedundant
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/keyvault.bicep' = {
  name: 'vault'
  params: {
    name: 'kv-${compact}'
    location: location
    tags: tags
    private: privateNetworking
    retention: secretRetention
    workspaceId: monitoring.outputs.workspaceId
  }
}

module access 'modules/access.bicep' = {
  name: 'access'
  params: {
    principalId: identity.outputs.principalId
    hostStorageName: hostStorage.outputs.name
    packageStorageName: packageStorage.outputs.name
    recordsStorageName: recordsStorage.outputs.name
    namespaceName: serviceBus.outputs.name
    queues: queues
    vaultName: vault.outputs.name
    insightsName: monitoring.outputs.insightsName
    writesSecrets: writesSecrets
    scalesByCount: scalesByCount
  }
}

module privateNetwork 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  params: {
    suffix: suffix
    location: location
    tags: tags
    addressSpace: networking.?addressSpace ?? '10.70.0.0/24'
  }
}

var privateInbound = privateNetworking && (networking.?privateInbound ?? false)

module app 'modules/functionapp.bicep' = {
  name: 'app'
  params: {
    name: 'func-${suffix}'
    planName: 'plan-${suffix}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    graphIdentityId: graphIdentity.?outputs.id ?? identity.outputs.id
    graphClientId: graphIdentity.?outputs.clientId ?? identity.outputs.clientId
    scaling: scaling
    zoneRedundant: zoneRedundant
    packageContainer: '${packageStorage.outputs.blobEndpoint}packages'
    hostStorage: {
      name: hostStorage.outputs.name
      blob: hostStorage.outputs.blobEndpoint
      queue: hostStorage.outputs.queueEndpoint
      table: hostStorage.outputs.tableEndpoint
    }
    serviceBusHost: serviceBus.outputs.host
    recordsEndpoint: recordsStorage.outputs.tableEndpoint
    vaultUri: vault.outputs.uri
    telemetry: monitoring.outputs.connectionString
    subnetId: privateNetwork.?outputs.appSubnetId ?? ''
    public: !privateInbound
    callersHaveRoles: callersAllowed != null
    options: options
    standby: standby
  }
  // The first start looks for its package and its locks at once, and fails without the rights.
  dependsOn: [access]
}

module endpoints 'modules/private-endpoints.bicep' = if (privateNetworking) {
  name: 'private-endpoints'
  params: {
    suffix: suffix
    location: location
    tags: tags
    networkId: privateNetwork.?outputs.id ?? ''
    subnetId: privateNetwork.?outputs.endpointSubnetId ?? ''
    services: {
      hostStorage: hostStorage.outputs.id
      packageStorage: packageStorage.outputs.id
      recordsStorage: recordsStorage.outputs.id
      vault: vault.outputs.id
      serviceBus: serviceBus.outputs.id
    }
    serviceBusDomain: serviceBus.outputs.domain
    app: privateInbound ? { id: app.outputs.id, host: app.outputs.host } : null
  }
}

module authentication 'modules/authentication.bicep' = if (callersAllowed != null) {
  name: 'authentication'
  params: {
    appName: app.outputs.name
    allowed: callersAllowed ?? { clientId: '', allowedApplications: [''] }
    // Their senders prove themselves to the app, as the file of each source wants it.
    webhookSources: empty(options.?WEBHOOK_SOURCES) ? [] : split(replace(options.?WEBHOOK_SOURCES ?? '', ' ', ''), ',')
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    suffix: suffix
    location: location
    tags: tags
    actionGroupId: monitoring.outputs.actionGroupId
    queues: queues
    namespaceId: serviceBus.outputs.id
    vaultId: vault.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    standby: standby
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    location: location
    tags: tags
    title: 'Sluice: ${name}'
    workspaceId: monitoring.outputs.workspaceId
    namespaceId: serviceBus.outputs.id
    appId: app.outputs.id
  }
}

module people 'modules/operators.bicep' = {
  name: 'operators'
  params: {
    operators: operators
    namespaceName: serviceBus.outputs.name
    recordsStorageName: recordsStorage.outputs.name
    insightsName: monitoring.outputs.insightsName
    workspaceName: monitoring.outputs.workspaceName
    workbookName: workbook.outputs.name
  }
}

module limit 'modules/budget.bicep' = if (costs != null) {
  name: 'budget'
  params: {
    name: 'budget-${suffix}'
    limit: costs ?? { amount: 0, from: '' }
    actionGroupId: monitoring.outputs.actionGroupId
  }
}

output appName string = app.outputs.name
output appUrl string = 'https://${app.outputs.host}'
output graphPrincipalId string = graphIdentity.?outputs.principalId ?? identity.outputs.principalId
output serviceBusHost string = serviceBus.outputs.host
output recordsEndpoint string = recordsStorage.outputs.tableEndpoint
output vaultUri string = vault.outputs.uri
output workbookId string = workbook.outputs.id
