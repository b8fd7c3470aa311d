// The plan and the app on Flex Consumption, with the settings that the app finds in Azure.

import { scale } from '../types.bicep'
import { settings } from '../settings.bicep'

@description('Name of the app.')
param name string

@description('Name of its plan; a plan of Flex Consumption has one app.')
param planName string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Resource id of the identity that the app has.')
param identityId string

@description('Client id of the same identity.')
param clientId string

@description('Resource id of the identity that Graph is called with.')
param graphIdentityId string

@description('Client id of that one.')
param graphClientId string

@description('Size of the app.')
param scaling scale

@description('Whether instances are spread over zones.')
param zoneRedundant bool

@description('URL of the container that the package is put in.')
param packageContainer string

@description('Where the host keeps its own state.')
param hostStorage { name: string, blob: string, queue: string, table: string }

@description('Host name of the Service Bus namespace.')
param serviceBusHost string

@description('Endpoint of the tables that hold the records.')
param recordsEndpoint string

@description('Address of the vault.')
param vaultUri string

@description('Where telemetry goes. No secret: with local authentication off it grants nothing.')
param telemetry string

@description('Subnet that the app calls from; empty: none.')
param subnetId string

@description('Whether the public can reach the app.')
param public bool

@description('Whether callers show a token of Microsoft Entra ID, and so have app roles.')
param callersHaveRoles bool

@description('Settings of the app beside those that follow from the resources.')
param options settings

@description('Deploy ready to run, taking nothing from queues and timers: a stand-by.')
param standby bool

// A sovereign cloud has domains of its own, which the host does not guess from a name.
var hostStorageSettings = environment().name == 'AzureCloud'
  ? { AzureWebJobsStorage__accountName: hostStorage.name }
  : {
      AzureWebJobsStorage__blobServiceUri: hostStorage.blob
      AzureWebJobsStorage__queueServiceUri: hostStorage.queue
      AzureWebJobsStorage__tableServiceUri: hostStorage.table
    }

var clouds = {
  AzureCloud: 'global'
  AzureUSGovernment: 'usgov'
  AzureChinaCloud: 'china'
}

// Connections by a user-assigned identity need all three parts: without the credential or the
// client id the trigger is deployed and never wakes.
var required = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  ServiceBus__fullyQualifiedNamespace: serviceBusHost
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: clientId
  Records__tableServiceUri: recordsEndpoint
  KEY_VAULT_URL: vaultUri
  AZURE_CLIENT_ID: clientId
  GRAPH_CLIENT_ID: graphClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: telemetry
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  CLOUD: clouds[environment().name]
  CALLER_ROLES: callersHaveRoles ? 'true' : 'false'
  RESEND_SCHEDULE: '0 * * * * *'
  ROTATION_SCHEDULE: '0 */5 * * * *'
  RECONCILE_SCHEDULE: '30 */5 * * * *'
}

// Whatever is not asked for over HTTP; a test holds this list against the functions of the app.
var resting = {
  'AzureWebJobs.intake_message.Disabled': 'true'
  'AzureWebJobs.changes_message.Disabled': 'true'
  'AzureWebJobs.write_back.Disabled': 'true'
  'AzureWebJobs.resend_unqueued.Disabled': 'true'
  'AzureWebJobs.rotate_due.Disabled': 'true'
  'AzureWebJobs.reconcile_accounts.Disabled': 'true'
}

var appSettings = union(required, hostStorageSettings, standby ? resting : {}, options)

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  // By this tag azd finds the app that the service of azure.yaml is deployed to.
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: union({ '${identityId}': {} }, { '${graphIdentityId}': {} })
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: public ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainer
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: {
        instanceMemoryMB: scaling.?memory ?? 2048
        maximumInstanceCount: scaling.?mostInstances ?? 40
        alwaysReady: scaling.?alwaysReady ?? []
        // Handlers wait for sockets and not for the processor.
        triggers: { http: { perInstanceConcurrency: 16 } }
      }
    }
    // Nothing else: newer stamps of Flex Consumption refuse what older templates set here.
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: map(items(appSettings), setting => { name: setting.key, value: setting.value })
    }
  }
}

output id string = app.id
output name string = app.name
output host string = app.properties.defaultHostName
