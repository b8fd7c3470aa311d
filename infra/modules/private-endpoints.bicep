// Everything that Sluice calls in Azure, within the network; on request, Sluice itself too.

type reached = { id: string, host: string }

@description('Last part of the names of the resources.')
param suffix string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags object

@description('The network.')
param networkId string

@description('Subnet that the endpoints get their addresses of.')
param subnetId string

@description('Resource ids of the services.')
param services {
  hostStorage: string
  packageStorage: string
  recordsStorage: string
  vault: string
  serviceBus: string
}

@description('Domain of Service Bus in this cloud.')
param serviceBusDomain string

@description('The app, when it is to be reached through the network alone.')
param app (reached)?

var storageDomain = environment().suffixes.storage
var appDomain = join(skip(split(app.?host ?? '', '.'), max(length(split(app.?host ?? '', '.')) - 2, 0)), '.')

module blobNames 'private-zone.bicep' = {
  name: 'names-blob'
  params: { name: 'privatelink.blob.${storageDomain}', tags: tags, networkId: networkId }
}

module tableNames 'private-zone.bicep' = {
  name: 'names-table'
  params: { name: 'privatelink.table.${storageDomain}', tags: tags, networkId: networkId }
}

module vaultNames 'private-zone.bicep' = {
  name: 'names-vault'
  params: {
    name: replace(environment().suffixes.keyvaultDns, '.vault.', 'privatelink.vaultcore.')
    tags: tags
    networkId: networkId
  }
}

module serviceBusNames 'private-zone.bicep' = {
  name: 'names-servicebus'
  params: { name: 'privatelink.${serviceBusDomain}', tags: tags, networkId: networkId }
}

module appNames 'private-zone.bicep' = if (app != null) {
  name: 'names-app'
  params: { name: 'privatelink.${appDomain}', tags: tags, networkId: networkId }
}

var endpoints = [
  { name: 'host-blob', service: services.hostStorage, part: 'blob' }
  { name: 'host-table', service: services.hostStorage, part: 'table' }
  { name: 'package-blob', service: services.packageStorage, part: 'blob' }
  { name: 'records-table', service: services.recordsStorage, part: 'table' }
  { name: 'vault', service: services.vault, part: 'vault' }
  { name: 'servicebus', service: services.serviceBus, part: 'namespace' }
]

// Beside the list and not in it: what a loop runs over has to be known before the zones are made.
var zones = {
  blob: blobNames.outputs.id
  table: tableNames.outputs.id
  vault: vaultNames.outputs.id
  namespace: serviceBusNames.outputs.id
}

module endpoint 'private-endpoint.bicep' = [
  for each in endpoints: {
    name: 'endpoint-${each.name}'
    params: {
      name: 'pep-${each.name}-${suffix}'
      location: location
      tags: tags
      serviceId: each.service
      part: each.part
      subnetId: subnetId
      zoneId: zones[each.part]
    }
  }
]

module appEndpoint 'private-endpoint.bicep' = if (app != null) {
  name: 'endpoint-app'
  params: {
    name: 'pep-app-${suffix}'
    location: location
    tags: tags
    serviceId: app.?id ?? ''
    part: 'sites'
    subnetId: subnetId
    zoneId: appNames.?outputs.id ?? ''
  }
}
