// A whole Sluice in an empty subscription: the resource group, and in it what resources.bicep has.
//   azd up
//   az deployment sub create -l <region> -f infra/main.bicep -p infra/main.bicepparam

targetScope = 'subscription'

import { settings } from 'settings.bicep'
import { budget, callers, scale } from 'types.bicep'

@description('Name of the environment: dev, test, prod or any other; letters, digits and hyphens.')
@minLength(2)
@maxLength(17)
param environmentName string

@description('Region. Flex Consumption is not everywhere: az functionapp list-flexconsumption-locations.')
param location string

@description('Principal id of who deploys, who then also operates; empty: nobody.')
param deployerId string = ''

@description('What the deployer is.')
param deployerType 'User' | 'Group' | 'ServicePrincipal' = 'User'

@description('Size of the app.')
param scaling scale = {}

@description('Settings of the app that differ from their defaults.')
param options settings = {}

@description('Mail addresses that alerts go to.')
param alertEmails string[] = []

@description('Callers show a token of Microsoft Entra ID beside the function key. null: the key alone.')
param callersAllowed callers?

@description('Keep Azure traffic in a network of its own, nothing public. Makes Service Bus Premium.')
param privateNetworking bool = false

@description('Spread over availability zones, where the region has them.')
param zoneRedundant bool = false

@description('Call Graph with an identity of its own.')
param separateGraphIdentity bool = false

@description('Tell when the group costs too much. null: do not.')
param costs budget?

@description('Protect the identities and the records from deletion. Making a lock takes an Owner or User Access Administrator.')
param locked bool = true

var operators = empty(deployerId) ? [] : [{ principalId: deployerId, principalType: deployerType }]

// azd finds what it deployed by this tag.
var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-sluice-${environmentName}'
  location: location
  tags: tags
}

module sluice 'resources.bicep' = {
  name: 'sluice'
  scope: group
  params: {
    name: 'sluice-${environmentName}'
    location: location
    tags: tags
    scaling: scaling
    options: options
    alertEmails: alertEmails
    operators: operators
    callersAllowed: callersAllowed
    privateNetworking: privateNetworking
    zoneRedundant: zoneRedundant
    separateGraphIdentity: separateGraphIdentity
    locked: locked
    costs: costs
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_LOCATION string = location
output SLUICE_APP string = sluice.outputs.appName
output SLUICE_URL string = sluice.outputs.appUrl
output SLUICE_GRAPH_PRINCIPAL string = sluice.outputs.graphPrincipalId
output ServiceBus__fullyQualifiedNamespace string = sluice.outputs.serviceBusHost
output Records__tableServiceUri string = sluice.outputs.recordsEndpoint
output KEY_VAULT_URL string = sluice.outputs.vaultUri
